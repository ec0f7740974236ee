import type { IncidentDetail } from '../../../../core/api/desk.ts';
import { spell } from '../wording.ts';

type Entry = IncidentDetail['history'][number];

/** One entry of the history as a sentence without its subject: what was done, and what was said of it. */
export function describeEntry({ kind, detail }: Pick<Entry, 'kind' | 'detail'>): string {
  if (kind === 'episode') return describeEpisode(detail);
  if (kind === 'tick') return describeTick(detail);
  const { text, reason, commonCause, assignee, movedTo } = detail;
  const said = [text, reason, commonCause, assignee, movedTo].find((one) => typeof one === 'string');
  return said === undefined ? spell(kind) : `${spell(kind)}: ${said}`;
}

/** What time itself did. */
function describeTick({ from, to }: Entry['detail']): string {
  if (from === 'shelved') return 'Back from the shelf';
  return to === 'closed' ? 'Closed, for it stayed away' : 'Nobody took it: told to the next in line';
}

function describeEpisode({ transition, machineId, severity }: Entry['detail']): string {
  const { code, kind } = (transition ?? {}) as { readonly code?: string; readonly kind?: string };
  const what = spell(`${code ?? 'episode'} ${kind ?? ''}`.trim());
  return `${what} at ${String(machineId)}, ${String(severity)}`;
}
