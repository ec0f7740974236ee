/**
 * A centrifugal pump that ages, breaks down and is repaired. Production telemetry carries no labels: the truth is beside it.
 * With `training` each sample also carries state, failure mode, remaining life and unit, on channel `training_data`.
 */
import { createRandom, type Random } from '../../core/random/random.ts';
import type { GroundTruth, MachineOptions, SimulatedMachine, SimulatedSample } from '../machine.ts';
import { createTimestampFormatter } from '../timestamp.ts';
import {
  checkFaultPlans,
  componentOf,
  createFaultLevels,
  type PumpFaultMode,
  pumpFaultModes,
  setPlannedLevels,
} from './faults.ts';
import {
  beginLife,
  damageAt,
  defaultRepairS,
  type Life,
  type Lifecycle,
  remainingHoursAt,
  stateOfDamage,
  typicalLifeS,
} from './life.ts';
import { type Circumstances, Plant } from './plant.ts';
import { readSensors } from './sensors.ts';

export { pumpFaultModes };

export interface PumpOptions extends MachineOptions {
  /** Default `none`: nothing fails but what the plans ask for. */
  readonly lifecycle?: Lifecycle;
  readonly training?: boolean;
  /** From breakdown to the next life. */
  readonly repairS?: number;
  /** Every life ends this way instead of the one drawn. */
  readonly lifeEndsBy?: PumpFaultMode;
}

/** Told on channel `lifecycle`: what a maintenance system would report, as plain JSON. */
interface LifecycleEvent {
  readonly timestamp: string;
  readonly machine_id: string;
  readonly machine_type: 'centrifugal-pump';
  readonly event: 'breakdown' | 'maintenance_done';
  readonly runtime_hours: number;
  /** What the mechanic found. */
  readonly failure_mode: PumpFaultMode;
  readonly component: string;
}

export interface PumpMachine extends SimulatedMachine {
  /** The events of the samples since the last call, in order. */
  takeLifecycleEvents(): readonly LifecycleEvent[];
}

export function createPumpMachine(options: PumpOptions): PumpMachine {
  checkFaultPlans(options.faults);
  return new Pump(options);
}

type FaultList = GroundTruth['faults'];
const noFaults: FaultList = Object.freeze([]);
/** A used machine's hour counter, which no repair resets. */
const longestHistoryHours = 4000;
const msPerHour = 3_600_000;

class Pump implements PumpMachine {
  readonly machineId: string;
  readonly machineType = 'centrifugal-pump';
  readonly channel: SimulatedMachine['channel'];
  readonly intervalMs: number;
  private readonly options: PumpOptions;
  private readonly typicalS: number;
  private readonly repairS: number;
  private readonly lifeRandom: Random;
  private readonly noise: Random;
  private readonly plant: Plant;
  private readonly formatTimestamp = createTimestampFormatter();
  private readonly levels = createFaultLevels();
  private readonly circumstances: Circumstances = { levels: this.levels, ringWear: 0, running: true };
  private faults = noFaults;
  private life: Life | undefined;
  private brokenTold = false;
  private runtimeHours: number;
  private sequence = 0;
  private events: LifecycleEvent[] = [];

  constructor(options: PumpOptions) {
    const { machineId, seed, startMs, intervalMs, lifecycle = 'none' } = options;
    const random = createRandom(`pump/${machineId}/${seed}`);
    this.options = options;
    this.machineId = machineId;
    this.intervalMs = intervalMs;
    this.channel = options.training ? 'training_data' : 'telemetry';
    this.typicalS = typicalLifeS[lifecycle];
    this.repairS = options.repairS ?? defaultRepairS(lifecycle);
    this.lifeRandom = random.fork('life');
    this.noise = random.fork('noise');
    this.runtimeHours = random.fork('history').uniform(0, longestHistoryHours);
    this.plant = new Plant({
      random: random.fork('demand'),
      startMs,
      intervalS: intervalMs / 1000,
      typicalLifeS: this.typicalS,
    });
    if (lifecycle !== 'none') this.life = this.nextLife(1, 0);
  }

  next(): SimulatedSample {
    const { sequence } = this;
    const sampledAtMs = this.options.startMs + sequence * this.intervalMs;
    const damage = this.age((sequence * this.intervalMs) / 1000);
    const { running } = this.circumstances;
    this.plant.step(sampledAtMs, this.circumstances);
    if (running && sequence > 0) this.runtimeHours += this.intervalMs / msPerHour;
    const payload: Record<string, unknown> = readSensors(this.plant, this.levels, this.noise, {
      timestamp: this.formatTimestamp(sampledAtMs),
      machineId: this.machineId,
      sequence,
      runtimeHours: this.runtimeHours,
      running,
    });
    const truth = this.tellTruth(sampledAtMs, damage);
    if (this.options.training) this.label(payload, truth);
    this.sequence++;
    return { payload, truth };
  }

  takeLifecycleEvents(): readonly LifecycleEvent[] {
    const { events } = this;
    if (events.length > 0) this.events = [];
    return events;
  }

  private nextLife(number: number, startS: number): Life {
    const { lifeRandom, typicalS, options } = this;
    return beginLife(lifeRandom, { number, startS, typicalS, mode: options.lifeEndsBy });
  }

  /** Sets levels and circumstances for this moment; the damage of the present life, or 0 without lifecycle. */
  private age(elapsedS: number): number {
    const { levels, circumstances } = this;
    if (this.options.faults.length > 0 || this.life !== undefined) {
      setPlannedLevels(this.options.faults, elapsedS, levels);
    }
    if (this.life === undefined) return 0;
    this.repairUntil(elapsedS);
    const life = this.life;
    const damage = damageAt(life, elapsedS);
    levels[life.mode] = Math.max(levels[life.mode], damage);
    circumstances.ringWear = Math.min(1, (elapsedS - life.startS) / this.typicalS);
    circumstances.running = damage < 1;
    if (damage >= 1 && !this.brokenTold) this.tell('breakdown', life, life.startS + life.lengthS);
    return damage;
  }

  /** Several lives may pass between two samples that are far apart; each is told. */
  private repairUntil(elapsedS: number): void {
    for (;;) {
      const life = this.life!;
      const brokenS = life.startS + life.lengthS;
      const repairedS = brokenS + this.repairS;
      if (elapsedS < repairedS) return;
      if (!this.brokenTold) this.tell('breakdown', life, brokenS);
      this.tell('maintenance_done', life, repairedS);
      this.life = this.nextLife(life.number + 1, repairedS);
    }
  }

  private tell(event: LifecycleEvent['event'], life: Life, atS: number): void {
    this.brokenTold = event === 'breakdown';
    this.events.push({
      timestamp: new Date(this.options.startMs + Math.round(atS * 1000)).toISOString(),
      machine_id: this.machineId,
      machine_type: 'centrifugal-pump',
      event,
      runtime_hours: Math.round(this.runtimeHours * 1e4) / 1e4,
      failure_mode: life.mode,
      component: componentOf[life.mode],
    });
  }

  private tellTruth(sampledAtMs: number, damage: number): GroundTruth {
    const { machineId, machineType, sequence, life } = this;
    const faults = this.listFaults();
    let worst = 0;
    for (const { level } of faults) if (level > worst) worst = level;
    const state = damage >= 1 ? 'BROKEN' : runningState(worst);
    if (life === undefined) return { machineId, machineType, sampledAtMs, sequence, faults, state };
    const remainingLifeHours = remainingHoursAt(life, (sequence * this.intervalMs) / 1000);
    return { machineId, machineType, sampledAtMs, sequence, faults, state, remainingLifeHours };
  }

  /** A list that still holds is handed out again. */
  private listFaults(): FaultList {
    const { levels } = this;
    let active = 0;
    for (const mode of pumpFaultModes) if (levels[mode] > 0) active++;
    if (active === 0) return noFaults;
    if (active === this.faults.length && this.faults.every((f) => f.level === levels[f.mode as PumpFaultMode])) {
      return this.faults;
    }
    const modes = pumpFaultModes.filter((mode) => levels[mode] > 0);
    this.faults = modes.map((mode) => ({ mode, component: componentOf[mode], level: levels[mode] }));
    return this.faults;
  }

  private label(payload: Record<string, unknown>, { faults, state, remainingLifeHours }: GroundTruth): void {
    payload.state = state;
    payload.failure_mode = state === 'HEALTHY' ? null : findWorst(faults).mode;
    payload.rul_hours = remainingLifeHours ?? null;
    payload.unit = `${this.machineId}/${this.life?.number ?? 1}`;
  }
}

const findWorst = (faults: FaultList): FaultList[number] =>
  faults.reduce((worst, fault) => (fault.level > worst.level ? fault : worst));

/** Only a life's end breaks the pump: a planned fault is there to be watched at the severity asked for. */
function runningState(level: number): string {
  const state = stateOfDamage(level);
  return state === 'BROKEN' ? 'FAULTY' : state;
}
