import type { IncidentView } from '../../../../core/api/desk.ts';
import { formatTime } from '../wording.ts';

const stateNames: Readonly<Record<IncidentView['state'], string>> = {
  open: 'Open, not acknowledged',
  acknowledged: 'Acknowledged',
  in_work: 'In work',
  resolved: 'Resolved',
  shelved: 'Shelved',
  closed: 'Closed',
};

/** How far people are with an incident: its state, who acknowledged it, and whose it is. */
export function describeStanding({
  state,
  acknowledged,
  assignee,
}: Pick<IncidentView, 'state' | 'acknowledged' | 'assignee'>): string {
  const by = acknowledged === null ? '' : `${acknowledged.by}, ${formatTime(acknowledged.at)}`;
  const name = stateNames[state];
  const stands = by === '' ? name : state === 'acknowledged' ? `${name} by ${by}` : `${name}, acknowledged by ${by}`;
  return assignee === null ? stands : `${stands}; assigned to ${assignee}`;
}
