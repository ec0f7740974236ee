import type { IncidentView } from '../../../../core/api/desk.ts';

type State = IncidentView['state'];
export type PlainAct = 'acknowledge' | 'start_work' | 'resolve' | 'close' | 'reopen' | 'unshelve';

/** What may follow on each state, the usual first. */
export const nextActs: Readonly<Record<State, readonly (readonly [PlainAct, string])[]>> = {
  open: [['acknowledge', 'Acknowledge']],
  acknowledged: [
    ['start_work', 'Start work'],
    ['resolve', 'Resolved'],
  ],
  in_work: [['resolve', 'Resolved']],
  resolved: [
    ['close', 'Close'],
    ['reopen', 'Reopen'],
  ],
  shelved: [['unshelve', 'Take off the shelf']],
  closed: [],
};

export const mayComment = (state: State): boolean => state !== 'closed';
export const mayAssign = (state: State): boolean => state !== 'closed';
export const mayShelve = (state: State): boolean => state === 'open' || state === 'acknowledged' || state === 'in_work';
