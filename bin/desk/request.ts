import type { PersonEvent } from '../../core/incidents/lifecycle.ts';
import { knownTypeNames, knownTypes } from '../../core/machine-types/known.ts';
import { type FindingResult, type Findings, findingResults, type Voice } from '../../core/maintenance/work-order.ts';
import { failure, type Result, success } from '../../core/result.ts';

/** What a person asked for at the keyboard. */
export type DeskRequest =
  | { readonly on: 'incident'; readonly id: string; readonly event: PersonEvent | null }
  | { readonly on: 'decision'; readonly id: string; readonly voice: Voice }
  | { readonly on: 'list'; readonly id: string }
  | { readonly on: 'schedule' | 'rules' | 'labels'; readonly id: string }
  | { readonly on: 'findings'; readonly id: string; readonly findings: Findings };

export interface DeskFlags {
  readonly by?: string | undefined;
  readonly to?: string | undefined;
  readonly reason?: string | undefined;
  readonly until?: string | undefined;
  readonly text?: string | undefined;
  readonly result?: string | undefined;
  readonly part?: readonly string[] | undefined;
}

const plain = ['acknowledge', 'start-work', 'resolve', 'close', 'reopen', 'unshelve'] as const;
const verdicts = ['approve', 'defer', 'reject'] as const;
export const deskActions = [
  'show',
  'list',
  'schedule',
  'rules',
  'labels',
  ...plain,
  'assign',
  'comment',
  'shelve',
  ...verdicts,
  'done',
] as const;
export type DeskAction = (typeof deskActions)[number];

export const isDeskAction = (text: string | undefined): text is DeskAction => deskActions.some((name) => name === text);

export function readRequest(
  action: DeskAction,
  id: string,
  flags: DeskFlags,
  nowMs: number,
): Result<DeskRequest, string> {
  const { by = '', to = '', reason = '', text = '' } = flags;
  const onIncident = (event: PersonEvent | null): Result<DeskRequest, string> => success({ on: 'incident', id, event });
  if (action === 'show') return onIncident(null);
  if (action === 'rules' && knownTypes.findType(id) === undefined)
    return failure(`machine type: got "${id}", allowed are ${knownTypeNames()}`);
  if (action === 'schedule' || action === 'list' || action === 'rules' || action === 'labels')
    return success({ on: action, id });
  if (by.trim() === '') return failure('--by: got nothing; name who does it, like --by "Ines Berg"');
  const kind = plain.find((name) => name === action);
  if (kind !== undefined) return onIncident({ kind: kind === 'start-work' ? 'start_work' : kind, by });
  if (action === 'assign') return onIncident({ kind: 'assign', by, to });
  if (action === 'comment') return onIncident({ kind: 'comment', by, text });
  const untilMs = flags.until === undefined ? null : Date.parse(flags.until);
  if (Number.isNaN(untilMs)) return failure(`--until: got "${flags.until}"; use a time, like 2026-12-01T06:00:00Z`);
  if (action === 'shelve') {
    if (untilMs === null) return failure('--until: got nothing; say when it comes back, like 2026-12-01T06:00:00Z');
    return onIncident({ kind: 'shelve', by, reason, untilMs });
  }
  const verdict = verdicts.find((name) => name === action);
  if (verdict !== undefined)
    return success({ on: 'decision', id, voice: { by, verdict, reason, untilMs, atMs: nowMs } });
  return readFindings(id, flags, nowMs);
}

function readFindings(
  id: string,
  { by = '', text = '', result, part = [] }: DeskFlags,
  nowMs: number,
): Result<DeskRequest, string> {
  const found = findingResults.find((name) => name === result?.replaceAll('-', '_')) as FindingResult | undefined;
  if (found === undefined)
    return failure(`--result: got ${result ?? 'nothing'}, allowed are confirmed, other-cause, no-fault-found`);
  return success({ on: 'findings', id, findings: { result: found, text, partsReplaced: part, by, atMs: nowMs } });
}
