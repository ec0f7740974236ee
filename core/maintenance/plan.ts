import type { MachineType } from '../machine-types/definition.ts';
import { failure, type Result, success } from '../result.ts';
import { type CostInput, compareCosts } from './cost.ts';
import { type MaintenanceRequest, type RemainingLife, workOrderIdOf } from './request.ts';
import {
  type EarlierWork,
  isSamePlace,
  isSettled,
  isUndecided,
  type Place,
  tightenGate,
  titleOfWork,
  type WorkOrder,
} from './work-order.ts';

/** How a stage plans its maintenance. */
export interface MaintenancePolicy {
  readonly decideWithinMs: number;
  /** Where the registry names no price of the machine's own. */
  readonly downtimeEurPerHour: number;
  /** How far off the next standstill is that is planned anyway: how long one would wait. */
  readonly horizonHours: number;
  readonly shiftMs: number;
  /** The first shift's beginning, from midnight UTC. */
  readonly firstShiftMs: number;
  readonly remindEveryMs: number;
  readonly mostReminders: number;
}

const hourMs = 3_600_000;

/** Assumptions, all of them a stage's to change: a shift to decide, three shifts from six, an hour of a machine at 150 €, a weekly standstill. */
export const defaultMaintenancePolicy: MaintenancePolicy = {
  decideWithinMs: 8 * hourMs,
  downtimeEurPerHour: 150,
  horizonHours: 168,
  shiftMs: 8 * hourMs,
  firstShiftMs: 6 * hourMs,
  remindEveryMs: 24 * hourMs,
  mostReminders: 3,
};

/** What is known of the machine beside the request. */
export interface MachineFacts {
  /** Of the registry; null where it names no price. */
  readonly downtimeEurPerHour: number | null;
  readonly remainingLife: RemainingLife | null;
  readonly earlier: readonly EarlierWork[];
}

export interface Proposing {
  readonly nowMs: number;
  readonly policy: MaintenancePolicy;
  readonly facts: MachineFacts;
}

export function proposeWorkOrder(
  request: MaintenanceRequest,
  type: MachineType,
  proposing: Proposing,
): Result<WorkOrder, string> {
  const { nowMs, policy, facts } = proposing;
  const action = findAction(request, type);
  if (!action.ok) return action;
  const { machine, cause, incident, severity } = request;
  const remainingLife = request.remainingLife ?? facts.remainingLife;
  return success({
    schemaVersion: 1,
    workOrderId: workOrderIdOf(request),
    trigger: request.trigger,
    incidentId: incident?.incidentId ?? null,
    episodeId: incident?.episodeId ?? null,
    code: incident?.code ?? lifeRuleOf(request),
    site: machine.site,
    machineId: machine.machineId,
    machineType: machine.machineType,
    failureMode: cause?.failureMode ?? null,
    component: cause?.component ?? action.value.component,
    part: request.part,
    action: action.value,
    gate: request.gate,
    rationale: request.reason,
    ...reckon({ action: action.value, severity, remainingLife }, proposing),
    earlier: facts.earlier,
    state: 'proposed',
    requestedBy: request.by,
    requestedAtMs: nowMs,
    decideByMs: nowMs + policy.decideWithinMs,
    voices: [],
    scheduledAtMs: null,
    reminders: 0,
    findings: null,
    token: null,
    version: 0,
  });
}

type Reckoned = Pick<WorkOrder, 'remainingLife' | 'cost' | 'reckonedAtMs'>;

function reckon(
  { remainingLife, ...work }: Pick<CostInput, 'action' | 'severity'> & Pick<WorkOrder, 'remainingLife'>,
  { nowMs, policy, facts }: Proposing,
): Reckoned {
  const cost = compareCosts({
    ...work,
    downtimeEurPerHour: facts.downtimeEurPerHour ?? policy.downtimeEurPerHour,
    horizonHours: policy.horizonHours,
    ...(remainingLife === null ? {} : { remainingHours: remainingLife }),
  });
  return { remainingLife, cost, reckonedAtMs: nowMs };
}

/** When it is asked anew, by how long the component lasts from now; where the twin cannot tell, the figures stay. */
export function reckonAnew(order: WorkOrder, proposing: Proposing): WorkOrder {
  const { remainingLife } = proposing.facts;
  if (remainingLife === null) return order;
  // The severity counts for nothing where the remaining life is known.
  return { ...order, ...reckon({ action: order.action, severity: 'normal', remainingLife }, proposing) };
}

/** The open order for this work: for the same part, or where one of both is for the whole component. */
export const findOpen = (orders: readonly WorkOrder[], asked: Place): WorkOrder | undefined =>
  orders.find((order) => isSamePlace(order, asked) && !isSettled(order));

/**
 * A further request for work that nobody has decided on tells that things have become worse: then its figures count. A signal
 * that rests for a while makes nothing better.
 */
export function takeWorse(order: WorkOrder, again: WorkOrder): WorkOrder {
  const isOfIt = order.part == null || order.part === again.part;
  const isSameWork = order.action.name === again.action.name && isOfIt;
  if (!isUndecided(order) || !isSameWork) return order;
  const gated = tightenGate(order, again.gate);
  if (again.cost.waitingEur <= order.cost.waitingEur) return gated;
  const { remainingLife, cost, reckonedAtMs } = again;
  return { ...gated, remainingLife, cost, ...(reckonedAtMs === undefined ? {} : { reckonedAtMs }) };
}

/** The forecast is a rule as well, whose precision counts: one for each component. */
const lifeRuleOf = ({ trigger, cause }: MaintenanceRequest): string | null =>
  trigger === 'remaining_life' ? `remaining_life/${cause?.component}` : null;

type Action = MachineType['actions'][number];

function findAction({ action, cause }: MaintenanceRequest, type: MachineType): Result<Action, string> {
  const mode = type.failureModes.find(({ name }) => name === cause?.failureMode);
  const wanted = action ?? mode?.actions[0];
  const found = type.actions.find(({ name }) => name === wanted);
  if (found !== undefined) return success(found);
  const what = action === null ? `action against "${cause?.failureMode ?? 'nothing'}"` : `action "${action}"`;
  return failure(`${type.name} knows no ${what}; a person has to decide what to do`);
}

/** The component that a request is about: what may have one open work order at a time. */
export const componentOf = (request: MaintenanceRequest, type: MachineType): string | null => {
  const action = findAction(request, type);
  return request.cause?.component ?? (action.ok ? action.value.component : null);
};

/** The next change of shifts once parts and people can be there: the machine stands then anyway. */
export function nextSafeStopMs(fromMs: number, leadTimeHours: number, policy: MaintenancePolicy): number {
  const readyMs = fromMs + leadTimeHours * hourMs;
  const shifts = Math.ceil((readyMs - policy.firstShiftMs) / policy.shiftMs);
  return policy.firstShiftMs + shifts * policy.shiftMs;
}

/** What was done there before, the newest first. */
export function earlierWork(orders: readonly WorkOrder[], place: Place): EarlierWork[] {
  return orders
    .filter((order) => isSamePlace(order, place))
    .flatMap(({ findings, ...order }) => {
      if (findings === null) return [];
      const { workOrderId } = order;
      return [{ workOrderId, title: titleOfWork(order), result: findings.result, doneAtMs: findings.atMs }];
    })
    .sort((a, b) => b.doneAtMs - a.doneAtMs)
    .slice(0, mostEarlier);
}

const mostEarlier = 5;
