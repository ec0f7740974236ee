/**
 * A machine whose samples meet chaos on their way out. What comes out is ordered by `publishAtMs`: a sample is given out once no
 * later sample can overtake it, so late and held samples appear where they arrive. The truth beside a delivery says which chaos
 * it met; the payload never does.
 */
import { builtinMachineTypes } from '../../core/machine-types/builtin.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import { createRandom } from '../../core/random/random.ts';
import type { GroundTruth, SimulatedMachine } from '../machine.ts';
import { type AppliedChaos, createEffect, type Draft, type Effect } from './effects.ts';
import { type ChaosKind, type ChaosPlan, chaosKinds } from './plan.ts';

interface ChaosTruth extends GroundTruth {
  readonly chaos: readonly AppliedChaos[];
}

export interface Delivery {
  readonly kind: 'sample' | 'duplicate';
  readonly payload: Readonly<Record<string, unknown>>;
  readonly truth: ChaosTruth;
  readonly publishAtMs: number;
}

/** An instruction to the sink: cut the connection now, for this long. */
interface Disconnect {
  readonly kind: 'disconnect';
  readonly publishAtMs: number;
  readonly durationMs: number;
}

export type ChaosEvent = Delivery | Disconnect;

/** Once the events have ended: deliveries = sampled + duplicates. */
interface ChaosCounts {
  readonly sampled: number;
  readonly deliveries: number;
  readonly applied: Readonly<Record<ChaosKind, number>>;
}

export interface ChaosMachine extends Iterable<ChaosEvent> {
  readonly machineId: string;
  readonly machineType: string;
  readonly channel: SimulatedMachine['channel'];
  readonly intervalMs: number;
  /** Undefined once `sampleLimit` samples were taken and all their deliveries given out. */
  next(): ChaosEvent | undefined;
  counts(): ChaosCounts;
}

export interface ChaosOptions {
  /** Samples to take from the machine; without it the events never end. */
  readonly sampleLimit?: number;
  /** For a plant's own machine types; default: the built-in ones. */
  readonly findType?: (name: string) => MachineType | undefined;
}

const findBuiltin = (name: string): MachineType | undefined => builtinMachineTypes.find((type) => type.name === name);

export function applyChaos(
  machine: SimulatedMachine,
  plan: ChaosPlan,
  seed: number,
  { sampleLimit = Number.POSITIVE_INFINITY, findType = findBuiltin }: ChaosOptions = {},
): ChaosMachine {
  const type = findType(machine.machineType);
  if (type === undefined) throw new RangeError(`chaos: machine type "${machine.machineType}" is not known`);
  return new Wrapper(machine, createEffects(machine, type, plan, seed), sampleLimit);
}

/** In the order of the kinds, whatever the order of the specs: a stuck sensor beats a heatwave. */
function createEffects(machine: SimulatedMachine, type: MachineType, plan: ChaosPlan, seed: number): Effect[] {
  const random = createRandom(`chaos/${machine.machineId}/${seed}`);
  const order = (kind: ChaosKind): number => chaosKinds.indexOf(kind);
  return plan.specs
    .map((spec, i) => ({ spec, type, random: random.fork(`${i}/${spec.kind}`), intervalMs: machine.intervalMs }))
    .sort((a, b) => order(a.spec.kind) - order(b.spec.kind))
    .map(createEffect);
}

class Wrapper implements ChaosMachine {
  readonly machineId: string;
  readonly machineType: string;
  readonly channel: SimulatedMachine['channel'];
  readonly intervalMs: number;
  private readonly machine: SimulatedMachine;
  private readonly effects: readonly Effect[];
  private readonly sampleLimit: number;
  private readonly waiting: ChaosEvent[] = [];
  private readonly applied = Object.fromEntries(chaosKinds.map((kind) => [kind, 0])) as Record<ChaosKind, number>;
  private startMs = Number.NaN;
  /** No sample still to be taken is published before this. */
  private reachedMs = Number.NEGATIVE_INFINITY;
  private sampled = 0;
  private deliveries = 0;

  constructor(machine: SimulatedMachine, effects: readonly Effect[], sampleLimit: number) {
    this.machineId = machine.machineId;
    this.machineType = machine.machineType;
    this.channel = machine.channel;
    this.intervalMs = machine.intervalMs;
    this.machine = machine;
    this.effects = effects;
    this.sampleLimit = sampleLimit;
  }

  next(): ChaosEvent | undefined {
    while (this.sampled < this.sampleLimit && !(this.waiting[0] && this.waiting[0].publishAtMs <= this.reachedMs)) {
      this.takeSample();
    }
    const event = this.waiting.shift();
    if (event !== undefined && event.kind !== 'disconnect') this.deliveries++;
    return event;
  }

  *[Symbol.iterator](): Iterator<ChaosEvent> {
    for (let event = this.next(); event !== undefined; event = this.next()) yield event;
  }

  counts(): ChaosCounts {
    return { sampled: this.sampled, deliveries: this.deliveries, applied: { ...this.applied } };
  }

  private takeSample(): void {
    const { payload, truth } = this.machine.next();
    if (this.sampled === 0) this.startMs = truth.sampledAtMs;
    this.sampled++;
    this.reachedMs = truth.sampledAtMs + this.intervalMs;
    const draft: Draft = {
      payload,
      publishAtMs: truth.sampledAtMs,
      sampledAtMs: truth.sampledAtMs,
      elapsedS: (truth.sampledAtMs - this.startMs) / 1000,
      applied: [],
      copiesAtMs: [],
      disconnectsMs: [],
    };
    for (const effect of this.effects) effect(draft);
    for (const { kind } of draft.applied) this.applied[kind]++;
    this.release(draft, { ...truth, chaos: draft.applied });
  }

  private release(draft: Draft, truth: ChaosTruth): void {
    const { payload, publishAtMs, sampledAtMs } = draft;
    for (const durationMs of draft.disconnectsMs) {
      this.enqueue({ kind: 'disconnect', publishAtMs: sampledAtMs, durationMs });
    }
    this.enqueue({ kind: 'sample', payload, truth, publishAtMs });
    for (const copyAtMs of draft.copiesAtMs) {
      this.enqueue({ kind: 'duplicate', payload, truth, publishAtMs: copyAtMs });
    }
  }

  /** Behind everything published at the same moment or before; nearly always at the end. */
  private enqueue(event: ChaosEvent): void {
    let i = this.waiting.length;
    while (i > 0 && this.waiting[i - 1]!.publishAtMs > event.publishAtMs) i--;
    this.waiting.splice(i, 0, event);
  }
}
