import { spell } from '../api/titles.ts';
import type { Severity } from '../detection/observation.ts';
import type { CaseFile } from './case-file.ts';

/** One trouble that people deal with: one or more episodes of a machine, or of many with a common cause. */
export const incidentStates = ['open', 'acknowledged', 'in_work', 'resolved', 'shelved', 'closed'] as const;
export type IncidentState = (typeof incidentStates)[number];

/** States that a person or the twin can still bring an incident back to. */
export type WorkingState = 'open' | 'acknowledged' | 'in_work';

export interface IncidentEpisode {
  readonly machineId: string;
  readonly code: string;
  /** As its machine's type calls it; absent in incidents from before it was told. */
  readonly title?: string;
  readonly severity: Severity;
  readonly isOpen: boolean;
}

export interface Incident {
  readonly schemaVersion: 1;
  readonly incidentId: string;
  readonly site: string;
  readonly kind: 'machine' | 'group';
  /** What a group's machines have in common. */
  readonly commonCause: string | null;
  readonly state: IncidentState;
  /** The worst it ever was. */
  readonly severity: Severity;
  readonly episodes: Readonly<Record<string, IncidentEpisode>>;
  readonly openedAtMs: number;
  /** Stays until the incident is closed, whatever the twin says meanwhile. */
  readonly acknowledged: { readonly by: string; readonly atMs: number } | null;
  readonly assignee: string | null;
  readonly shelf: { readonly reason: string; readonly untilMs: number; readonly from: WorkingState } | null;
  readonly resolvedAtMs: number | null;
  /** Into which incident this one went when it turned out to be part of it. */
  readonly mergedInto: string | null;
  readonly flaps: number;
  /** Who is asked: 1 is on-call, each level above is asked when the one below kept silent. */
  readonly level: number;
  readonly escalateAtMs: number | null;
  /** The newest case file that changed it. */
  readonly caseFile: CaseFile;
  /** Entries of its history, and the seal of the last one. */
  readonly version: number;
  readonly seal: string;
}

export const isLive = ({ state }: Pick<Incident, 'state'>): boolean => state !== 'closed';

export const machinesOf = (incident: Incident): readonly string[] => [
  ...new Set(Object.values(incident.episodes).map(({ machineId }) => machineId)),
];

/** The same on every replay: an episode opens one incident. */
export const incidentIdOf = (machineId: string, openedAtMs: number, code: string): string =>
  `${machineId}.${code}.${new Date(openedAtMs).toISOString().replace(/[-:]|\.\d+/g, '')}`;

/** What an episode is called everywhere: by its machine's type, else by its code. */
export const titleOfEpisode = ({
  title,
  code,
}: {
  readonly title?: string | undefined;
  readonly code: string;
}): string => title ?? spell(code);

/** An incident goes whole into an event of 256 KB; an episode takes up to 400 bytes of it. */
const mostEpisodes = 400;

/** The oldest of those that ended first; the history has them all. */
export function forgetEnded(episodes: Incident['episodes']): Incident['episodes'] {
  const all = Object.entries(episodes);
  let beyond = all.length - mostEpisodes;
  if (beyond <= 0) return episodes;
  return Object.fromEntries(all.filter(([, { isOpen }]) => isOpen || beyond-- <= 0));
}
