import { isUndecided, type WorkOrder } from './work-order.ts';

/** What a site has before it, and what its maintenance was worth so far. Money as the orders reckoned it. */
export interface SiteSchedule {
  /** Decided and not done, the next first. */
  readonly upcoming: readonly WorkOrder[];
  /** Waiting for somebody to decide. */
  readonly undecided: readonly WorkOrder[];
  readonly costs: {
    readonly plannedEur: number;
    readonly plannedHours: number;
    /** Expected of leaving what is undecided. */
    readonly waitingEur: number;
    readonly unplannedHours: number;
    readonly avoidedEur: number;
    /** Standstill that planned work kept away: as long as a failure's, as likely as it was, less its own. */
    readonly avoidedHours: number;
    /** By part: what the upcoming work takes from the store. */
    readonly parts: Readonly<Record<string, number>>;
    readonly done: number;
    readonly noFaultFound: number;
  };
}

export function scheduleOf(orders: readonly WorkOrder[]): SiteSchedule {
  const upcoming = orders
    .filter(({ state }) => state === 'approved' || state === 'scheduled' || state === 'overdue')
    .sort((a, b) => (a.scheduledAtMs ?? 0) - (b.scheduledAtMs ?? 0));
  const done = orders.filter(({ state }) => state === 'done');
  const parts: Record<string, number> = {};
  for (const { name, quantity } of upcoming.flatMap(({ action }) => action.parts))
    parts[name] = (parts[name] ?? 0) + quantity;
  const sum = (of: readonly WorkOrder[], read: (order: WorkOrder) => number): number =>
    of.reduce((total, order) => total + read(order), 0);
  // Only a fault that was there could have stopped the machine.
  const confirmed = done.filter(({ findings }) => findings?.result !== 'no_fault_found');
  const undecided = orders.filter(isUndecided);
  return {
    upcoming,
    undecided,
    costs: {
      plannedEur: sum(upcoming, ({ cost }) => cost.actingEur),
      plannedHours: sum(upcoming, ({ cost }) => cost.plannedHours),
      waitingEur: sum(undecided, ({ cost }) => cost.waitingEur),
      unplannedHours: sum(undecided, ({ cost }) => cost.unplannedHours),
      avoidedEur: sum(confirmed, ({ cost }) => cost.avoidedEur),
      avoidedHours: sum(confirmed, ({ cost }) => cost.unplannedHours * cost.failureChance - cost.plannedHours),
      parts,
      done: done.length,
      noFaultFound: done.length - confirmed.length,
    },
  };
}
