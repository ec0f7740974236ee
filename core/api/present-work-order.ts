import type { SiteSchedule } from '../maintenance/schedule.ts';
import { voicesNeeded, type WorkOrder } from '../maintenance/work-order.ts';
import { formatMoment } from './moment.ts';
import type { Schedule, WorkOrderDetail, WorkOrderView } from './work-orders.ts';

const momentOf = (atMs: number | null): string | null => (atMs === null ? null : formatMoment(atMs));

export function presentWorkOrder(order: WorkOrder): WorkOrderView {
  const { action, cost, voices, findings } = order;
  const { actingEur, waitingEur, avoidedEur, failureChance, partsEur } = cost;
  const { downtimeEurPerHour, plannedHours, unplannedHours } = cost;
  const { name, title, durationHours, leadTimeHours, parts } = action;
  return {
    workOrderId: order.workOrderId,
    incidentId: order.incidentId,
    trigger: order.trigger,
    site: order.site,
    machineId: order.machineId,
    machineType: order.machineType,
    component: order.component,
    part: order.part ?? null,
    failureMode: order.failureMode,
    action: { name, title, durationHours, leadTimeHours, parts: [...parts] },
    gate: order.gate,
    rationale: order.rationale,
    remainingLife: order.remainingLife,
    cost: {
      ...{ actingEur, waitingEur, avoidedEur, failureChance, partsEur },
      ...{ downtimeEurPerHour, plannedHours, unplannedHours },
    },
    reckonedAt: formatMoment(order.reckonedAtMs ?? order.requestedAtMs),
    state: order.state,
    requestedBy: order.requestedBy,
    requestedAt: formatMoment(order.requestedAtMs),
    decideBy: formatMoment(order.decideByMs),
    voicesNeeded: {
      approve: voicesNeeded(order, 'approve'),
      defer: voicesNeeded(order, 'defer'),
      reject: voicesNeeded(order, 'reject'),
    },
    voices: voices.map(({ by, verdict, reason, untilMs, atMs }) => {
      return { by, verdict, reason, until: momentOf(untilMs), at: formatMoment(atMs) };
    }),
    scheduledAt: momentOf(order.scheduledAtMs),
    findings: findings === null ? null : describeFindings(findings),
  };
}

function describeFindings({ result, text, partsReplaced, by, atMs }: NonNullable<WorkOrder['findings']>) {
  return { result, text, partsReplaced: [...partsReplaced], by, at: formatMoment(atMs) };
}

export function presentWorkOrderInFull(order: WorkOrder): WorkOrderDetail {
  const earlier = order.earlier.map(({ workOrderId, title, result, doneAtMs }) => {
    return { workOrderId, title, result, doneAt: formatMoment(doneAtMs) };
  });
  return { ...presentWorkOrder(order), history: tellHistory(order), earlier };
}

function tellHistory({ requestedBy, requestedAtMs, rationale, voices, findings }: WorkOrder) {
  const asked = { at: formatMoment(requestedAtMs), by: requestedBy, what: 'requested', text: rationale };
  const said = [...voices]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ by, verdict, reason, atMs }) => ({ at: formatMoment(atMs), by, what: verdict, text: reason }));
  if (findings === null) return [asked, ...said];
  const { result, text, by, atMs } = findings;
  return [asked, ...said, { at: formatMoment(atMs), by, what: result, text }];
}

export function presentSchedule(site: string, schedule: SiteSchedule, nowMs: number): Schedule {
  const { upcoming, undecided, costs } = schedule;
  const { parts: quantities, ...figures } = costs;
  const prices = new Map(upcoming.flatMap(({ action }) => action.parts.map(({ name, priceEur }) => [name, priceEur])));
  const parts = Object.entries(quantities).map(([name, quantity]) => {
    return { name, quantity, eur: quantity * (prices.get(name) ?? 0) };
  });
  return {
    site,
    asOf: formatMoment(nowMs),
    upcoming: upcoming.map(presentWorkOrder),
    undecided: undecided.map(presentWorkOrder),
    costs: figures,
    parts,
  };
}
