import type { CaseFile } from './case-file.ts';
import { type CommonSign, exceedsGroup, type Member, readCommonSign } from './common-cause.ts';
import { type Incident, incidentIdOf, isLive } from './incident.ts';
import { advance, type IncidentEvent, openIncident, type Step } from './lifecycle.ts';
import type { IncidentPolicy } from './policy.ts';
import {
  boardWithGroup,
  type Group,
  noteEnd,
  noteEpisode,
  noteMember,
  noteOpening,
  noteOver,
  type Opening,
  pickMember,
  type SiteBoard,
} from './site-board.ts';

export interface Touched {
  /** Null where it is new. */
  readonly before: Incident | null;
  readonly event: IncidentEvent;
  readonly step: Step;
}

export interface Reception {
  readonly board: SiteBoard;
  readonly touched: readonly Touched[];
}

export interface Situation {
  readonly board: SiteBoard;
  /** Those that `listCandidates` named, as far as they exist. */
  readonly incidents: ReadonlyMap<string, Incident>;
  readonly caseFile: CaseFile;
  readonly nowMs: number;
  readonly policy: IncidentPolicy;
}

/** The incidents that may have to do with it. */
export function listCandidates(board: SiteBoard, caseFile: CaseFile): readonly string[] {
  const cause = readCommonSign(caseFile)?.cause ?? '';
  const ids = [
    board.episodes[caseFile.transition.episodeId]?.incidentId,
    firstIdOf(caseFile),
    ownIdOf(caseFile),
    board.incidentOfMachine[caseFile.machineId],
    board.groups[cause]?.incidentId,
    ...board.recent.filter((opening) => opening.cause === cause).map(({ incidentId }) => incidentId),
  ];
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/**
 * Which incident an episode belongs to, decided for a site as a whole. A known episode goes on in its incident; a new
 * one joins the group with its cause, else its machine's own incident, else makes a group of those that opened lately
 * the same way, else opens an incident. The same event again changes nothing, so delivery at least once is enough.
 */
export function receive(situation: Situation): Reception {
  const { board, caseFile } = situation;
  const sign = readCommonSign(caseFile);
  const known = findKnown(situation);
  if (known !== undefined) return continueEpisode(situation, known, sign);
  if (caseFile.transition.kind === 'cleared') return { board: noteEnd(board, caseFile), touched: [] };
  const begun =
    joinGroup(situation, sign) ??
    joinMachine(situation, sign) ??
    formGroup(situation, sign) ??
    openOwn(situation, sign);
  return board.ends?.[caseFile.transition.episodeId] === undefined ? begun : endAtOnce(situation, begun);
}

/** The board forgets the oldest episodes; the incident that one opened still tells that it was there. */
function findKnown({ board, incidents, caseFile }: Situation): string | undefined {
  const { episodeId } = caseFile.transition;
  const first = incidents.get(firstIdOf(caseFile));
  const isItsOwn = first !== undefined && (first.episodes[episodeId] !== undefined || first.mergedInto !== null);
  return board.episodes[episodeId]?.incidentId ?? (isItsOwn ? first.incidentId : undefined);
}

const firstIdOf = ({ machineId, transition }: CaseFile): string =>
  incidentIdOf(machineId, transition.openedAtMs, transition.code);

/** Of the incident that it would open: a worsening may open a second one, when a person closed the first. */
const ownIdOf = ({ machineId, transition, atMs }: CaseFile): string =>
  incidentIdOf(machineId, transition.kind === 'opened' ? transition.openedAtMs : atMs, transition.code);

/** Its end was told already: it is kept and told of, and comes to rest in the same step. */
function endAtOnce(situation: Situation, begun: Reception): Reception {
  const { caseFile } = situation;
  const { [caseFile.transition.episodeId]: _come, ...ends } = begun.board.ends ?? {};
  const cleared: CaseFile = { ...caseFile, transition: { ...caseFile.transition, kind: 'cleared' } };
  const touched = begun.touched.map((one) => {
    if (one.step.incident.episodes[caseFile.transition.episodeId] === undefined) return one;
    const { incident } = touch(situation, one.step.incident, { kind: 'episode', caseFile: cleared }).step;
    return { ...one, step: { ...one.step, incident } };
  });
  return { board: noteOver({ ...begun.board, ends }, cleared), touched };
}

function continueEpisode(situation: Situation, incidentId: string, sign: CommonSign | null): Reception {
  const { board, incidents, caseFile } = situation;
  const incident = incidents.get(incidentId);
  const isOver = incident?.episodes[caseFile.transition.episodeId]?.isOpen === false;
  const isNews = caseFile.transition.kind === 'changed' && !isOver;
  if (incident === undefined || !isLive(incident)) return isNews ? openOwn(situation, sign) : { board, touched: [] };
  if (incident.kind === 'group' && isNews && sign !== null) {
    const group = board.groups[sign.cause];
    if (group !== undefined && exceedsGroup(pickMember(sign), othersIn(group, caseFile), situation.policy.group)) {
      return leaveGroup(situation, incident, sign);
    }
  }
  return {
    board: noteOver(noteMember(board, caseFile, sign), caseFile),
    touched: [touch(situation, incident, { kind: 'episode', caseFile })],
  };
}

/** What looked like the others' trouble is more than theirs. */
function leaveGroup(situation: Situation, group: Incident, sign: CommonSign): Reception {
  const own = openOwn(situation, sign);
  const to = ownIdOf(situation.caseFile);
  const episodeIds = [situation.caseFile.transition.episodeId];
  return { ...own, touched: [touch(situation, group, { kind: 'moved_out', episodeIds, to }), ...own.touched] };
}

function joinGroup(situation: Situation, sign: CommonSign | null): Reception | null {
  const { board, incidents, caseFile, policy } = situation;
  const group = sign === null ? undefined : board.groups[sign.cause];
  const incident = group === undefined ? undefined : incidents.get(group.incidentId);
  if (sign === null || group === undefined || incident === undefined || !isLive(incident)) return null;
  if (exceedsGroup(pickMember(sign), othersIn(group, caseFile), policy.group)) return null;
  const joined = noteMember(noteEpisode(board, caseFile, incident.incidentId), caseFile, sign);
  return { board: joined, touched: [touch(situation, incident, { kind: 'episode', caseFile })] };
}

function joinMachine(situation: Situation, sign: CommonSign | null): Reception | null {
  const { board, incidents, caseFile } = situation;
  const incident = incidents.get(board.incidentOfMachine[caseFile.machineId] ?? '');
  if (incident === undefined || !isLive(incident)) return null;
  const noted = noteOpening(noteEpisode(board, caseFile, incident.incidentId), situation, sign, incident.incidentId);
  return { board: noted, touched: [touch(situation, incident, { kind: 'episode', caseFile })] };
}

function formGroup(situation: Situation, sign: CommonSign | null): Reception | null {
  if (sign === null) return null;
  const { board, caseFile, policy } = situation;
  const one = pickMember(sign);
  const alike = listAlike(situation, sign);
  const machines = new Set([caseFile.machineId, ...alike.map(({ machineId }) => machineId)]);
  const ordinary = alike.filter((opening) => !exceedsGroup(opening, [...alike, one], policy.group));
  if (machines.size < policy.group.minMachines || exceedsGroup(one, alike, policy.group)) return null;
  const free = ordinary.filter(({ incidentId }) => isFree(situation, incidentId, sign.cause));
  const [first, ...others] = [...new Set(free.map(({ incidentId }) => situation.incidents.get(incidentId)!))];
  if (first === undefined) return null;
  const moved = others.map((other) => ({
    ...touch(situation, other, { kind: 'moved_out', episodeIds: Object.keys(other.episodes), to: first.incidentId }),
  }));
  const grown = touch(situation, first, { kind: 'episode', caseFile });
  const episodes = Object.assign({}, ...others.map((other) => other.episodes));
  const grouped = touch(situation, grown.step.incident, { kind: 'grouped', commonCause: sign.cause, episodes });
  const members = Object.fromEntries(
    [...free, { ...one, machineId: caseFile.machineId }].map((m) => [m.machineId, pickMember(m)]),
  );
  return {
    board: boardWithGroup(noteEpisode(board, caseFile, first.incidentId), { sign, first, others, members }),
    touched: [...moved, { ...grouped, before: first }],
  };
}

/** Openings of the cause within the window, oldest first. */
function listAlike({ board, caseFile, policy }: Situation, sign: CommonSign): readonly Opening[] {
  const sinceMs = caseFile.atMs - policy.group.windowMs;
  return board.recent.filter(
    ({ cause, atMs, machineId }) => cause === sign.cause && atMs >= sinceMs && machineId !== caseFile.machineId,
  );
}

/** An incident that somebody has taken, or that is about something else too, stays itself. */
function isFree({ board, incidents }: Situation, incidentId: string, cause: string): boolean {
  const incident = incidents.get(incidentId);
  if (incident === undefined || incident.acknowledged !== null || incident.kind === 'group') return false;
  if (incident.state !== 'open' && incident.state !== 'resolved') return false;
  const alike = new Set(board.recent.filter((opening) => opening.cause === cause).map(({ episodeId }) => episodeId));
  return Object.keys(incident.episodes).every((episodeId) => alike.has(episodeId));
}

function openOwn(situation: Situation, sign: CommonSign | null): Reception {
  const { caseFile } = situation;
  const { machineId } = caseFile;
  const incidentId = ownIdOf(caseFile);
  if (situation.incidents.has(incidentId)) return { board: situation.board, touched: [] };
  const incident = openIncident(incidentId, caseFile, situation);
  const board = noteEpisode(situation.board, caseFile, incidentId);
  const incidentOfMachine = { ...board.incidentOfMachine, [machineId]: incidentId };
  const step: Step = { incident, isChange: true, notice: 'opened' };
  return {
    board: noteOpening({ ...board, incidentOfMachine }, situation, sign, incidentId),
    touched: [{ before: null, event: { kind: 'episode', caseFile }, step }],
  };
}

function touch(situation: Situation, incident: Incident, event: IncidentEvent): Touched {
  const result = advance(incident, event, situation);
  if (!result.ok) throw new Error(result.error); // a live incident takes every event of a twin
  return { before: incident, event, step: result.value };
}

const othersIn = ({ members }: Group, { machineId }: CaseFile): Member[] =>
  Object.entries(members).flatMap(([id, member]) => (id === machineId ? [] : [member]));
