import type { CaseFile } from './case-file.ts';
import type { CommonSign, Member } from './common-cause.ts';
import type { Incident } from './incident.ts';
import { type Dated, keepNewest, mostEnds, mostEpisodes } from './kept-records.ts';
import type { IncidentPolicy } from './policy.ts';

/** What a site remembers of its episodes, so that `receive` can tell which incident the next one belongs to. */
export interface SiteBoard {
  readonly schemaVersion: 1;
  readonly site: string;
  /** Writes so far: what a concurrent writer must have seen. */
  readonly version: number;
  readonly episodes: Readonly<Record<string, KnownEpisode>>;
  readonly incidentOfMachine: Readonly<Record<string, string>>;
  /** Ends that came before their beginning, by episode; absent in boards from before they were kept. */
  readonly ends?: Readonly<Record<string, Dated>>;
  /** New episodes with a common sign, as far back as the window. */
  readonly recent: readonly Opening[];
  /** By cause. */
  readonly groups: Readonly<Record<string, Group>>;
  readonly shift: { readonly startedAtMs: number; readonly pages: number };
}

interface KnownEpisode extends Dated {
  readonly incidentId: string;
}

export interface Opening extends Member {
  readonly cause: string;
  readonly episodeId: string;
  readonly machineId: string;
  readonly incidentId: string;
  readonly atMs: number;
}

export interface Group {
  readonly incidentId: string;
  readonly members: Readonly<Record<string, Member>>;
}

export const emptyBoard = (site: string): SiteBoard => ({
  schemaVersion: 1,
  site,
  version: 0,
  episodes: {},
  incidentOfMachine: {},
  recent: [],
  groups: {},
  shift: { startedAtMs: 0, pages: 0 },
});

export const pickMember = ({ magnitude }: Member): Member => ({ magnitude });

interface NewGroup {
  readonly sign: CommonSign;
  readonly first: Incident;
  readonly others: readonly Incident[];
  readonly members: Readonly<Record<string, Member>>;
}

export function boardWithGroup(board: SiteBoard, { sign, first, others, members }: NewGroup): SiteBoard {
  const joined = new Set([first, ...others].map(({ incidentId }) => incidentId));
  const goesOnIn = (incidentId: string): string => (joined.has(incidentId) ? first.incidentId : incidentId);
  const episodes = Object.entries(board.episodes).map(([id, e]) => [id, { ...e, incidentId: goesOnIn(e.incidentId) }]);
  return {
    ...board,
    episodes: Object.fromEntries(episodes),
    incidentOfMachine: Object.fromEntries(Object.entries(board.incidentOfMachine).filter(([, id]) => !joined.has(id))),
    recent: board.recent.filter(({ incidentId }) => !joined.has(incidentId)),
    groups: { ...board.groups, [sign.cause]: { incidentId: first.incidentId, members } },
  };
}

export function noteEpisode(board: SiteBoard, { transition, atMs }: CaseFile, incidentId: string): SiteBoard {
  const episodes = { ...board.episodes, [transition.episodeId]: { incidentId, atMs } };
  return { ...board, episodes: keepNewest(episodes, mostEpisodes) };
}

/** What has ended is the first to be forgotten. */
export function noteOver(board: SiteBoard, { transition: { kind, episodeId } }: CaseFile): SiteBoard {
  const known = board.episodes[episodeId];
  if (kind !== 'cleared' || known === undefined) return board;
  return { ...board, episodes: { ...board.episodes, [episodeId]: { ...known, isOver: true } } };
}

export function noteEnd(board: SiteBoard, { transition: { episodeId }, atMs }: CaseFile): SiteBoard {
  if (board.ends?.[episodeId] !== undefined) return board;
  return { ...board, ends: keepNewest({ ...board.ends, [episodeId]: { atMs } }, mostEnds) };
}

interface Noting {
  readonly caseFile: CaseFile;
  readonly policy: IncidentPolicy;
}

export function noteOpening(
  board: SiteBoard,
  { caseFile, policy }: Noting,
  sign: CommonSign | null,
  incidentId: string,
): SiteBoard {
  if (sign === null) return board;
  const { machineId, atMs, transition } = caseFile;
  const opening = {
    ...pickMember(sign),
    cause: sign.cause,
    episodeId: transition.episodeId,
    machineId,
    incidentId,
    atMs,
  };
  const recent = board.recent.filter((other) => other.atMs >= atMs - policy.group.windowMs);
  return { ...board, recent: [...recent, opening] };
}

export function noteMember(board: SiteBoard, caseFile: CaseFile, sign: CommonSign | null): SiteBoard {
  const group = sign === null ? undefined : board.groups[sign.cause];
  if (sign === null || group === undefined || caseFile.transition.kind === 'cleared') return board;
  const members = { ...group.members, [caseFile.machineId]: pickMember(sign) };
  return { ...board, groups: { ...board.groups, [sign.cause]: { ...group, members } } };
}
