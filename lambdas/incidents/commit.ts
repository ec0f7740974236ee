import type { Audience } from '../../core/incidents/audience.ts';
import type { Hash } from '../../core/incidents/history.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { nextDueMs } from '../../core/incidents/lifecycle.ts';
import { mayRequestMaintenance } from '../../core/incidents/maintenance-gate.ts';
import type { IncidentPolicy } from '../../core/incidents/policy.ts';
import type { Touched } from '../../core/incidents/receive.ts';
import { type Notice, settle } from '../../core/incidents/settle.ts';
import type { SiteBoard } from '../../core/incidents/site-board.ts';
import { type Links, wordNotice } from '../../core/incidents/wording.ts';
import { requestForIncident } from '../../core/maintenance/request.ts';
import type { EventPublisher, TwinEvent } from '../ports/event-publisher.ts';
import type { IncidentStore } from '../ports/incident-store.ts';
import type { Notifier, Reminder } from '../ports/notifier.ts';

export interface CommitDeps {
  readonly store: IncidentStore;
  readonly notifier: Notifier;
  readonly reminder: Reminder;
  readonly events: EventPublisher;
  readonly policy: IncidentPolicy;
  readonly hash: Hash;
  readonly nowMs: () => number;
  /** What this caller may tell; the rest waits for one who may. */
  readonly mayTell?: (notice: Notice) => boolean;
  readonly linksFor: (notice: Notice, audience: Audience) => Promise<Links>;
}

export interface Decision {
  readonly board: SiteBoard;
  readonly touched: readonly Touched[];
}

/** Past this many collisions in a row the message comes again later. */
const attempts = 8;
/** Shorter than the queue hides a message: a repetition finds the claim of the dead ended. */
const tellingTakesMs = 30_000;

/**
 * Decides on what is stored, writes it in one transaction, and tells what was decided. Whoever wrote in between makes
 * it decide anew. Told is what the store holds as untold: a function that dies between writing and telling is made good
 * by the repetition of its message.
 */
export async function commit(
  deps: CommitDeps,
  site: string,
  decide: (board: SiteBoard) => Promise<Decision>,
): Promise<readonly Incident[]> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const read = await deps.store.loadBoard(site);
    const { board, touched } = await decide(read);
    const settled = settle(board, touched, { nowMs: deps.nowMs(), policy: deps.policy, hash: deps.hash });
    const isNews = settled.incidents.length > 0 || board.ends !== read.ends;
    if (isNews && !(await deps.store.save(settled))) continue;
    const incidents = touched.map(({ step }) => step.incident);
    for (const one of touched) await followUp(deps, one);
    return isNews ? settled.incidents : incidents;
  }
  throw new Error(`site ${site}: ${attempts} writes collided in a row`);
}

async function followUp(deps: CommitDeps, { before, step: { incident, isChange } }: Touched): Promise<void> {
  const dueMs = nextDueMs(incident, deps.policy);
  // A repetition makes good what a dead function left out; a change that moves no moment has its check under way.
  const isUnderWay = isChange && before !== null && nextDueMs(before, deps.policy) === dueMs;
  if (dueMs !== null && !isUnderWay) await deps.reminder.checkAt(incident.incidentId, dueMs);
  for (const notice of await deps.store.listUntold(incident.incidentId)) {
    if (deps.mayTell?.(notice) === false) return;
    const nowMs = deps.nowMs();
    // Another one is telling it; those behind it wait, so that they stay in order.
    if (!(await deps.store.claim(notice, nowMs, nowMs + tellingTakesMs))) return;
    await announce(deps, notice);
    await deps.store.markTold(notice);
  }
}

async function announce(deps: CommitDeps, notice: Notice): Promise<void> {
  const unsent = await deps.events.publish(describeEvents(notice));
  if (unsent.length > 0) throw new Error(`notice ${notice.noticeId}: the bus did not take it`);
  const audience = audienceOf(notice);
  if (audience === null) return;
  const wording = wordNotice(notice, await deps.linksFor(notice, audience));
  const { incident, kind } = notice;
  const { site, severity, caseFile } = incident;
  const attributes = { site, severity, kind, line: caseFile.machine.line, machineType: caseFile.machine.machineType };
  await deps.notifier.send({ audience, ...wording, attributes });
}

function audienceOf({ kind, page, incident }: Notice): Audience | null {
  if (kind === 'acknowledged' || kind === 'closed') return null;
  if (kind === 'escalated' && page.isPage) return 'escalation';
  return page.isPage && incident.severity !== 'normal' ? incident.severity : 'watch';
}

function describeEvents({ noticeId, kind, atMs, incident, page }: Notice): TwinEvent[] {
  const { machineId } = incident.caseFile;
  const told: TwinEvent = {
    detailType: 'incident',
    eventId: noticeId,
    machineId,
    atMs,
    detail: { kind, incident, page },
  };
  if ((kind !== 'opened' && kind !== 'worsened') || !mayRequestMaintenance(incident)) return [told];
  const detail = requestForIncident(incident, `${noticeId}/maintenance`, atMs);
  return [told, { detailType: 'maintenance_request', eventId: detail.eventId, machineId, atMs, detail }];
}
