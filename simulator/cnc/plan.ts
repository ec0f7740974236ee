/**
 * What CAM promises for each moment of a cycle: removal and spindle power of the block then running, on nominal stock with a
 * sharp tool. The program is run once, in short steps, on a nominal blank; where a block is in the work, its mean there
 * stands for all of it, so the plan knows air from material but not the entries and corners within a block.
 */
import { Cutter } from './cutter.ts';
import { computeCut } from './cutting.ts';
import type { Material } from './material.ts';
import type { MotionExecutor } from './motion/motion.ts';
import { idlePowerKw, spindleDefaults } from './spindle.ts';
import { Stock, type StockBlock } from './stock.ts';
import type { Tool } from './tool.ts';

const stepS = 0.1;
/** A program that does not end by then is planned as far as that. */
const longestCycleS = 3600;

export class CuttingPlan {
  /** Sums from the start of the cycle, one per step. */
  private readonly volumeMm3: Float64Array;
  private readonly energyKj: Float64Array;
  /** What the spindle turns to warmth, on the mean over the cycle. */
  readonly meanLossKw: number;

  constructor(steps: readonly PlannedStep[]) {
    this.volumeMm3 = sumByBlock(steps, (step) => step.volumeMm3);
    this.energyKj = sumByBlock(steps, (step) => step.energyKj);
    const cutKw = this.powerKw(0, steps.length * stepS);
    const idleKw = steps.reduce((sum, step) => sum + idlePowerKw(step.spindleRpm), 0) / Math.max(1, steps.length);
    this.meanLossKw = idleKw + cutKw * (1 - spindleDefaults.efficiency);
  }

  removalCm3PerMin(fromS: number, toS: number): number {
    return (this.between(this.volumeMm3, fromS, toS) * 60) / 1e3;
  }

  powerKw(fromS: number, toS: number): number {
    return this.between(this.energyKj, fromS, toS);
  }

  /** Mean growth per second. */
  private between(sums: Float64Array, fromS: number, toS: number): number {
    return toS > fromS ? (interpolate(sums, toS) - interpolate(sums, fromS)) / (toS - fromS) : 0;
  }
}

function interpolate(sums: Float64Array, atS: number): number {
  const position = Math.min(sums.length - 1, Math.max(0, atS / stepS));
  const index = Math.min(sums.length - 2, Math.floor(position));
  if (index < 0) return 0;
  return sums[index]! + (sums[index + 1]! - sums[index]!) * (position - index);
}

export interface PlanInput {
  readonly executor: MotionExecutor;
  readonly block: StockBlock;
  readonly material: Material;
  readonly findTool: (toolNumber: number) => Tool | undefined;
}

interface PlannedStep {
  readonly block: string;
  readonly cuts: boolean;
  readonly volumeMm3: number;
  readonly energyKj: number;
  readonly spindleRpm: number;
}

export function planCutting({ executor, block, material, findTool }: PlanInput): CuttingPlan {
  const cutter = new Cutter(new Stock(block));
  const steps: PlannedStep[] = [];
  let spindleRpm = 0;
  while (steps.length * stepS < longestCycleS) {
    const { state, path } = executor.advance(stepS);
    if (state.alarm !== null) break;
    const tool = findTool(state.toolNumber);
    const workingRpm = Math.max(spindleRpm, Math.abs(state.spindleRpm));
    spindleRpm = Math.abs(state.spindleRpm);
    const volumeMm3 = tool === undefined ? 0 : cutter.run(path, tool).volumeMm3;
    const energyKj =
      tool === undefined
        ? 0
        : computeCut(cutter.engagement, { tool, material, spindleRpm: workingRpm, wearPercent: 0 }).energyKj;
    steps.push({
      block: `${state.program} ${state.block}`,
      cuts: volumeMm3 > 0,
      volumeMm3,
      energyKj: energyKj / spindleDefaults.efficiency,
      spindleRpm,
    });
    if (state.partCount > 0) break;
  }
  return new CuttingPlan(steps);
}

/** Running sums in which every step of a block's cutting has the block's mean. */
function sumByBlock(steps: readonly PlannedStep[], amountOf: (step: PlannedStep) => number): Float64Array {
  const sums = new Float64Array(steps.length + 1);
  let first = 0;
  while (first < steps.length) {
    const last = lastOfBlock(steps, first);
    let total = 0;
    for (let i = first; i <= last; i++) total += amountOf(steps[i]!);
    for (let i = first; i <= last; i++) sums[i + 1] = sums[i]! + total / (last - first + 1);
    first = last + 1;
  }
  return sums;
}

function lastOfBlock(steps: readonly PlannedStep[], first: number): number {
  const { block, cuts } = steps[first]!;
  let last = first;
  while (last + 1 < steps.length && steps[last + 1]!.block === block && steps[last + 1]!.cuts === cuts) last++;
  return last;
}
