import type { WorkOrderView } from '../../../../core/api/work-orders.ts';

export const orderStateWords: Readonly<Record<WorkOrderView['state'], string>> = {
  proposed: 'To be decided',
  deferred: 'Put off',
  rejected: 'Rejected',
  expired: 'Nobody decided',
  approved: 'Approved',
  scheduled: 'Scheduled',
  overdue: 'Overdue',
  done: 'Done',
};

/** With the colours of the states they resemble, and their own words. */
export const orderColours: Readonly<Record<WorkOrderView['state'], string>> = {
  proposed: 'warning',
  deferred: 'watch',
  rejected: 'never',
  expired: 'stale',
  approved: 'normal',
  scheduled: 'normal',
  overdue: 'critical',
  done: 'never',
};

export const isUndecided = ({ state }: Pick<WorkOrderView, 'state'>): boolean =>
  state === 'proposed' || state === 'deferred';

/** Decided and not done: what awaits its findings. */
export const isUnderWay = ({ state }: Pick<WorkOrderView, 'state'>): boolean =>
  state === 'approved' || state === 'scheduled' || state === 'overdue';

/** The moment that is still to come of it; null once it is over. */
export function describeNext(
  order: Pick<WorkOrderView, 'state' | 'decideBy' | 'scheduledAt'>,
): readonly [what: string, at: string] | null {
  if (isUndecided(order)) return ['open for a decision until', order.decideBy];
  return isUnderWay(order) && order.scheduledAt !== null ? ['planned for', order.scheduledAt] : null;
}

/** A week on, when the shift that knows the machine is back, but not past the moment by which one such part in ten has failed. */
export const usualDeferralHours = ({ remainingLife }: Pick<WorkOrderView, 'remainingLife'>): number =>
  Math.max(1, Math.min(7 * 24, remainingLife?.p10 ?? Number.POSITIVE_INFINITY));
