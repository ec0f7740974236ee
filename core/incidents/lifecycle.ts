import { type Severity, severities } from '../detection/observation.ts';
import { failure, type Result, success } from '../result.ts';
import type { CaseFile } from './case-file.ts';
import { forgetEnded, type Incident, type WorkingState } from './incident.ts';
import type { IncidentPolicy } from './policy.ts';

/**
 * The life of an incident: open → acknowledged → in work → resolved → closed, with a shelf beside it. Everything that
 * happens is one event; an event that does not fit the state is refused with a sentence, and a repeated one changes
 * nothing. Invariants (property-tested): an acknowledgement outlives everything but the end; closed is final; a shelf
 * has reason and end; what twins say never starts work or ends a person's work.
 */
export type PersonEvent =
  | { readonly kind: 'acknowledge' | 'start_work' | 'resolve' | 'close' | 'reopen' | 'unshelve'; readonly by: string }
  | { readonly kind: 'assign'; readonly by: string; readonly to: string }
  | { readonly kind: 'comment'; readonly by: string; readonly text: string }
  | { readonly kind: 'shelve'; readonly by: string; readonly reason: string; readonly untilMs: number };

export type TwinEvent =
  | { readonly kind: 'episode'; readonly caseFile: CaseFile }
  /** It turned out to be the first of many: these episodes of other incidents come to it. */
  | { readonly kind: 'grouped'; readonly commonCause: string; readonly episodes: Incident['episodes'] }
  /** Episodes that went to another incident; without any left this one ends. */
  | { readonly kind: 'moved_out'; readonly episodeIds: readonly string[]; readonly to: string }
  | { readonly kind: 'tick' };

export type IncidentEvent = PersonEvent | TwinEvent;

export const noticeKinds = [
  'opened',
  'worsened',
  'grouped',
  'acknowledged',
  'escalated',
  'shelf_ended',
  'closed',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export interface Step {
  readonly incident: Incident;
  /** False where nothing changed: then there is no history entry either. */
  readonly isChange: boolean;
  readonly notice: NoticeKind | null;
}

interface Moment {
  readonly nowMs: number;
  readonly policy: IncidentPolicy;
}

export const severityRank = (severity: Severity): number => severities.indexOf(severity);

const isWorse = (a: Severity, b: Severity): boolean => severityRank(a) > severityRank(b);

export function openIncident(incidentId: string, caseFile: CaseFile, { nowMs, policy }: Moment): Incident {
  const { transition, machine } = caseFile;
  return {
    schemaVersion: 1,
    incidentId,
    site: machine.site,
    kind: 'machine',
    commonCause: null,
    state: 'open',
    severity: transition.severity,
    episodes: { [transition.episodeId]: episodeFrom(caseFile, true) },
    openedAtMs: transition.openedAtMs,
    acknowledged: null,
    assignee: null,
    shelf: null,
    resolvedAtMs: null,
    mergedInto: null,
    flaps: 0,
    level: 1,
    escalateAtMs: escalationTime(transition.severity, nowMs, policy),
    caseFile,
    version: 0,
    seal: '',
  };
}

export function advance(incident: Incident, event: IncidentEvent, moment: Moment): Result<Step, string> {
  if (incident.state === 'closed') {
    return event.kind === 'tick'
      ? unchanged(incident)
      : failure(`incident ${incident.incidentId} is closed; nothing changes a closed incident`);
  }
  switch (event.kind) {
    case 'episode':
      return success(observeEpisode(incident, event.caseFile, moment));
    case 'grouped':
      return success(becomeGroup(incident, event, moment));
    case 'moved_out':
      return success(moveOut(incident, event, moment));
    case 'tick':
      return success(passTime(incident, moment));
    default:
      return command(incident, event, moment);
  }
}

/** When time itself would change it next; null never. */
export function nextDueMs(
  { state, shelf, resolvedAtMs, escalateAtMs }: Incident,
  policy: IncidentPolicy,
): number | null {
  if (state === 'resolved') return (resolvedAtMs ?? 0) + policy.flapHoldMs;
  if (state === 'shelved') return shelf?.untilMs ?? null;
  return state === 'open' ? escalateAtMs : null;
}

function command(incident: Incident, event: PersonEvent, moment: Moment): Result<Step, string> {
  if (event.by.trim() === '') return failure(`by: got nothing; ${event.kind} needs the name of who does it`);
  switch (event.kind) {
    case 'comment':
      return event.text.trim() === '' ? failure('text: got nothing; a comment needs words') : changed(incident);
    case 'assign':
      return event.to.trim() === '' ? failure('to: got nothing; name whose it is to be') : assign(incident, event.to);
    case 'shelve':
      return shelve(incident, event, moment);
    default:
      return move(incident, event, moment);
  }
}

/** From which states a person may take which step. */
const allowedFrom: Readonly<Record<string, readonly Incident['state'][]>> = {
  acknowledge: ['open', 'acknowledged', 'in_work'],
  start_work: ['open', 'acknowledged', 'in_work'],
  resolve: ['open', 'acknowledged', 'in_work', 'resolved'],
  close: ['resolved'],
  reopen: ['resolved'],
  unshelve: ['shelved'],
  shelve: ['open', 'acknowledged', 'in_work'],
};

function refuseFrom(incident: Incident, kind: string): Result<never, string> | null {
  const from = allowedFrom[kind] ?? [];
  if (from.includes(incident.state)) return null;
  return failure(`${kind}: incident ${incident.incidentId} is ${incident.state}; it must be ${from.join(' or ')}`);
}

type Move = Exclude<PersonEvent, { readonly kind: 'assign' | 'comment' | 'shelve' }>;

function move(incident: Incident, { kind, by }: Move, moment: Moment): Result<Step, string> {
  const refusal = refuseFrom(incident, kind);
  if (refusal !== null) return refusal;
  const { nowMs } = moment;
  const acknowledged = incident.acknowledged ?? { by, atMs: nowMs };
  const taken = { ...incident, acknowledged, escalateAtMs: null };
  switch (kind) {
    case 'acknowledge':
      return incident.acknowledged === null
        ? changed({ ...taken, state: 'acknowledged' }, 'acknowledged')
        : unchanged(incident);
    case 'start_work':
      if (incident.state === 'in_work') return unchanged(incident);
      return changed({ ...taken, state: 'in_work' }, incident.acknowledged === null ? 'acknowledged' : null);
    case 'resolve':
      if (incident.state === 'resolved') return unchanged(incident);
      return changed({ ...taken, state: 'resolved', resolvedAtMs: nowMs });
    case 'close':
      return changed({ ...taken, state: 'closed' }, 'closed');
    case 'reopen':
      return changed({ ...taken, state: 'acknowledged', resolvedAtMs: null });
    case 'unshelve':
      return changed(leaveShelf(incident, moment));
  }
}

function assign(incident: Incident, to: string): Result<Step, string> {
  return incident.assignee === to ? unchanged(incident) : changed({ ...incident, assignee: to });
}

function shelve(
  incident: Incident,
  { reason, untilMs }: Extract<PersonEvent, { kind: 'shelve' }>,
  { nowMs, policy }: Moment,
): Result<Step, string> {
  const refusal = refuseFrom(incident, 'shelve');
  if (refusal !== null) return refusal;
  if (reason.trim() === '') return failure('reason: got nothing; a shelf needs the reason it is there for');
  const longest = nowMs + policy.longestShelfMs;
  if (!(untilMs > nowMs && untilMs <= longest)) {
    const [given, latest] = [untilMs, longest].map((ms) => new Date(ms).toISOString());
    return failure(`until: got ${given}; a shelf ends after now and at the latest ${latest}`);
  }
  const from = incident.state as WorkingState;
  return changed({ ...incident, state: 'shelved', shelf: { reason, untilMs, from } });
}

function observeEpisode(incident: Incident, caseFile: CaseFile, moment: Moment): Step {
  const { kind, episodeId, severity } = caseFile.transition;
  const known = incident.episodes[episodeId];
  if (kind === 'cleared') return known?.isOpen === true ? clearEpisode(incident, caseFile, moment) : same(incident);
  // An episode opens once and only worsens: anything else is a repetition that came late.
  if (known !== undefined && !isWorse(severity, known.severity)) return same(incident);
  const isOpen = known?.isOpen ?? true;
  const episodes = forgetEnded({ ...incident.episodes, [episodeId]: episodeFrom(caseFile, isOpen) });
  const isGraver = isWorse(severity, incident.severity);
  const seen = { ...incident, episodes, caseFile, severity: isGraver ? severity : incident.severity };
  // The queue may bring an episode's worsening after its end: that is no return.
  if (!isOpen) return { incident: seen, isChange: true, notice: null };
  const back = returning(seen);
  if (!isGraver) return { incident: back, isChange: true, notice: null };
  const woken = back.state === 'shelved' ? leaveShelf(back, moment) : back;
  const escalateAtMs = woken.state === 'open' ? escalationTime(severity, moment.nowMs, moment.policy) : null;
  return { incident: { ...woken, escalateAtMs }, isChange: true, notice: 'worsened' };
}

/** What had gone quiet and is back is the same incident, flapping: where it was, acknowledged if it was. */
function returning(incident: Incident): Incident {
  if (incident.state !== 'resolved') return incident;
  const state = incident.acknowledged === null ? 'open' : 'acknowledged';
  return { ...incident, state, resolvedAtMs: null, flaps: incident.flaps + 1 };
}

function clearEpisode(incident: Incident, caseFile: CaseFile, { nowMs }: Moment): Step {
  const { episodeId } = caseFile.transition;
  const episodes = { ...incident.episodes, [episodeId]: { ...incident.episodes[episodeId]!, isOpen: false } };
  return { incident: restIfQuiet({ ...incident, episodes }, nowMs), isChange: true, notice: null };
}

/** A person's work is ended by the person: only what nobody works on comes to rest by itself. */
function restIfQuiet(incident: Incident, nowMs: number): Incident {
  const isQuiet = Object.values(incident.episodes).every(({ isOpen }) => !isOpen);
  if (!isQuiet || (incident.state !== 'open' && incident.state !== 'acknowledged')) return incident;
  return { ...incident, state: 'resolved', resolvedAtMs: nowMs };
}

function becomeGroup(
  incident: Incident,
  event: Extract<TwinEvent, { kind: 'grouped' }>,
  { nowMs, policy }: Moment,
): Step {
  const episodes = forgetEnded({ ...incident.episodes, ...event.episodes });
  const worst = Object.values(episodes).reduce<Severity>((s, e) => (isWorse(e.severity, s) ? e.severity : s), 'normal');
  const grouped: Incident = { ...incident, kind: 'group', commonCause: event.commonCause, episodes };
  const isGraver = isWorse(worst, incident.severity);
  const graver = isGraver ? { severity: worst, escalateAtMs: escalationTime(worst, nowMs, policy) } : {};
  return { incident: { ...grouped, ...graver }, isChange: true, notice: 'grouped' };
}

function moveOut(
  incident: Incident,
  { episodeIds, to }: Extract<TwinEvent, { kind: 'moved_out' }>,
  { nowMs }: Moment,
): Step {
  const left = Object.entries(incident.episodes).filter(([id]) => !episodeIds.includes(id));
  if (left.length === Object.keys(incident.episodes).length) return same(incident);
  const episodes = Object.fromEntries(left);
  if (left.length > 0) return { incident: restIfQuiet({ ...incident, episodes }, nowMs), isChange: true, notice: null };
  return {
    incident: { ...incident, episodes, state: 'closed', mergedInto: to, escalateAtMs: null },
    isChange: true,
    notice: 'closed',
  };
}

function passTime(incident: Incident, moment: Moment): Step {
  const { nowMs, policy } = moment;
  const dueMs = nextDueMs(incident, policy);
  if (dueMs === null || nowMs < dueMs) return same(incident);
  if (incident.state === 'resolved')
    return { incident: { ...incident, state: 'closed' }, isChange: true, notice: 'closed' };
  if (incident.state === 'shelved') {
    const woken = leaveShelf(incident, moment);
    return { incident: woken, isChange: true, notice: woken.state === 'resolved' ? null : 'shelf_ended' };
  }
  const level = Math.min(incident.level + 1, policy.highestLevel);
  const escalateAtMs = level < policy.highestLevel ? escalationTime(incident.severity, nowMs, policy) : null;
  return { incident: { ...incident, level, escalateAtMs }, isChange: true, notice: 'escalated' };
}

/** Where it was, with as long to acknowledge as at the beginning; at rest where all went away meanwhile. */
function leaveShelf(incident: Incident, { nowMs, policy }: Moment): Incident {
  const { shelf, severity } = incident;
  const escalateAtMs = incident.escalateAtMs === null ? null : escalationTime(severity, nowMs, policy);
  return restIfQuiet({ ...incident, state: shelf?.from ?? 'open', shelf: null, escalateAtMs }, nowMs);
}

const escalationTime = (severity: Severity, nowMs: number, policy: IncidentPolicy): number | null => {
  const withinMs = policy.acknowledgeWithinMs[severity];
  return withinMs === null ? null : nowMs + withinMs;
};

const episodeFrom = ({ machineId, transition }: CaseFile, isOpen: boolean) => ({
  machineId,
  code: transition.code,
  ...(transition.title === undefined ? {} : { title: transition.title }),
  severity: transition.severity,
  isOpen,
});

const same = (incident: Incident): Step => ({ incident, isChange: false, notice: null });
const unchanged = (incident: Incident): Result<Step, string> => success(same(incident));
const changed = (incident: Incident, notice: NoticeKind | null = null): Result<Step, string> =>
  success({ incident, isChange: true, notice });
