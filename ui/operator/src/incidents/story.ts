import type { IncidentDetail } from '../../../../core/api/desk.ts';
import { spell } from '../wording.ts';

type Entry = IncidentDetail['history'][number];

/** One entry of the history as a sentence without its subject: what was done, and what was said of it. */
export function describeEntry({ kind, detail }: Pick<Entry, 'kind' | 'detail'>): string {
  if (kind === 'episode') return describeEpisode(detail);
  const said = [detail.text, detail.reason, detail.commonCause, detail.to].find((one) => typeof one === 'string');
  const isMove = kind !== 'assign' && said === detail.to;
  return said === undefined || isMove ? spell(kind) : `${spell(kind)}: ${said}`;
}

function describeEpisode({ transition, machineId, severity }: Entry['detail']): string {
  const { code, kind } = (transition ?? {}) as { readonly code?: string; readonly kind?: string };
  const what = spell(`${code ?? 'episode'} ${kind ?? ''}`.trim());
  return `${what} at ${String(machineId)}, ${String(severity)}`;
}
