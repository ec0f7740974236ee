import type { Hash, HistoryEntry } from './history.ts';
import { sealEntry } from './history.ts';
import type { Incident } from './incident.ts';
import { type IncidentEvent, type NoticeKind, severityRank } from './lifecycle.ts';
import type { IncidentPolicy } from './policy.ts';
import type { Touched } from './receive.ts';
import type { SiteBoard } from './site-board.ts';

/** From what happened to what is written and told: one history entry a change, one notice for each that someone must know. */
export interface Notice {
  /** The same on every attempt, so that a channel can tell a repetition. */
  readonly noticeId: string;
  readonly kind: NoticeKind;
  readonly atMs: number;
  readonly incident: Incident;
  readonly page: Page;
}

/** Whether it calls a person now, and the how-manyth call of the shift it is. */
export interface Page {
  readonly isPage: boolean;
  readonly number: number;
  readonly budget: number;
}

export interface Settled {
  readonly board: SiteBoard;
  readonly incidents: readonly Incident[];
  readonly entries: readonly HistoryEntry[];
  readonly notices: readonly Notice[];
}

export interface Settling {
  readonly nowMs: number;
  readonly policy: IncidentPolicy;
  readonly hash: Hash;
}

const pagingKinds: ReadonlySet<NoticeKind> = new Set(['opened', 'worsened', 'grouped', 'escalated', 'shelf_ended']);

export function settle(board: SiteBoard, touched: readonly Touched[], settling: Settling): Settled {
  const changes = touched.filter(({ step }) => step.isChange);
  let shift = startShift(board, settling);
  const incidents: Incident[] = [];
  const entries: HistoryEntry[] = [];
  const notices: Notice[] = [];
  for (const { before, event, step } of changes) {
    const entry = writeEntry(before, event, step.incident, settling);
    const incident = { ...step.incident, version: entry.sequence, seal: entry.seal };
    incidents.push(incident);
    entries.push(entry);
    if (step.notice === null) continue;
    const isPage = mayPage(step.notice, incident, shift.pages, settling.policy);
    if (isPage) shift = { ...shift, pages: shift.pages + 1 };
    const page = { isPage, number: shift.pages, budget: settling.policy.pageBudget };
    const noticeId = `${incident.incidentId}/${entry.sequence}`;
    notices.push({ noticeId, kind: step.notice, atMs: settling.nowMs, incident, page });
  }
  return { board: { ...board, shift }, incidents, entries, notices };
}

function mayPage(kind: NoticeKind, incident: Incident, pages: number, policy: IncidentPolicy): boolean {
  if (!pagingKinds.has(kind) || incident.state === 'shelved') return false;
  if (incident.severity === 'critical') return true;
  return severityRank(incident.severity) >= severityRank('warning') && pages < policy.pageBudget;
}

/** The page budget of the shift that is on. */
export interface Shift {
  readonly startedAtMs: number;
  readonly endsAtMs: number;
  readonly pages: number;
  readonly budget: number;
}

export function shiftOf(board: SiteBoard, now: Omit<Settling, 'hash'>): Shift {
  const { startedAtMs, pages } = startShift(board, now);
  return { startedAtMs, endsAtMs: startedAtMs + now.policy.shiftMs, pages, budget: now.policy.pageBudget };
}

function startShift({ shift }: SiteBoard, { nowMs, policy }: Omit<Settling, 'hash'>): SiteBoard['shift'] {
  const startedAtMs = nowMs - (nowMs % policy.shiftMs);
  return startedAtMs === shift.startedAtMs ? shift : { startedAtMs, pages: 0 };
}

function writeEntry(
  before: Incident | null,
  event: IncidentEvent,
  after: Incident,
  { nowMs, hash }: Settling,
): HistoryEntry {
  const entry = {
    incidentId: after.incidentId,
    sequence: (before?.version ?? 0) + 1,
    atMs: nowMs,
    by: 'by' in event ? event.by : 'twin',
    kind: event.kind,
    detail: { ...describe(event), from: before?.state ?? null, to: after.state, severity: after.severity },
    previousSeal: before?.seal ?? '',
  };
  return sealEntry(entry, hash);
}

/** Beside `from` and `to`, which are the incident's states. */
function describe(event: IncidentEvent): Readonly<Record<string, unknown>> {
  if (event.kind === 'assign') return { by: event.by, assignee: event.to };
  if (event.kind === 'moved_out') return { episodeIds: event.episodeIds, movedTo: event.to };
  const { kind: _kind, ...rest } = event as IncidentEvent & { by?: string };
  if (event.kind !== 'episode') return rest;
  const { eventId, machineId, transition, advice } = event.caseFile;
  return { eventId, machineId, transition, decision: advice?.decision ?? null };
}
