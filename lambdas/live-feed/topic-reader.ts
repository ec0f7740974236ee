import { presentIncident } from '../../core/api/desk.ts';
import { type Entry, keyNameOf, readTopic, type Topic } from '../../core/api/live.ts';
import type { Entries } from '../../core/api/live-feed.ts';
import { type Clock, present, type Registered, summarise } from '../../core/api/present.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import type { MachineDirectory, TwinReader } from '../ports/twin-reader.ts';

export interface TopicReaderDeps {
  readonly directory: MachineDirectory;
  readonly twins: TwinReader;
  readonly listIncidents: (site: string) => Promise<readonly Incident[]>;
  readonly findType: (name: string) => MachineType | undefined;
  readonly staleAfterMs: number;
}

/** A machine that is enrolled is on the feed after this: the registry changes by hand. */
const directoryKeptMs = 30_000;
const directoryPage = 1000;

/** What the topics hold at a moment, each machine read once however many topics have it. */
export class TopicReader {
  private readonly deps: TopicReaderDeps;
  private machines: readonly Registered[] = [];
  private machinesAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: TopicReaderDeps) {
    this.deps = deps;
  }

  async read(topics: readonly string[], nowMs: number): Promise<ReadonlyMap<string, Entries>> {
    const known = topics.flatMap((text) => {
      const topic = readTopic(text);
      return topic === null ? [] : [{ text, topic }];
    });
    await this.renewDirectory(nowMs);
    const clock = { nowMs, staleAfterMs: this.deps.staleAfterMs };
    const bySite = await this.readSites(
      known.map(({ topic }) => topic),
      clock,
    );
    const read = await Promise.all(
      known.map(async ({ text, topic }) => [text, toEntries(topic, await this.readOne(topic, bySite, clock))] as const),
    );
    return new Map(read);
  }

  private async readOne(
    topic: Topic,
    bySite: ReadonlyMap<string, readonly Entry[]>,
    clock: Clock,
  ): Promise<readonly Entry[]> {
    if (topic.kind === 'site') return bySite.get(topic.name) ?? [];
    if (topic.kind === 'incidents') return (await this.deps.listIncidents(topic.name)).map(presentIncident);
    const machine = this.machines.find(({ machineId }) => machineId === topic.name);
    if (machine === undefined) return [];
    const kept = await this.deps.twins.state(machine.machineId);
    return [present(machine, kept, { type: this.deps.findType(machine.machineType), clock })];
  }

  private async readSites(topics: readonly Topic[], clock: Clock): Promise<ReadonlyMap<string, readonly Entry[]>> {
    const sites = new Set(topics.filter(({ kind }) => kind === 'site').map(({ name }) => name));
    const machines = this.machines.filter(({ site }) => sites.has(site));
    if (machines.length === 0) return new Map();
    const kept = await this.deps.twins.summaries(machines.map(({ machineId }) => machineId));
    return Map.groupBy(
      machines.map((machine) => summarise(machine, kept.get(machine.machineId), clock)),
      ({ site }) => site,
    );
  }

  private async renewDirectory(nowMs: number): Promise<void> {
    if (nowMs - this.machinesAtMs < directoryKeptMs) return;
    const machines: Registered[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<MachineDirectory['list']>> = await this.deps.directory.list({
        limit: directoryPage,
        after,
      });
      machines.push(...page.machines);
      after = page.after;
    } while (after !== null);
    this.machines = machines;
    this.machinesAtMs = nowMs;
  }
}

const toEntries = (topic: Topic, entries: readonly Entry[]): Entries =>
  new Map(entries.map((entry) => [String(entry[keyNameOf(topic)]), entry]));
