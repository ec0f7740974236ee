import { toSubject } from '../incidents/subject.ts';
import { formatHours } from '../prognosis/format-hours.ts';
import type { EarlierWork, WorkOrder } from './work-order.ts';
import { titleOfWork, voicesNeeded } from './work-order.ts';

export const maintenanceNews = [
  'proposed',
  'expired',
  'rejected',
  'deferred',
  'scheduled',
  'reminder',
  'overdue',
  'done',
  'tuning',
] as const;
export type MaintenanceNews = (typeof maintenanceNews)[number];

const verbs: Readonly<Record<MaintenanceNews, string>> = {
  proposed: 'Please decide',
  expired: 'Nobody decided',
  rejected: 'Rejected',
  deferred: 'Put off',
  scheduled: 'Scheduled',
  reminder: 'Still to do',
  overdue: 'Overdue',
  done: 'Done',
  tuning: 'Tune the rule',
};

/** Where one looks further. */
export interface OrderLinks {
  readonly pageUrl: string;
  readonly runbookUrl: string;
}

/** What people read of a work order: what to do, what it costs, what waiting costs, until when. */
export function wordOrder(
  order: WorkOrder,
  news: MaintenanceNews,
  { pageUrl, runbookUrl }: OrderLinks,
): { readonly subject: string; readonly body: string } {
  const { action, cost, machineId, workOrderId } = order;
  const parts = action.parts.map(({ name, quantity, priceEur }) => `${quantity} × ${name} (${priceEur} €)`);
  const lines = [
    `${titleOfWork(order)} on ${machineId} (${order.component}), site ${order.site}`,
    '',
    `Why:      ${whyOf(order)}`,
    `Life:     ${lifeLine(order)}`,
    `Work:     ${formatHours(action.durationHours)}${parts.length > 0 ? `, parts there in ${formatHours(action.leadTimeHours)}: ${parts.join(', ')}` : ''}`,
    `Acting:   ${cost.actingEur} €`,
    `Waiting:  ${cost.waitingEur} € expected (${Math.round(cost.failureChance * 100)} % fails first, ${cost.isByRemainingLife ? 'by its remaining life' : 'by its severity'})`,
    ...order.earlier.slice(0, 3).map(earlierLine),
    ...detailsOf(order, news),
    '',
    `Work order: ${workOrderId}`,
    ...(order.incidentId === null ? [] : [`Incident:   ${order.incidentId}`]),
    `Page:       ${pageUrl}/#/maintenance/${encodeURIComponent(workOrderId)}`,
    `Runbook:    ${runbookUrl}#${news === 'tuning' ? 'tune-a-rule' : 'maintenance'}`,
  ];
  const subject = toSubject(`[MAINTENANCE] ${verbs[news]}: ${titleOfWork(order)}, ${machineId}`);
  return { subject, body: lines.join('\n') };
}

function whyOf({ trigger, requestedBy, rationale, failureMode }: WorkOrder): string {
  const asker = trigger === 'person' ? `${requestedBy}: ` : '';
  const cause = failureMode === null ? '' : `; probably ${failureMode.replaceAll('_', ' ')}`;
  return `${asker}${rationale}${cause}`;
}

function lifeLine({ remainingLife }: WorkOrder): string {
  if (remainingLife === null) return 'not known; the twin tells none from what it has';
  const { p10, p50, p90 } = remainingLife;
  return `${formatHours(p50)} left (nine in ten last ${formatHours(p10)}, one in ten ${formatHours(p90)})`;
}

const earlierLine = ({ title, result, doneAtMs }: EarlierWork): string =>
  `Before:   ${new Date(doneAtMs).toISOString().slice(0, 10)} ${title}: ${result.replaceAll('_', ' ')}`;

function detailsOf(order: WorkOrder, news: MaintenanceNews): string[] {
  const at = (ms: number | null): string => (ms === null ? 'not yet' : new Date(ms).toISOString());
  switch (news) {
    case 'proposed':
      return [
        `Decide:   open for a decision until ${at(order.decideByMs)}; approve, defer or reject`,
        ...(voicesNeeded(order, 'reject') > 1
          ? ['          The twin says do not proceed: to go on without this needs two people.']
          : []),
      ];
    case 'expired':
      return ['Now:      nothing was approved and nothing is released; the advice of the twin stands.'];
    case 'scheduled':
    case 'reminder':
    case 'overdue':
      return [`When:     ${at(order.scheduledAtMs)}, the next change of shifts once parts are there`];
    case 'tuning':
      return [`Rule:     ${order.machineType} ${order.code}: no fault found three times in a row`];
    case 'done':
      return [`Found:    ${order.findings?.result.replaceAll('_', ' ')}; ${order.findings?.text ?? ''}`];
    case 'rejected':
    case 'deferred':
      return order.voices.map(({ by, verdict, reason }) => `${verdict}:   ${by}: ${reason}`);
  }
}
