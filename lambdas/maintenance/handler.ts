import type { MachineType } from '../../core/machine-types/definition.ts';
import { countFinding, judge, type Label, labelOf } from '../../core/maintenance/feedback.ts';
import {
  componentOf,
  earlierWork,
  findOpen,
  type MachineFacts,
  type MaintenancePolicy,
  nextSafeStopMs,
  proposeWorkOrder,
  reckonAnew,
  takeWorse,
} from '../../core/maintenance/plan.ts';
import { lifeOf, type MaintenanceRequest, readRequest } from '../../core/maintenance/request.ts';
import { type MaintenanceNews, type OrderLinks, wordOrder } from '../../core/maintenance/wording.ts';
import { expire, type Findings, tightenGate, type WorkOrder } from '../../core/maintenance/work-order.ts';
import type { EventPublisher } from '../ports/event-publisher.ts';
import type { MachineFactsReader } from '../ports/machine-facts.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Log } from '../ports/telling.ts';
import type { WorkOrderStore } from '../ports/work-order-store.ts';
import type { Renewals, Workflow } from '../ports/workflow.ts';

export interface MaintenanceDeps {
  readonly store: WorkOrderStore;
  readonly facts: MachineFactsReader;
  readonly workflow: Workflow;
  readonly renewals: Renewals;
  readonly notifier: Notifier;
  readonly events: EventPublisher;
  readonly findType: (name: string) => MachineType | undefined;
  readonly policy: MaintenancePolicy;
  readonly links: OrderLinks;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** What the state machine asks for; `op` is the state's part in the work order's life. */
export type MaintenanceTask =
  | {
      readonly op: 'open';
      readonly request: unknown;
      /** The same when the step runs again, another when the event is delivered again. */
      readonly execution?: string;
    }
  | { readonly op: 'ask' | 'await'; readonly workOrderId: string; readonly token: string }
  | { readonly op: 'expire' | 'reject' | 'defer' | 'schedule' | 'remind' | 'finish'; readonly workOrderId: string };

type Answer = Readonly<Record<string, unknown>>;

/** Each task may run again with the same input: what it has done before it finds done. */
export function createMaintenanceHandler(deps: MaintenanceDeps) {
  return async (task: MaintenanceTask): Promise<Answer> => {
    if (task.op === 'open') return open(deps, task.request, task.execution);
    const order = await deps.store.load(task.workOrderId);
    if (order === undefined) throw new Error(`there is no work order ${task.workOrderId}`);
    const { workOrderId } = order;
    switch (task.op) {
      case 'ask':
        await ask(deps, order, task.token);
        return { workOrderId };
      case 'await':
        await awaitWork(deps, order, task.token);
        return { workOrderId };
      case 'remind':
        return remind(deps, order);
      case 'expire': {
        const expired = expire(order);
        await change(deps, order, expired, expired.state === 'expired' ? 'expired' : null);
        return { workOrderId };
      }
      case 'reject':
        await change(deps, order, { ...order, token: null }, 'rejected');
        return { workOrderId };
      case 'defer':
        return defer(deps, order);
      case 'schedule':
        return schedule(deps, order);
      case 'finish':
        await finishUp(deps, order);
        return { workOrderId };
    }
  };
}

async function open(deps: MaintenanceDeps, input: unknown, execution: string | undefined): Promise<Answer> {
  const request = readRequest(input);
  const { machineType } = request.machine;
  const type = deps.findType(machineType);
  const order =
    type === undefined
      ? { ok: false as const, error: `machine type "${machineType}" is not known here` }
      : proposeWorkOrder(request, type, {
          nowMs: deps.nowMs(),
          policy: deps.policy,
          facts: await gatherFacts(deps, request, type),
        });
  if (!order.ok) {
    deps.log.warn('no work order', { request: request.eventId, reason: order.error });
    return { workOrderId: '', isNew: false };
  }
  const { workOrderId } = order.value;
  const proposed = execution === undefined ? order.value : { ...order.value, openedBy: execution };
  const isNew =
    !(await hasOverlapping(deps, proposed)) && ((await deps.store.save(proposed)) || (await hasOpened(deps, proposed)));
  if (!isNew) await addToOpen(deps, order.value, request.eventId);
  return { workOrderId, isNew };
}

/** The step may have saved the order and died before it said so: then this execution alone goes on with it. */
async function hasOpened({ store }: MaintenanceDeps, { workOrderId, openedBy }: WorkOrder): Promise<boolean> {
  return openedBy !== undefined && (await store.load(workOrderId))?.openedBy === openedBy;
}

/** The store keeps a part's work apart from its whole component's: of those two the one that is open does for both. */
async function hasOverlapping(
  { store, nowMs }: MaintenanceDeps,
  { workOrderId, ...place }: WorkOrder,
): Promise<boolean> {
  const orders = await store.list(place.site, nowMs() - historyMs);
  return (
    findOpen(
      orders.filter((other) => other.workOrderId !== workOrderId),
      place,
    ) !== undefined
  );
}

/** The same work was asked for before; where things are worse by now, its order says so. */
async function addToOpen(deps: MaintenanceDeps, again: WorkOrder, request: string): Promise<void> {
  const orders = await deps.store.list(again.site, deps.nowMs() - historyMs);
  const order = findOpen(orders, again);
  deps.log.info('there is an open work order already', { request, workOrderId: order?.workOrderId ?? '' });
  if (order !== undefined) await change(deps, order, takeWorse(order, again), null);
}

async function gatherFacts(
  deps: MaintenanceDeps,
  request: MaintenanceRequest,
  type: MachineType,
): Promise<MachineFacts> {
  const { machineId, site } = request.machine;
  const component = componentOf(request, type) ?? '';
  const { part } = request;
  const [{ downtimeEurPerHour, forecast }, orders] = await Promise.all([
    deps.facts.read(machineId),
    deps.store.list(site, deps.nowMs() - historyMs),
  ]);
  const earlier = earlierWork(orders, { machineId, component, part });
  return { downtimeEurPerHour, remainingLife: lifeOf(forecast, component, part), earlier };
}

/** Work of the last two years is history enough to plan by. */
const historyMs = 2 * 365 * 24 * 3_600_000;

/** After a deferral the question is a new one: earlier voices do not count for it, nor what waiting cost then. */
async function ask(deps: MaintenanceDeps, order: WorkOrder, token: string): Promise<void> {
  const decideByMs = deps.nowMs() + deps.policy.decideWithinMs;
  const asked = order.state === 'deferred' ? await renewQuestion(deps, order) : order;
  await change(deps, order, { ...asked, state: 'proposed', decideByMs, token }, 'proposed');
}

async function renewQuestion({ facts, policy, nowMs }: MaintenanceDeps, order: WorkOrder): Promise<WorkOrder> {
  const { machineId, component, part, earlier } = order;
  const { downtimeEurPerHour, forecast, advised } = await facts.read(machineId);
  const known = { downtimeEurPerHour, remainingLife: lifeOf(forecast, component, part), earlier };
  return { ...reckonAnew(tightenGate(order, advised), { nowMs: nowMs(), policy, facts: known }), voices: [] };
}

/** Asked again when the time is over that the last voice named. */
async function defer(deps: MaintenanceDeps, order: WorkOrder): Promise<Answer> {
  const untilMs = order.voices.findLast(({ verdict }) => verdict === 'defer')?.untilMs ?? deps.nowMs();
  await change(deps, order, { ...order, token: null }, 'deferred');
  return { workOrderId: order.workOrderId, until: new Date(untilMs).toISOString() };
}

async function schedule(deps: MaintenanceDeps, order: WorkOrder): Promise<Answer> {
  const { workOrderId, action } = order;
  const scheduledAtMs = order.scheduledAtMs ?? nextSafeStopMs(deps.nowMs(), action.leadTimeHours, deps.policy);
  const isNew = order.state === 'approved';
  // Scheduled already, the step runs again: it may have died before it told so.
  if (isNew || order.state === 'scheduled') {
    const scheduled: WorkOrder = isNew ? { ...order, state: 'scheduled', scheduledAtMs, token: null } : order;
    await change(deps, order, scheduled, 'scheduled');
  }
  return { workOrderId, waitS: Math.max(1, Math.ceil((scheduledAtMs - deps.nowMs()) / 1000)) };
}

/** Work may have been done already: then nobody will answer the token any more. */
async function awaitWork(deps: MaintenanceDeps, order: WorkOrder, token: string): Promise<void> {
  const { workOrderId, state } = order;
  if (state === 'done') await deps.workflow.answer(token, { workOrderId });
  else await change(deps, order, { ...order, token }, null);
}

/** Nobody waits for the token any more: a step that finds it taken back has counted, and may have died before it told so. */
async function remind(deps: MaintenanceDeps, order: WorkOrder): Promise<Answer> {
  const waitS = Math.ceil(deps.policy.remindEveryMs / 1000);
  const { workOrderId } = order;
  if (order.state === 'done') return { workOrderId, waitS };
  const isRepeated = order.token === null;
  const reminders = isRepeated ? order.reminders : order.reminders + 1;
  const beyond = reminders - deps.policy.mostReminders;
  const state = beyond > 0 ? 'overdue' : order.state;
  const next: WorkOrder = isRepeated ? order : { ...order, reminders, state, token: null };
  await change(deps, order, next, beyond <= 0 ? 'reminder' : beyond === 1 ? 'overdue' : null);
  return { workOrderId, waitS };
}

/** The component or its part is a new one, the rule has one more finding for or against it, and training one more label. */
async function finishUp(deps: MaintenanceDeps, order: WorkOrder): Promise<void> {
  const label = labelOf(order);
  if (order.findings === null || label === null) throw new Error(`work order ${order.workOrderId} has no findings`);
  const { precision, opensTuning } = await count(deps, label);
  const renewed = await renew(deps, order, order.findings);
  await announce(deps, renewed, 'done', { label, precision });
  if (opensTuning) await announce(deps, renewed, 'tuning', { precision });
}

/** Noted in the order, so that it is told once; where the step dies before it noted so, the twin knows the work order again. */
async function renew(deps: MaintenanceDeps, order: WorkOrder, findings: Findings): Promise<WorkOrder> {
  const isMended = findings.partsReplaced.length > 0 || findings.result === 'confirmed';
  if (!isMended || order.isRenewed === true) return order;
  const { machineId, component, part = null, workOrderId, version } = order;
  await deps.renewals.renew(machineId, { component, part }, { work_order: workOrderId, result: findings.result });
  const renewed: WorkOrder = { ...order, isRenewed: true };
  await change(deps, order, renewed, null);
  return { ...renewed, version: version + 1 };
}

/** Once, however often the step runs, and told anew each time. Where no rule asked, there is none to count for. */
async function count(deps: MaintenanceDeps, label: Label) {
  const { machineType, code, result, workOrderId } = label;
  if (code === null) {
    await deps.store.saveFeedback(label, null);
    return { precision: null, opensTuning: false };
  }
  const before = await deps.store.loadRecord(machineType, code);
  const counted = countFinding(before, result);
  if (await deps.store.saveFeedback(label, { before, after: counted.record })) return counted;
  deps.log.info('the findings were counted before', { workOrderId });
  return judge(before);
}

async function change(
  deps: MaintenanceDeps,
  before: WorkOrder,
  after: WorkOrder,
  news: MaintenanceNews | null,
): Promise<void> {
  if (after !== before && !(await deps.store.save(after))) {
    throw new Error(`work order ${after.workOrderId} was changed meanwhile; the task is tried again`);
  }
  if (news !== null) await announce(deps, after, news);
}

async function announce(
  deps: MaintenanceDeps,
  order: WorkOrder,
  news: MaintenanceNews,
  more: Answer = {},
): Promise<void> {
  const { workOrderId, machineId, site } = order;
  const { token: _secret, openedBy: _own, isRenewed: _done, ...told } = order;
  const atMs = deps.nowMs();
  const eventId = `${workOrderId}/${news}/${order.version}`;
  const detail = { schemaVersion: 1, news, order: told, ...more };
  const unsent = await deps.events.publish([{ detailType: 'maintenance', eventId, machineId, atMs, detail }]);
  if (unsent.length > 0) throw new Error(`work order ${workOrderId}: the bus did not take "${news}"`);
  const audience = news === 'expired' || news === 'overdue' ? 'escalation' : 'maintenance';
  await deps.notifier.send({ audience, ...wordOrder(order, news, deps.links), attributes: { site, kind: news } });
}
