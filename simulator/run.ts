/** The simulators as a program uses them: options in, deliveries in order of time out. */
import { createRandom } from '../core/random/random.ts';
import { failure, type Result, success } from '../core/result.ts';
import { latestMs } from '../core/telemetry/timestamp.ts';
import { type Channel, isMachineId, machineIdRule } from '../core/telemetry/topic.ts';
import { type CatalogueEntry, type FactoryOptions, machineCatalogue } from './catalogue.ts';
import { applyChaos } from './chaos/apply.ts';
import type { ChaosPlan } from './chaos/plan.ts';
import type { GenericMachineConfig } from './generic/config.ts';
import type { FaultPlan, GroundTruth, SimulatedMachine } from './machine.ts';
import { mergeByTime, play } from './schedule.ts';

export interface MachineRequest {
  readonly type: string;
  readonly count: number;
  /** Their ids, where they are not simply numbered. */
  readonly ids?: readonly string[];
}

/** A fault of one machine, or of every machine whose type knows the mode. */
export interface FaultRequest extends FaultPlan {
  readonly machineId?: string;
}

export interface SimulationOptions {
  readonly machines?: readonly MachineRequest[];
  /** A plant's own list, beside or instead of `machines`. */
  readonly genericMachines?: readonly GenericMachineConfig[];
  readonly seed?: number;
  readonly startMs?: number;
  /** Samples a second of each machine; without it each type's own. */
  readonly rateHz?: number;
  /** Simulated time; endless without it. */
  readonly durationS?: number;
  readonly faults?: readonly FaultRequest[];
  readonly lifecycle?: NonNullable<FactoryOptions['lifecycle']>;
  readonly training?: boolean;
  readonly programText?: string;
  readonly materialName?: string;
  /** What goes wrong between the sensors and the cloud. */
  readonly chaos?: ChaosPlan;
  /** Also what a maintenance system would report, on channel `lifecycle`. */
  readonly lifecycleEvents?: boolean;
}

export interface Delivery {
  readonly kind: 'sample' | 'duplicate' | 'lifecycle';
  readonly machineId: string;
  readonly channel: Channel;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Null for what is not a sample. */
  readonly truth: GroundTruth | null;
  readonly publishAtMs: number;
}

/** An instruction to cut the machine's connection, as chaos asks. */
export interface Disconnection {
  readonly kind: 'disconnect';
  readonly machineId: string;
  readonly durationMs: number;
  readonly publishAtMs: number;
}

export type SimulationEvent = Delivery | Disconnection;

/** Most machines of one run: a hundred plants' worth, and what the memory of a laptop holds. */
export const mostMachines = 100_000;

/** Where simulated time begins when nobody says otherwise: fixed, so that the same seed gives the same bytes. */
export const defaultStartMs = Date.UTC(2026, 0, 1);
export const defaultSeed = 1;

/** Events one by one, at `speed` simulated seconds a real one (default: as fast as they are taken). */
export async function* simulate(
  options: SimulationOptions,
  speed = Number.POSITIVE_INFINITY,
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<SimulationEvent> {
  const fleet = createFleet(options);
  if (!fleet.ok) throw new Error(fleet.error);
  for await (const due of play(deliver(fleet.value, options), { speed, signal })) yield* due;
}

/** All machines' events in order of time, without waiting. */
export function deliver(fleet: readonly SimulatedMachine[], options: SimulationOptions): Generator<SimulationEvent> {
  return mergeByTime(fleet.map((machine) => eventsOf(machine, options)));
}

interface Reporting extends SimulatedMachine {
  takeLifecycleEvents(): readonly Readonly<Record<string, unknown>>[];
}

const isReporting = (machine: SimulatedMachine): machine is Reporting => 'takeLifecycleEvents' in machine;

function* eventsOf(machine: SimulatedMachine, options: SimulationOptions): Generator<SimulationEvent> {
  const { chaos, lifecycleEvents = false } = options;
  const sampleLimit = countSamples(machine.intervalMs, options);
  const source =
    chaos === undefined ? samplesOf(machine, sampleLimit) : disturbedOf(machine, sampleLimit, options, chaos);
  if (!lifecycleEvents || !isReporting(machine)) {
    yield* source;
    return;
  }
  for (const event of source) {
    yield event;
    for (const payload of machine.takeLifecycleEvents()) {
      const { machineId } = machine;
      yield {
        kind: 'lifecycle',
        machineId,
        channel: 'lifecycle',
        payload,
        truth: null,
        publishAtMs: event.publishAtMs,
      };
    }
  }
}

/** 10 s at 3 samples a second are 30 samples, though the division says a trace more. */
const roundingTolerance = 1e-12;

/** As many as the duration holds, and none after the last moment that the telemetry contract takes. */
function countSamples(intervalMs: number, options: SimulationOptions): number {
  const { durationS = Number.POSITIVE_INFINITY, startMs = defaultStartMs } = options;
  const spanMs = Math.min(durationS * 1000, latestMs - startMs);
  return Math.ceil((spanMs / intervalMs) * (1 - roundingTolerance));
}

function* samplesOf(machine: SimulatedMachine, sampleLimit: number): Generator<Delivery> {
  const { machineId, channel } = machine;
  for (let taken = 0; taken < sampleLimit; taken++) {
    const { payload, truth } = machine.next();
    yield { kind: 'sample', machineId, channel, payload, truth, publishAtMs: truth.sampledAtMs };
  }
}

function* disturbedOf(
  machine: SimulatedMachine,
  sampleLimit: number,
  { seed = defaultSeed }: SimulationOptions,
  plan: ChaosPlan,
): Generator<SimulationEvent> {
  const { machineId, channel } = machine;
  for (const event of applyChaos(machine, plan, seed, { sampleLimit })) {
    const { publishAtMs } = event;
    if (event.kind === 'disconnect') yield { kind: event.kind, machineId, durationMs: event.durationMs, publishAtMs };
    else yield { kind: event.kind, machineId, channel, payload: event.payload, truth: event.truth, publishAtMs };
  }
}

/** The machines a run asks for, or one sentence on what is wrong with the wish. */
export function createFleet(options: SimulationOptions): Result<SimulatedMachine[], string> {
  const members = listMembers(options);
  if (!members.ok) return members;
  const problem = findFleetProblem(options);
  if (problem !== undefined) return failure(problem);
  try {
    return success(members.value.map((member) => createMachine(member, options)));
  } catch (error) {
    return failure((error as Error).message);
  }
}

/** What is wrong with the wish, in one sentence, before any machine is made. */
export function findFleetProblem(options: SimulationOptions): string | undefined {
  const members = listMembers(options);
  if (!members.ok) return members.error;
  return checkMembers(members.value) ?? checkFaults(options.faults ?? [], members.value);
}

interface Member {
  readonly machineId: string;
  readonly type: string;
  readonly entry: CatalogueEntry;
  readonly isFirstOfType: boolean;
  readonly generic?: GenericMachineConfig;
}

function listMembers(options: SimulationOptions): Result<Member[], string> {
  const members: Member[] = [];
  const counts = new Map<string, number>();
  for (const { type, count, ids } of options.machines ?? []) {
    const entry = machineCatalogue[type];
    if (entry === undefined) {
      return failure(`machine type: got "${type}", allowed are ${Object.keys(machineCatalogue).join(', ')}`);
    }
    const before = counts.get(type) ?? 0;
    counts.set(type, before + count);
    if (members.length + count > mostMachines) {
      return failure(`machines: got ${members.length + count}, allowed are at most ${mostMachines} in one run`);
    }
    for (let number = before + 1; number <= before + count; number++) {
      const machineId = ids?.[number - before - 1] ?? entry.nameMachine(number);
      members.push({ machineId, type, entry, isFirstOfType: number === 1 });
    }
  }
  const entry = machineCatalogue.generic!;
  for (const generic of options.genericMachines ?? []) {
    members.push({ machineId: generic.id, type: 'generic', entry, isFirstOfType: false, generic });
  }
  return success(members);
}

function checkMembers(members: readonly Member[]): string | undefined {
  if (members.length === 0) return 'no machines: name at least one with --machine type[:count] or --config file';
  const ids = new Set<string>();
  for (const { machineId } of members) {
    if (!isMachineId(machineId)) return `machine id: got "${machineId}", allowed is ${machineIdRule}`;
    if (ids.has(machineId)) return `machine id: "${machineId}" stands for more than one machine`;
    ids.add(machineId);
  }
  return undefined;
}

/** A fault that would strike nobody is a mistake in the wish, not a quiet run. */
function checkFaults(faults: readonly FaultRequest[], members: readonly Member[]): string | undefined {
  for (const fault of faults) {
    const candidates = members.filter(
      ({ machineId }) => fault.machineId === undefined || fault.machineId === machineId,
    );
    if (candidates.length === 0) return `fault ${fault.mode}: there is no machine "${fault.machineId}" in this run`;
    const allowed = [...new Set(candidates.flatMap(({ entry }) => entry.faultModes))];
    if (!allowed.includes(fault.mode)) {
      return `fault: got "${fault.mode}", allowed for these machines are ${allowed.join(', ')}`;
    }
  }
  return undefined;
}

function createMachine(member: Member, options: SimulationOptions): SimulatedMachine {
  const { machineId, entry, generic } = member;
  const ownIntervalMs = generic === undefined ? entry.defaultIntervalMs : generic.interval_seconds * 1000;
  const { lifecycle, training, programText, materialName } = options;
  const faults = (options.faults ?? []).filter(
    (fault) => entry.faultModes.includes(fault.mode) && (fault.machineId ?? machineId) === machineId,
  );
  return entry.create({
    machineId,
    seed: seedOf(member, options.seed ?? defaultSeed),
    startMs: options.startMs ?? defaultStartMs,
    intervalMs: options.rateHz === undefined ? ownIntervalMs : 1000 / options.rateHz,
    faults,
    ...(lifecycle !== undefined && { lifecycle }),
    ...(training !== undefined && { training }),
    ...(programText !== undefined && { programText }),
    ...(materialName !== undefined && { materialName }),
    ...(generic !== undefined && { sensors: generic.sensors }),
  });
}

/**
 * From the run's seed and the machine's id alone, so that a machine behaves the same in any fleet. The first process machine
 * takes the run's seed itself: seed 7 is the published scenario.
 */
function seedOf(member: Member, seed: number): number {
  if (member.type === 'cnc-process' && member.isFirstOfType) return seed;
  return createRandom(`${seed}/${member.machineId}`).integer(0, 0x7fffffff);
}
