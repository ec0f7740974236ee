/**
 * Whole lives for training, one unit after the other, as fast as they are read: each unit runs to its breakdown and ends with
 * samples of the broken pump. `balanced` keeps as many samples of each state as the running state with the fewest has, spread
 * evenly over it, so that a learner does not see fifty healthy samples for each faulty one.
 */
import type { SimulatedSample } from '../machine.ts';
import type { PumpFaultMode } from './faults.ts';
import { pumpStates, typicalLifeS } from './life.ts';
import { createPumpMachine, type PumpOptions } from './machine.ts';

export interface TrainingOptions {
  readonly seed: number;
  readonly units: number;
  readonly balanced?: boolean;
  /** Default `nominal`. */
  readonly lifecycle?: 'nominal' | 'accelerated' | 'stress';
  /** Default: a thousandth of a typical life. */
  readonly intervalMs?: number;
  readonly startMs?: number;
  /** Every unit ends this way instead of the one drawn. */
  readonly lifeEndsBy?: PumpFaultMode;
  /** Named `<prefix>-0001` and on. */
  readonly machineIdPrefix?: string;
}

/** A data set needs a date, not today's: 2026-01-01. */
const defaultStartMs = Date.UTC(2026, 0, 1);
/** The broken pump's samples at the end of a life, unbalanced. */
const brokenSamples = 20;
/** So that a repair never hides the broken pump. */
const noRepairS = Number.POSITIVE_INFINITY;

export function* createPumpTraining(options: TrainingOptions): Generator<SimulatedSample, void, undefined> {
  if (!Number.isSafeInteger(options.units) || options.units < 1) {
    throw new RangeError(`units: got ${options.units}, allowed is a whole number from 1`);
  }
  for (let unit = 1; unit <= options.units; unit++) {
    const machine = unitOptions(options, unit);
    yield* options.balanced ? balancedLife(machine) : wholeLife(machine);
  }
}

function unitOptions(options: TrainingOptions, unit: number): PumpOptions {
  const lifecycle = options.lifecycle ?? 'nominal';
  return {
    machineId: `${options.machineIdPrefix ?? 'PUMP-TRAIN'}-${String(unit).padStart(4, '0')}`,
    seed: options.seed,
    startMs: options.startMs ?? defaultStartMs,
    intervalMs: options.intervalMs ?? typicalLifeS[lifecycle],
    faults: [],
    lifecycle,
    training: true,
    repairS: noRepairS,
    ...(options.lifeEndsBy && { lifeEndsBy: options.lifeEndsBy }),
  };
}

function* wholeLife(options: PumpOptions, brokenCount = brokenSamples): Generator<SimulatedSample, void, undefined> {
  const machine = createPumpMachine(options);
  let broken = 0;
  for (;;) {
    const sample = machine.next();
    if (sample.truth.state === 'BROKEN' && ++broken > brokenCount) return;
    yield sample;
  }
}

/** Runs the life twice, first to count: cheaper than holding it. A life too short to show every state yields nothing. */
function* balancedLife(options: PumpOptions): Generator<SimulatedSample, void, undefined> {
  const counts = new Map(pumpStates.map((state) => [state as string, 0]));
  for (const { truth } of wholeLife(options, 0)) counts.set(truth.state!, counts.get(truth.state!)! + 1);
  counts.delete('BROKEN');
  const fewest = Math.min(...counts.values());
  counts.set('BROKEN', fewest);
  const seen = new Map<string, number>();
  for (const sample of wholeLife(options, fewest)) {
    const state = sample.truth.state!;
    const index = seen.get(state) ?? 0;
    const count = counts.get(state)!;
    seen.set(state, index + 1);
    if (Math.floor(((index + 1) * fewest) / count) > Math.floor((index * fewest) / count)) yield sample;
  }
}
