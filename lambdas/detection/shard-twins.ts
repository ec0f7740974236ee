import type { Sample } from '../../core/telemetry/sample.ts';
import type { RegisteredMachine, Registry } from '../ports/registry.ts';
import type { StreamRecord } from '../ports/shard-state.ts';
import { MachineTwins, type SavedMachines } from './machine-twins.ts';
import { type Catalogue, type ReadRecord, readRecord } from './read-batch.ts';
import type { ReplayableState } from './shard-memory.ts';
import { type Observed, type Telling, type TellOptions, tell } from './tell.ts';

/** Why a sample goes to quarantine: a code to count and a sentence to read. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

export interface ShardTwinsOptions {
  readonly catalogue: Catalogue;
  readonly registry: Registry;
  readonly tell: TellOptions;
}

export type OnObserved = (sample: Sample, observed: Observed, telling: Telling) => void;

/** The twins of one shard as a function of its records: the same records, the same state. */
export class ShardTwins implements ReplayableState<SavedMachines> {
  private readonly options: ShardTwinsOptions;
  private readonly machines: MachineTwins;

  constructor(options: ShardTwinsOptions) {
    this.options = options;
    this.machines = new MachineTwins(options.catalogue.findType);
  }

  /** Asks the machine's twin about each sample of a record; gives those that no twin may see. */
  observe(read: ReadRecord, machine: RegisteredMachine | undefined, onObserved: OnObserved): Refusal[] {
    if (machine === undefined) return read.samples.map(() => refuseUnknown(read.machineId));
    const refusals: Refusal[] = [];
    for (const sample of read.samples) {
      if (!sample.ok) refusals.push(sample.error);
      else if (sample.value.machineType !== machine.machineType) refusals.push(refuseType(sample.value, machine));
      else this.observeSample(sample.value, machine, read.receivedAtMs, onObserved);
    }
    return refusals;
  }

  async replay(records: readonly StreamRecord[]): Promise<void> {
    const batch = records.map((record) => readRecord(record, this.options.catalogue));
    const machines = await this.options.registry.find(new Set(batch.map((read) => read.machineId)));
    for (const read of batch) this.observe(read, machines.get(read.machineId), tellNobody);
  }

  save(): SavedMachines {
    return this.machines.save();
  }

  restore(saved: SavedMachines): void {
    this.machines.restore(saved);
  }

  private observeSample(
    sample: Sample,
    machine: RegisteredMachine,
    receivedAtMs: number,
    onObserved: OnObserved,
  ): void {
    const type = this.options.catalogue.findType(sample.machineType)!;
    const { twin, told } = this.machines.of(machine.machineId, type);
    const observation = twin.observe(sample, receivedAtMs);
    const observed: Observed = { observation, type, machine, receivedAtMs };
    onObserved(sample, observed, tell(observed, told, this.options.tell));
  }
}

const tellNobody: OnObserved = () => undefined;

const refuseUnknown = (machineId: string): Refusal => ({
  reason: 'unknown_machine',
  message: `machine "${machineId}" is not in the registry; register it, then redrive`,
});

const refuseType = (sample: Sample, machine: RegisteredMachine): Refusal => ({
  reason: 'machine_type_mismatch',
  message: `machine "${machine.machineId}" is registered as ${machine.machineType} and sent a sample of ${sample.machineType}`,
});
