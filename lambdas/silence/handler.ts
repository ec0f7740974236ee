import { linksOfCase } from '../../core/incidents/case-links.ts';
import {
  caseOfSilence,
  findSilences,
  type Listening,
  type SilenceNews,
  silenceIdOf,
  type Watched,
} from '../../core/incidents/silence.ts';
import type { EventPublisher, TwinEvent } from '../ports/event-publisher.ts';
import type { SilenceStore } from '../ports/silence-store.ts';
import type { Log, Metrics } from '../ports/telling.ts';
import type { MachineDirectory, TwinReader } from '../ports/twin-reader.ts';

export interface SilenceDeps {
  readonly directory: Pick<MachineDirectory, 'list'>;
  readonly twins: Pick<TwinReader, 'summaries'>;
  readonly store: SilenceStore;
  readonly events: EventPublisher;
  readonly staleAfterMs: number;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The registry is read in pages of this many machines. */
const page = 1000;

/** By the clock: who has fallen silent and who speaks again is told once; a look that dies half-way is made good by the next. */
export function createSilenceHandler(deps: SilenceDeps) {
  return async (): Promise<void> => {
    const { store, metrics, log } = deps;
    const listening: Listening = { nowMs: deps.nowMs(), staleAfterMs: deps.staleAfterMs };
    const [watched, known] = await Promise.all([listWatched(deps), store.load()]);
    const { silences, news } = findSilences(watched, known.silences, listening);
    metrics.count('MachinesSilent', Object.keys(silences).length);
    metrics.flush();
    if (news.length === 0) return;
    const unsent = await deps.events.publish(news.flatMap((one) => describe(one, listening)));
    if (unsent.length > 0) throw new Error(`the bus did not take ${unsent.length} events; the next look tells them`);
    if (!(await store.save(silences, known.version))) log.info('another look was faster');
    for (const { machine, isSilent } of news) log.info(isSilent ? 'fell silent' : 'speaks again', { ...machine });
  };
}

async function listWatched({ directory, twins }: SilenceDeps): Promise<Watched[]> {
  const watched: Watched[] = [];
  let after: string | null = null;
  do {
    const found: Awaited<ReturnType<MachineDirectory['list']>> = await directory.list({ limit: page, after });
    const kept = await twins.summaries(found.machines.map(({ machineId }) => machineId));
    for (const { machineId, machineType, name, site, line } of found.machines) {
      const machine = { machineId, machineType, name, site, line };
      watched.push({ machine, lastHeardMs: kept.get(machineId)?.receivedAtMs ?? null });
    }
    after = found.after;
  } while (after !== null);
  return watched;
}

/** The bare fact, and the case file that becomes an incident. */
function describe(news: SilenceNews, listening: Listening): TwinEvent[] {
  const { machine, sinceMs, isSilent } = news;
  const { machineId } = machine;
  const { atMs, ...silence } = caseOfSilence(news, listening);
  const detail = { ...silence, links: linksOfCase(machineId, silence.transition) };
  const eventId = `${silenceIdOf(news)}/${isSilent ? 'silent' : 'speaking'}`;
  const state = isSilent ? 'silent' : 'speaking';
  const fact = { machine, state, sinceMs, staleAfterMs: listening.staleAfterMs };
  return [
    { detailType: 'machine_stale', eventId, machineId, atMs, detail: fact },
    { detailType: 'anomaly', eventId: `${eventId}/case`, machineId, atMs, detail },
  ];
}
