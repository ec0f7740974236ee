import type { Sample } from '../../core/telemetry/sample.ts';
import type { TwinEvent } from '../ports/event-publisher.ts';
import type { FinishedMachineLife } from '../ports/life-library.ts';
import type { RegisteredMachine, Registry } from '../ports/registry.ts';
import type { StreamRecord } from '../ports/shard-state.ts';
import type { LifeShelf } from './life-shelf.ts';
import { isRenewing, keyOf, type LifecycleEvent } from './lifecycle.ts';
import { type MachineTwin, MachineTwins, type SavedMachines, type Told } from './machine-twins.ts';
import type { ModelShelf } from './model-shelf.ts';
import type { Observed } from './present.ts';
import { type Catalogue, type ReadRecord, readRecord } from './read-batch.ts';
import type { ReplayableState } from './shard-memory.ts';
import { countRefused, countSample } from './tally.ts';
import { describeEnds, describeLifecycle, type Telling, type TellOptions, tell } from './tell.ts';
import { forgetUrgency } from './tell-urgency.ts';

/** Why a message goes to quarantine: a code to count and a sentence to read. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

export interface ShardTwinsOptions {
  readonly catalogue: Catalogue;
  readonly registry: Registry;
  readonly tell: TellOptions;
  readonly models: ModelShelf;
  readonly lives: LifeShelf;
}

/** Who hears what the twins say. */
export interface Listener {
  observed(sample: Sample, observed: Observed, telling: Telling): void;
  lifecycle(events: readonly TwinEvent[], lives: readonly FinishedMachineLife[]): void;
}

/** The twins of one shard as a function of its records: the same records, the same state. */
export class ShardTwins implements ReplayableState<SavedMachines> {
  private readonly options: ShardTwinsOptions;
  private readonly machines: MachineTwins;

  constructor(options: ShardTwinsOptions) {
    this.options = options;
    this.machines = new MachineTwins(options.catalogue.findType, (type) => options.lives.experienceOf(type));
  }

  /** What was learned of these machines must be at hand before their samples are taken. */
  async prepare(machines: ReadonlyMap<string, RegisteredMachine>): Promise<void> {
    const { models, lives } = this.options;
    await models.prepare(machines.values(), (machineId) => this.machines.modelVersionOf(machineId));
    await lives.prepare(new Set(Array.from(machines.values(), ({ machineType }) => machineType)));
  }

  /** Asks the machine's twin about each message of a record; gives those that no twin may see. */
  take(read: ReadRecord, machine: RegisteredMachine | undefined, listener: Listener): Refusal[] {
    if (machine === undefined) return read.messages.map(() => refuseUnknown(read.machineId));
    const type = this.options.catalogue.findType(machine.machineType);
    const former = type && this.machines.formerOf(machine.machineId, type);
    if (former !== undefined) listener.lifecycle(endFormer(former, machine, read), []);
    const refusals: Refusal[] = [];
    for (const message of read.messages) {
      const refusal = message.ok ? this.tryMessage(message.value, machine, read, listener) : message.error;
      if (refusal !== null) refusals.push(refusal);
    }
    if (refusals.length > 0 && type !== undefined) {
      countRefused(this.machines.of(machine.machineId, type).tally, refusals.length);
    }
    return refusals;
  }

  async replay(records: readonly StreamRecord[]): Promise<void> {
    const batch = records.map((record) => readRecord(record, this.options.catalogue));
    const machines = await this.options.registry.find(new Set(batch.map((read) => read.machineId)));
    await this.prepare(machines);
    for (const read of batch) this.take(read, machines.get(read.machineId), nobody);
  }

  save(): SavedMachines {
    return this.machines.save();
  }

  restore(saved: SavedMachines): void {
    this.machines.restore(saved);
  }

  /**
   * A fault of the code that one message meets must not stop the shard: a replay throws at it in the same way. What the twin took
   * in before it threw, it keeps.
   */
  private tryMessage(...taken: Parameters<ShardTwins['takeMessage']>): Refusal | null {
    try {
      return this.takeMessage(...taken);
    } catch (error) {
      return refuseThrown(taken[1], error);
    }
  }

  private takeMessage(
    message: Sample | LifecycleEvent,
    machine: RegisteredMachine,
    read: ReadRecord,
    listener: Listener,
  ): Refusal | null {
    const type = this.options.catalogue.findType(machine.machineType);
    if (type === undefined) return refuseUnknownType(machine);
    if (!('event' in message) && message.machineType !== type.name) return refuseType(message, machine);
    const machineTwin = this.machines.of(machine.machineId, type);
    if ('event' in message) {
      if (isToldAgain(message, machineTwin.told)) return null;
      const renewed = renew(message, machine, read, machineTwin);
      noteRepair(message, machineTwin.told);
      listener.lifecycle(renewed.events, renewed.lives);
    } else this.observe(message, machine, read.receivedAtMs, machineTwin, listener);
    return null;
  }

  private observe(
    sample: Sample,
    machine: RegisteredMachine,
    receivedAtMs: number,
    machineTwin: MachineTwin,
    listener: Listener,
  ): void {
    const { type, twin, prognosis, condition, told, tally } = machineTwin;
    const model = this.options.models.find(machine, condition.modelVersion);
    const modelChange = model === undefined ? null : condition.adopt(model);
    const observation = twin.observe(sample, receivedAtMs);
    prognosis.observe(observation, sample.context);
    const isStateNew = condition.observe(observation);
    const isForecastNew = observation.disposition === 'used' && isForecastDue(machineTwin, sample.sampledAtMs);
    if (isForecastNew) machineTwin.forecast = prognosis.forecast(sample.sampledAtMs);
    const { forecast } = machineTwin;
    const { context } = sample;
    countSample(tally, observation);
    const counts = { ...tally.counts };
    const observed: Observed = {
      observation,
      context,
      type,
      machine,
      receivedAtMs,
      forecast,
      isForecastNew,
      counts,
      condition: condition.current,
      isStateNew,
      modelChange,
    };
    listener.observed(sample, observed, tell(observed, told, this.options.tell));
  }
}

/** A remaining life is never older than this, on the machine's own clock. */
const forecastEveryMs = 60_000;

/** A clock that was set back makes the last forecast one of the future: then a new one is due. */
function isForecastDue({ forecast }: MachineTwin, atMs: number): boolean {
  return forecast === null || atMs - forecast.atMs >= forecastEveryMs || atMs < forecast.atMs;
}

/** Nobody else would end the episodes of a machine that is registered as one of another type since. */
function endFormer({ type, twin }: MachineTwin, machine: RegisteredMachine, read: ReadRecord): TwinEvent[] {
  const report = { from: type.name, to: machine.machineType };
  const lifecycle = { event: 'type_changed', component: null, part: null, report };
  const { receivedAtMs: atMs, record } = read;
  return describeEnds({ lifecycle, machine, type, atMs, sequence: record.sequenceNumber, transitions: twin.end() });
}

/** More repairs of one machine than can come between a report and its repetition. */
const mostRepairs = 20;

/** Who reports a work order repeats it when in doubt: a second renewal would forget what was learned since the first. */
function isToldAgain(lifecycle: LifecycleEvent, told: Told): boolean {
  const key = keyOf(lifecycle);
  return key !== null && (told.repairs ?? []).includes(key);
}

/** Once it is done: what the twin threw at comes again when the fault is mended. */
function noteRepair(lifecycle: LifecycleEvent, told: Told): void {
  const key = keyOf(lifecycle);
  if (key !== null) told.repairs = [...(told.repairs ?? []), key].slice(-mostRepairs);
}

function renew(
  lifecycle: LifecycleEvent,
  machine: RegisteredMachine,
  read: ReadRecord,
  machineTwin: MachineTwin,
): { events: TwinEvent[]; lives: FinishedMachineLife[] } {
  const isNew = isRenewing(lifecycle);
  const finished = isNew ? machineTwin.prognosis.renew(lifecycle.component, lifecycle.part) : [];
  const transitions = isNew ? machineTwin.twin.renew(lifecycle.component, lifecycle.part) : [];
  if (isNew) {
    machineTwin.condition.renew();
    machineTwin.forecast = null;
    forgetUrgency(machineTwin.told, lifecycle);
  }
  const { machineId, machineType } = machine;
  const { sequenceNumber: sequence } = read.record;
  const atMs = read.receivedAtMs;
  const lives = finished.map((life, i) => ({ machineType, machineId, endedAtMs: atMs, id: `${sequence}-${i}`, life }));
  return {
    events: describeLifecycle({ lifecycle, machine, type: machineTwin.type, atMs, sequence, transitions }),
    lives,
  };
}

const nobody: Listener = { observed: () => undefined, lifecycle: () => undefined };

const refuseUnknown = (machineId: string): Refusal => ({
  reason: 'unknown_machine',
  message: `machine "${machineId}" is not in the registry; register it, then redrive`,
});

const refuseUnknownType = ({ machineId, machineType }: RegisteredMachine): Refusal => ({
  reason: 'unknown_machine_type',
  message: `machine "${machineId}" is registered as ${machineType}, a type this stage does not know`,
});

const refuseType = (sample: Sample, machine: RegisteredMachine): Refusal => ({
  reason: 'machine_type_mismatch',
  message: `machine "${machine.machineId}" is registered as ${machine.machineType} and sent a sample of ${sample.machineType}`,
});

/** The message of what was thrown, never its stack: who reads it looks for the fault in the code. */
const refuseThrown = ({ machineId }: RegisteredMachine, error: unknown): Refusal => ({
  reason: 'twin_failed',
  message: `the twin of "${machineId}" threw: ${error instanceof Error ? error.message : String(error)}`,
});
