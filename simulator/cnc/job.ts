import { readFileSync } from 'node:fs';
import type { MachineKinematics, MotionExecutor, Point } from './motion/motion.ts';
import type { StockBlock } from './stock.ts';

/** A vertical machining centre with 760 × 450 × 500 mm of travel (assumption; figures of that class). */
export const millKinematics: MachineKinematics = {
  rapidMmPerMin: { x: 30_000, y: 30_000, z: 24_000 },
  accelerationMmPerS2: { x: 4000, y: 4000, z: 3000 },
  maxFeedMmPerMin: 15_000,
  maxSpindleRpm: 12_000,
  toolChangeS: 5,
  junctionDeviationMm: 0.02,
  arcToleranceMm: 0.01,
};

/** Where G54 lies on the table, in machine coordinates. */
export const workZero: Point = { x: -420, y: -240, z: -380 };

/** A blank in work coordinates. */
export type Blank = StockBlock;

export interface Job {
  /** The program is `simulator/programs/<name>.nc`. */
  readonly name: string;
  readonly materialName: string;
  readonly blank: Blank;
}

export const cncJobs: readonly Job[] = [
  {
    name: 'face-and-pocket',
    materialName: 'wrought_aluminium',
    blank: { xMinMm: 0, yMinMm: 0, xMaxMm: 160, yMaxMm: 100, bottomMm: -30, topMm: 1, cellMm: 1 },
  },
  {
    name: 'drilling-pattern',
    materialName: 'medium_carbon_steel',
    blank: { xMinMm: 0, yMinMm: 0, xMaxMm: 200, yMaxMm: 150, bottomMm: -20, topMm: 0, cellMm: 1 },
  },
  {
    name: 'contour-3d',
    materialName: 'low_carbon_steel',
    blank: { xMinMm: -45, yMinMm: -45, xMaxMm: 45, yMaxMm: 45, bottomMm: -40, topMm: 0, cellMm: 1 },
  },
];

export const readJobProgram = (job: Job): string =>
  readFileSync(new URL(`../programs/${job.name}.nc`, import.meta.url), 'utf8');

/** The shop's own job of this very program, which knows its blank and material. */
export const findJob = (programText: string): Job | undefined =>
  cncJobs.find((job) => readJobProgram(job).trim() === programText.trim());

/** What a program nobody described is cut from. */
export const defaultMaterialName = 'wrought_aluminium';
/** Cells of a blank: enough for a 6 mm tool on a hand-sized part, few enough for a thousand machines in one process. */
const mostCells = 40_000;
const floorMm = 5;
const longestCycleS = 3600;

export function placeBlank(blank: Blank): StockBlock {
  return {
    xMinMm: blank.xMinMm + workZero.x,
    xMaxMm: blank.xMaxMm + workZero.x,
    yMinMm: blank.yMinMm + workZero.y,
    yMaxMm: blank.yMaxMm + workZero.y,
    bottomMm: blank.bottomMm + workZero.z,
    topMm: blank.topMm + workZero.z,
    cellMm: blank.cellMm,
  };
}

/** A blank for a program that came without one: what its feed moves enclose below the work zero. */
export function outlineBlank(executor: MotionExecutor): StockBlock {
  const low = { x: Number.POSITIVE_INFINITY, y: Number.POSITIVE_INFINITY, z: workZero.z };
  const high = { x: Number.NEGATIVE_INFINITY, y: Number.NEGATIVE_INFINITY };
  for (let elapsedS = 0; elapsedS < longestCycleS; elapsedS++) {
    const { state, path } = executor.advance(1);
    for (const { from, to, kind } of path) {
      if (kind === 'rapid' || Math.min(from.z, to.z) >= workZero.z) continue;
      low.x = Math.min(low.x, from.x, to.x);
      low.y = Math.min(low.y, from.y, to.y);
      low.z = Math.min(low.z, from.z, to.z);
      high.x = Math.max(high.x, from.x, to.x);
      high.y = Math.max(high.y, from.y, to.y);
    }
    if (state.partCount > 0 || state.alarm !== null) break;
  }
  const isEmpty = !(high.x > low.x && high.y > low.y);
  const [xMinMm, xMaxMm] = isEmpty ? [workZero.x, workZero.x + 100] : [low.x, high.x];
  const [yMinMm, yMaxMm] = isEmpty ? [workZero.y, workZero.y + 100] : [low.y, high.y];
  const cellMm = Math.max(1, Math.sqrt(((xMaxMm - xMinMm) * (yMaxMm - yMinMm)) / mostCells));
  return { xMinMm, xMaxMm, yMinMm, yMaxMm, bottomMm: low.z - floorMm, topMm: workZero.z, cellMm };
}
