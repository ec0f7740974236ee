import { spell } from '../api/titles.ts';
import type { HistoryEntry } from './history.ts';
import { titleOfEpisode } from './incident.ts';

/** What was done, as it is told afterwards. */
const deeds: Readonly<Record<string, string>> = {
  acknowledge: 'Acknowledged',
  assign: 'Assigned',
  start_work: 'Work started',
  comment: 'Comment',
  shelve: 'Shelved',
  unshelve: 'Taken off the shelf',
  resolve: 'Resolved',
  reopen: 'Reopened',
  close: 'Closed',
  grouped: 'Common cause',
  moved_out: 'Went to another incident',
};

/** One entry of the history as a sentence without its subject: what was done, and what was said of it. */
export function describeEntry({ kind, detail }: Pick<HistoryEntry, 'kind' | 'detail'>): string {
  if (kind === 'episode') return describeEpisode(detail);
  if (kind === 'tick') return describeTick(detail);
  const { text, reason, assignee, commonCause, movedTo } = detail;
  const said = [text, reason, assignee, commonCause, movedTo].find((one) => typeof one === 'string');
  const deed = deeds[kind] ?? spell(kind);
  return said === undefined ? deed : `${deed}: ${said}`;
}

/** What time itself did. */
function describeTick({ from, to }: HistoryEntry['detail']): string {
  if (from === 'shelved') return 'Back from the shelf';
  return to === 'closed' ? 'Closed, for it stayed away' : 'Nobody acknowledged it: told to the next in line';
}

interface Told {
  readonly code?: string;
  readonly title?: string;
  readonly kind?: string;
}

function describeEpisode({ transition, machineId, severity }: HistoryEntry['detail']): string {
  const { code = 'episode', title, kind = '' } = (transition ?? {}) as Told;
  return `${`${titleOfEpisode({ code, title })} ${kind}`.trim()} at ${String(machineId)}, ${String(severity)}`;
}
