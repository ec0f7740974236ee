import { readFileSync } from 'node:fs';
import { parseProgram, readProgram } from '../../../../core/gcode/parser.ts';
import { createMotionExecutor, type ResumableExecutor } from '../../../../simulator/cnc/motion/executor.ts';
import type { MachineKinematics, PathPiece, Point } from '../../../../simulator/cnc/motion/motion.ts';
import type { MotionExecutorOptions } from '../../../../simulator/cnc/motion/setup.ts';

/** Every axis with limits of its own, so that a mix-up of axes shows in the times. */
export const kinematics: MachineKinematics = {
  rapidMmPerMin: { x: 30_000, y: 30_000, z: 15_000 },
  accelerationMmPerS2: { x: 4000, y: 2000, z: 1000 },
  maxFeedMmPerMin: 20_000,
  maxSpindleRpm: 12_000,
  toolChangeS: 5,
  junctionDeviationMm: 0.01,
  arcToleranceMm: 0.01,
};

export const tools = [
  { number: 1, diameterMm: 10, lengthMm: 120, cornerRadiusMm: 0, teeth: 4 },
  { number: 2, diameterMm: 8, lengthMm: 90, cornerRadiusMm: 0, teeth: 2 },
];

export type Options = Partial<MotionExecutorOptions>;

export function readFixture(name: string): string {
  return readFileSync(new URL(`../../../fixtures/gcode/${name}.nc`, import.meta.url), 'utf8');
}

export function loadFixture(name: string, options: Options = {}): ResumableExecutor {
  const parsed = parseProgram(readFixture(name));
  if (!parsed.ok) throw new Error(parsed.error.map((problem) => problem.message).join('\n'));
  return createMotionExecutor({
    programs: [parsed.value],
    mainProgram: parsed.value.name,
    kinematics,
    tools,
    ...options,
  });
}

/** A program without a number of its own is called `program`; wrong blocks stay in it, as on a control. */
export function loadText(text: string, options: Options = {}): ResumableExecutor {
  const program = readProgram(text);
  return createMotionExecutor({ programs: [program], mainProgram: program.name, kinematics, tools, ...options });
}

export function runToEnd(executor: ResumableExecutor, stepS = 3600) {
  const path: PathPiece[] = [];
  let state = executor.advance(0).state;
  for (let i = 0; i < 10_000; i++) {
    const step = executor.advance(stepS);
    for (const piece of step.path) path.push(piece);
    state = step.state;
    if (state.partCount > 0 || state.alarm !== null) break;
  }
  return { state, path };
}

export function boundPath(path: readonly PathPiece[]) {
  const points = path.flatMap((piece) => [piece.from, piece.to]);
  const pick = (choose: (...values: number[]) => number): Point => ({
    x: choose(...points.map((p) => p.x)),
    y: choose(...points.map((p) => p.y)),
    z: choose(...points.map((p) => p.z)),
  });
  return { min: pick(Math.min), max: pick(Math.max) };
}
