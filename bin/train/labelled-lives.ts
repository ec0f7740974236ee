import type { MachineType } from '../../core/machine-types/definition.ts';
import { knownTypes } from '../../core/machine-types/known.ts';
import { createRandom } from '../../core/random/random.ts';
import { machineCatalogue } from '../../simulator/catalogue.ts';
import type { GroundTruth, SimulatedMachine, SimulatedSample } from '../../simulator/machine.ts';
import { pumpFaultModes } from '../../simulator/pump/faults.ts';
import { createPumpTraining } from '../../simulator/pump/training.ts';

/** A sample with its label, from whatever source; `values` in the order of the machine type's signals. */
export interface LabelledSample {
  readonly unit: string;
  readonly atMs: number;
  readonly values: readonly number[];
  readonly state: string;
  readonly rulHours: number | null;
  readonly failureMode: string | null;
}

export const machineStates = ['HEALTHY', 'WARNING', 'FAULTY', 'BROKEN'] as const;

export const findMachineType = (name: string): MachineType | undefined => knownTypes.findType(name);

/** Types whose lives the simulator can make up. */
export const isSimulated = (name: string): boolean => machineCatalogue[name] !== undefined;

export interface SimulatedSource {
  readonly machineType: string;
  readonly units: number;
  readonly seed: number;
}

/** Units of one machine type, one after the other, each from sound to its end; pumps live their own lives. */
export function* simulateLives(source: SimulatedSource): Generator<LabelledSample> {
  const type = findMachineType(source.machineType)!;
  const read = createReader(type);
  if (type.name === 'centrifugal-pump') {
    yield* simulatePumps(source, read);
    return;
  }
  for (let unit = 1; unit <= source.units; unit++) yield* simulateFault(type, unit, source.seed, read);
}

/** As many lives of each way to fail: a rare mode must be known as well as a common one. */
function* simulatePumps({ units, seed }: SimulatedSource, read: Reader): Generator<LabelledSample> {
  const modes = pumpFaultModes.length;
  for (const [i, lifeEndsBy] of pumpFaultModes.entries()) {
    const share = Math.floor(units / modes) + Number(i < units % modes);
    if (share === 0) continue;
    const options = { seed, units: share, lifeEndsBy, machineIdPrefix: `PUMP-${seed}-${lifeEndsBy}` };
    for (const { payload, truth } of createPumpTraining(options))
      yield labelOf(payload, read(payload), truth.sampledAtMs);
  }
}

/**
 * A unit is sound for a while and then wears by one mode to its end. Lives differ in length, or age alone would tell the end, and
 * last hours: a fault that shows only while two loads differ needs some rounds of work to show.
 */
const intervalsPerSample = 30;
const samplesPerUnit = { least: 400, most: 1400 } as const;
const onsetShare = { least: 0.3, most: 0.5 } as const;

function* simulateFault(type: MachineType, unit: number, seed: number, read: Reader): Generator<LabelledSample> {
  const entry = machineCatalogue[type.name]!;
  const random = createRandom(`${seed}/${type.name}/${unit}`);
  const intervalMs = entry.defaultIntervalMs * intervalsPerSample;
  const samples = random.integer(samplesPerUnit.least, samplesPerUnit.most);
  const lifeS = (samples * intervalMs) / 1000;
  const onsetS = lifeS * random.uniform(onsetShare.least, onsetShare.most);
  const mode = entry.faultModes[unit % entry.faultModes.length]!;
  const machine: SimulatedMachine = entry.create({
    machineId: `TRAIN-${unit}`,
    seed,
    startMs: Date.UTC(2026, 0, 1),
    intervalMs,
    faults: [{ mode, onsetS, growthS: lifeS - onsetS, severity: 1 }],
  });
  for (let i = 0; i < samples; i++) {
    const { payload, truth } = machine.next();
    const values = read(payload);
    const rulHours = ((samples - i) * intervalMs) / 3_600_000;
    const { machineId: unit, sampledAtMs: atMs } = truth;
    yield { unit, atMs, values, state: stateOf(truth), rulHours, failureMode: mode };
  }
}

/** The pump's own borders between states, for machines whose simulator names only how far a fault has grown. */
const warningLevel = 0.15;
const faultyLevel = 0.5;
/** A sensor that is silent says nothing of the machine: data quality tells of it, the state stays what it was. */
const sensorFault = 'sensor_dropout';

export function stateOf({ state, faults }: GroundTruth): string {
  if (state !== undefined) return state;
  const worst = Math.max(0, ...faults.filter(({ mode }) => mode !== sensorFault).map((fault) => fault.level));
  if (worst >= faultyLevel) return 'FAULTY';
  return worst >= warningLevel ? 'WARNING' : 'HEALTHY';
}

export function labelOf(payload: SimulatedSample['payload'], values: readonly number[], atMs: number): LabelledSample {
  const { unit, state, rul_hours: rul, failure_mode: mode, machine_id: id } = payload;
  return {
    unit: String(unit ?? id),
    atMs,
    values,
    state: String(state),
    rulHours: typeof rul === 'number' ? rul : null,
    failureMode: typeof mode === 'string' ? mode : null,
  };
}

export type Reader = (payload: Readonly<Record<string, unknown>>) => number[];

/** The values of a payload, in the order of the type's signals; NaN where there is none. */
export function createReader(type: MachineType): Reader {
  const paths = type.signals.map((signal) => signal.path.split('.'));
  return (payload) => paths.map((path) => readNumber(payload, path));
}

function readNumber(payload: Readonly<Record<string, unknown>>, path: readonly string[]): number {
  let value: unknown = payload;
  for (const part of path) value = (value as Readonly<Record<string, unknown>> | null | undefined)?.[part];
  return typeof value === 'number' ? value : Number.NaN;
}
