/**
 * A machine known only by its sensors and their bounds. One hidden load factor moves all of them, each with its own lag and
 * noise, so that healthy signals are correlated: value = min + (max − min)·(0.1 + 0.8·load lagged) + noise, within the bounds.
 * Faults: overheating lifts temperatures past their upper bound, vibration_growth does so with vibration, and
 * correlation_break leaves one sensor inside its bounds but following a load of its own, which no single limit can see.
 * Every figure below is an assumption of this simulator: there is no real machine behind it.
 */
import { createRandom, type Random } from '../../core/random/random.ts';
import {
  type FaultPlan,
  faultLevelAt,
  type GroundTruth,
  type MachineOptions,
  type SimulatedMachine,
} from '../machine.ts';
import { createTimestampFormatter } from '../timestamp.ts';
import type { SensorBounds } from './config.ts';

export const genericFaultModes = ['correlation_break', 'overheating', 'vibration_growth'] as const;

/** A machine of this kind when no config names its sensors. */
export const defaultSensors: Readonly<Record<string, SensorBounds>> = {
  temperature: { min: 20, max: 85 },
  vibration: { min: 0.2, max: 4.5 },
  rpm: { min: 600, max: 3000 },
};

export interface GenericMachineOptions extends MachineOptions {
  readonly sensors?: Readonly<Record<string, SensorBounds>>;
}

/** Work changes every ten minutes on average, and the machine takes half a minute to follow. */
const meanHoldS = 600;
const loadLagS = 30;

interface Sensor {
  readonly name: string;
  readonly bounds: SensorBounds;
  readonly lagS: number;
  /** As a share of the range. */
  readonly noise: number;
  readonly random: Random;
  readonly scale: number;
  readonly plans: readonly FaultPlan[];
  position: number;
}

export function createGenericMachine(options: GenericMachineOptions): SimulatedMachine {
  const { machineId, startMs, intervalMs, faults } = options;
  const root = createRandom(`${options.seed}/generic/${machineId}`);
  const stepS = intervalMs / 1000;
  const load = createLoad(root.fork('load'), stepS);
  const otherLoad = createLoad(root.fork('other load'), stepS);
  const sensors = createSensors(options, root);
  const formatTimestamp = createTimestampFormatter();
  let sequence = 0;
  const next: SimulatedMachine['next'] = () => {
    const elapsedS = sequence * stepS;
    const sampledAtMs = startMs + sequence * intervalMs;
    const common = load();
    const own = otherLoad();
    const values: Record<string, number> = {};
    for (const sensor of sensors) values[sensor.name] = readSensor(sensor, { common, own, elapsedS, stepS });
    const payload = {
      timestamp: formatTimestamp(sampledAtMs),
      machine_id: machineId,
      sensors: values,
      machine_type: 'generic',
      sequence,
    };
    const truth: GroundTruth = {
      machineId,
      machineType: 'generic',
      sampledAtMs,
      sequence,
      faults: begun(faults, elapsedS),
    };
    sequence++;
    return { payload, truth };
  };
  return { machineId, machineType: 'generic', channel: 'telemetry', intervalMs, next };
}

/** The load from 0 to 1: it holds a level for a while, then moves to another. */
function createLoad(random: Random, stepS: number): () => number {
  const follow = 1 - Math.exp(-stepS / loadLagS);
  let target = random.uniform(0.2, 0.95);
  let load = target;
  let holdS = -meanHoldS * Math.log(1 - random.next());
  return () => {
    holdS -= stepS;
    if (holdS <= 0) {
      target = random.uniform(0.2, 0.95);
      holdS = -meanHoldS * Math.log(1 - random.next());
    }
    load += (target - load) * follow;
    return load;
  };
}

const isTemperature = (name: string): boolean => /temp|heat/i.test(name);
const isVibration = (name: string): boolean => /vib/i.test(name);

function createSensors(options: GenericMachineOptions, root: Random): Sensor[] {
  const sensors = options.sensors ?? defaultSensors;
  const names = Object.keys(sensors);
  const targets = options.faults.map((plan) => ({ plan, sensor: chooseSensor(plan, names, options.machineId) }));
  return names.map((name) => {
    const bounds = sensors[name]!;
    return {
      name,
      bounds,
      lagS: isTemperature(name) ? 240 : 3,
      noise: isVibration(name) ? 0.025 : 0.012,
      random: root.fork(name),
      // Four digits of the range: what a sensor of ordinary quality resolves.
      scale: 10 ** Math.max(0, Math.ceil(4 - Math.log10(bounds.max - bounds.min))),
      plans: targets.filter((target) => target.sensor === name).map((target) => target.plan),
      position: Number.NaN,
    };
  });
}

/** The sensor a fault shows at: the named one, else the first of the fitting kind; a broken correlation needs two sensors. */
function chooseSensor(plan: FaultPlan, names: readonly string[], machineId: string): string {
  const fits = { overheating: isTemperature, vibration_growth: isVibration }[plan.mode] ?? (() => names.length > 1);
  const candidates = names.filter((name) => fits(name));
  if (candidates.length === 0) {
    throw new Error(`fault ${plan.mode}: ${machineId} has no sensor for it, only ${names.join(', ')}`);
  }
  const chosen = plan.component ?? (plan.mode === 'correlation_break' ? candidates.at(-1)! : candidates[0]!);
  if (candidates.includes(chosen)) return chosen;
  throw new Error(`fault ${plan.mode}: got sensor "${chosen}" of ${machineId}, allowed are ${candidates.join(', ')}`);
}

interface Moment {
  readonly common: number;
  readonly own: number;
  readonly elapsedS: number;
  readonly stepS: number;
}

function readSensor(sensor: Sensor, { common, own, elapsedS, stepS }: Moment): number {
  const { min, max } = sensor.bounds;
  let followed = common;
  let lift = 0;
  for (const plan of sensor.plans) {
    const level = faultLevelAt(plan, elapsedS);
    if (plan.mode === 'correlation_break') followed += (own - followed) * level;
    else lift += level * (plan.mode === 'overheating' ? 0.6 : 0.5 + 0.5 * common);
  }
  const settled = Number.isNaN(sensor.position) ? followed : sensor.position;
  sensor.position = settled + (followed - settled) * (1 - Math.exp(-stepS / sensor.lagS));
  const healthy = 0.1 + 0.8 * sensor.position + sensor.random.normal(0, sensor.noise);
  const share = Math.min(1, Math.max(0, healthy)) + lift;
  return Math.round((min + (max - min) * share) * sensor.scale) / sensor.scale;
}

function begun(faults: readonly FaultPlan[], elapsedS: number): GroundTruth['faults'] {
  const active = [];
  for (const plan of faults) {
    const level = faultLevelAt(plan, elapsedS);
    if (level > 0) active.push({ mode: plan.mode, component: 'machine', level });
  }
  return active;
}
