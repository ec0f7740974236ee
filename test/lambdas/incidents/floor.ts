import { findBreak, type HistoryEntry } from '../../../core/incidents/history.ts';
import type { Incident } from '../../../core/incidents/incident.ts';
import { defaultIncidentPolicy as policy } from '../../../core/incidents/policy.ts';
import type { Notice } from '../../../core/incidents/settle.ts';
import { emptyBoard, type SiteBoard } from '../../../core/incidents/site-board.ts';
import { createIncidentsHandler, type IncidentsDeps } from '../../../lambdas/incidents/handler.ts';
import type { TwinEvent } from '../../../lambdas/ports/event-publisher.ts';
import type { IncidentStore } from '../../../lambdas/ports/incident-store.ts';
import type { Message } from '../../../lambdas/ports/notifier.ts';
import { type Sketch, sha256, sketchCase, startMs } from '../../core/incidents/plant.ts';

/** The incident store in memory, with the laws of the real one: versions are checked, notices wait until they are told. */
export function createMemoryStore() {
  const boards = new Map<string, SiteBoard>();
  const incidents = new Map<string, Incident>();
  const history: HistoryEntry[] = [];
  const untold = new Map<string, { notice: Notice; claimedUntilMs: number }>();
  const links = new Set<string>();
  const store: IncidentStore = {
    loadBoard: async (site) => boards.get(site) ?? emptyBoard(site),
    load: async (ids) => new Map(ids.flatMap((id) => (incidents.has(id) ? [[id, incidents.get(id)!]] : []))),
    save: async ({ board, incidents: changed, entries, notices }) => {
      const isCurrent =
        (boards.get(board.site)?.version ?? 0) === board.version &&
        changed.every(({ incidentId, version }) => (incidents.get(incidentId)?.version ?? 0) === version - 1);
      if (!isCurrent) return false;
      boards.set(board.site, { ...board, version: board.version + 1 });
      for (const incident of changed) incidents.set(incident.incidentId, incident);
      history.push(...entries);
      for (const notice of notices) untold.set(notice.noticeId, { notice, claimedUntilMs: 0 });
      return true;
    },
    listUntold: async (id) =>
      [...untold.values()].map(({ notice }) => notice).filter(({ incident }) => incident.incidentId === id),
    claim: async ({ noticeId }, nowMs, untilMs) => {
      const waiting = untold.get(noticeId);
      if (waiting === undefined || waiting.claimedUntilMs > nowMs) return false;
      waiting.claimedUntilMs = untilMs;
      return true;
    },
    markTold: async ({ noticeId }) => {
      untold.delete(noticeId);
    },
    history: async (id) => history.filter(({ incidentId }) => incidentId === id),
    useLink: async (linkId) => !links.has(linkId) && links.add(linkId) !== undefined,
    freeLink: async (linkId) => void links.delete(linkId),
  };
  return {
    store,
    incidents,
    history,
    untold,
    isWhole: (id: string) =>
      findBreak(
        history.filter((e) => e.incidentId === id),
        sha256,
      ) === null,
  };
}

/** The incident function over that store. */
export function openFloor(faults: Partial<IncidentsDeps> = {}) {
  const memory = createMemoryStore();
  const mails: Message[] = [];
  const events: TwinEvent[] = [];
  const checks: { incidentId: string; dueMs: number }[] = [];
  const clock = { nowMs: startMs };
  const silent = () => undefined;
  const deps: IncidentsDeps = {
    store: memory.store,
    notifier: { send: async (message) => void mails.push(message) },
    reminder: { checkAt: async (incidentId, dueMs) => void checks.push({ incidentId, dueMs }) },
    events: {
      publish: async (told) => {
        events.push(...told);
        return [];
      },
    },
    policy,
    hash: sha256,
    nowMs: () => clock.nowMs,
    linksFor: async () => ({ incident: null, acknowledge: null, runbook: 'docs/runbook.md' }),
    log: { info: silent, warn: silent, error: silent },
    metrics: { count: silent, durationMs: silent, flush: silent },
    ...faults,
  };
  const handle = createIncidentsHandler(deps);
  const record = (body: object) => ({ messageId: JSON.stringify(body), body: JSON.stringify(body) });
  const deliver = (bodies: readonly object[]) =>
    handle({ Records: bodies.map(record) }).then(({ batchItemFailures }) => batchItemFailures.length);
  return {
    ...memory,
    deps,
    mails,
    events,
    checks,
    clock,
    deliver,
    observe: (...sketches: Sketch[]) => deliver(sketches.map((sketch) => ({ detail: sketchCase(sketch) }))),
    tick: () => deliver(checks.splice(0).map((check) => ({ check }))),
  };
}
