import type { z } from 'zod';
import type { Registered } from '../../core/api/present.ts';
import { presentSchedule, presentWorkOrder, presentWorkOrderInFull } from '../../core/api/present-work-order.ts';
import type {
  DecisionBody,
  FindingsBody,
  Rules,
  Schedule,
  WorkOrderDetail,
  WorkOrderPage,
  workOrderQuery,
} from '../../core/api/work-orders.ts';
import { describeCode } from '../../core/detection/findings.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import { componentOf, findOpen } from '../../core/maintenance/plan.ts';
import {
  type MaintenanceRequest,
  type PersonRequest,
  requestByPerson,
  workOrderIdOf,
} from '../../core/maintenance/request.ts';
import type { WorkOrder } from '../../core/maintenance/work-order.ts';
import type { Result } from '../../core/result.ts';
import { takePage } from '../http/page.ts';
import { Refusal } from '../http/reply.ts';
import type { Asked, Call } from '../http/server.ts';
import { type Desk, gatedAsNow } from '../incidents/desk.ts';
import type { EventPublisher } from '../ports/event-publisher.ts';
import type { MachineDirectory, TwinReader } from '../ports/twin-reader.ts';
import type { WorkOrderStore } from '../ports/work-order-store.ts';

export interface OrderDeps {
  readonly desk: Desk;
  readonly workOrders: Pick<WorkOrderStore, 'list' | 'load'>;
  readonly directory: Pick<MachineDirectory, 'find'>;
  readonly twins: Pick<TwinReader, 'state'>;
  readonly events: EventPublisher;
  readonly findType: (name: string) => MachineType | undefined;
  readonly staleAfterMs: number;
}

export const orderCalls = {
  listWorkOrders,
  getWorkOrder: async (deps, asked) => presentWorkOrderInFull(await gatedAsNow(deps, await findOrder(deps, asked))),
  decideWorkOrder,
  reportFindings,
  getMaintenanceSchedule: async ({ desk }, { query, nowMs }): Promise<Schedule> => {
    const { site } = query as { site: string };
    return presentSchedule(site, await desk.schedule(site), nowMs);
  },
  getRules,
  requestMaintenance,
} satisfies Record<string, Call<OrderDeps>>;

const yearMs = 365 * 24 * 3_600_000;

async function listWorkOrders(deps: OrderDeps, { query, nowMs }: Asked): Promise<WorkOrderPage> {
  const { site, state, machineId, limit, cursor } = query as z.output<typeof workOrderQuery>;
  const wanted = (await deps.workOrders.list(site, nowMs - yearMs)).filter(
    (order) =>
      (state === undefined || order.state === state) && (machineId === undefined || order.machineId === machineId),
  );
  const page = takePage(wanted, ({ workOrderId }) => workOrderId, { limit, cursor });
  const gated = await Promise.all(page.items.map((order) => gatedAsNow(deps, order)));
  return { site, workOrders: gated.map(presentWorkOrder), next: page.next };
}

async function findOrder({ workOrders }: OrderDeps, { parameters }: Asked): Promise<WorkOrder> {
  const order = await workOrders.load(parameters.workOrderId!);
  if (order === undefined) throw new Refusal(404, `workOrderId: there is no work order "${parameters.workOrderId}"`);
  return order;
}

async function decideWorkOrder(deps: OrderDeps, asked: Asked): Promise<WorkOrderDetail> {
  const { workOrderId } = await findOrder(deps, asked);
  const body = asked.body as DecisionBody;
  const voice = {
    by: nameOf(asked),
    verdict: body.verdict,
    reason: body.reason,
    untilMs: body.verdict === 'defer' ? Date.parse(body.until) : null,
    atMs: asked.nowMs,
  };
  return presentWorkOrderInFull(settled(await deps.desk.decide(workOrderId, voice)));
}

async function reportFindings(deps: OrderDeps, asked: Asked): Promise<WorkOrderDetail> {
  const { workOrderId } = await findOrder(deps, asked);
  const findings = { ...(asked.body as FindingsBody), by: nameOf(asked), atMs: asked.nowMs };
  return presentWorkOrderInFull(settled(await deps.desk.report(workOrderId, findings)));
}

async function getRules({ desk, findType }: OrderDeps, { parameters }: Asked): Promise<Rules> {
  const type = findType(parameters.typeName!);
  if (type === undefined) throw new Refusal(404, `typeName: nothing is known of "${parameters.typeName}"`);
  const rules = (await desk.rules(type.name)).map(({ code, counts, precision, isToTune }) => ({
    code,
    title: describeCode(type.detection, code).title,
    confirmed: counts.confirmed,
    otherCause: counts.other_cause,
    noFaultFound: counts.no_fault_found,
    precision,
    isToTune,
  }));
  return { machineType: type.name, rules };
}

/** Puts the wish on the bus: the workflow makes a work order of it, which waits for a decision as any other. */
async function requestMaintenance(deps: OrderDeps, asked: Asked) {
  const { parameters, body, nowMs } = asked;
  const machine = await deps.directory.find(parameters.machineId!);
  if (machine === undefined) throw new Refusal(404, `machineId: "${parameters.machineId}" is not registered`);
  const type = deps.findType(machine.machineType);
  if (type === undefined) throw new Refusal(404, `machineType: nothing is known of "${machine.machineType}"`);
  const kept = await deps.twins.state(machine.machineId);
  const twin = kept !== undefined && nowMs - kept.receivedAtMs <= deps.staleAfterMs ? kept : null;
  const wish = requestByPerson(body as PersonRequest, { machine, type, by: nameOf(asked), nowMs, twin });
  if (!wish.ok) throw new Refusal(400, wish.error);
  await refuseSecond(deps, machine, { wish: wish.value, type, nowMs });
  const { eventId, atMs } = wish.value;
  const { machineId } = machine;
  const event = { detailType: 'maintenance_request' as const, eventId, machineId, atMs, detail: wish.value };
  const unsent = await deps.events.publish([event]);
  if (unsent.length > 0) throw new Refusal(503, 'the event bus is busy; try again');
  return { eventId, workOrderId: workOrderIdOf(wish.value) };
}

/** A component has one open order, or each of its parts: a wish beside it would be dropped without a word. */
async function refuseSecond(
  { workOrders }: OrderDeps,
  { machineId, site }: Registered,
  { wish, type, nowMs }: { readonly wish: MaintenanceRequest; readonly type: MachineType; readonly nowMs: number },
): Promise<void> {
  const component = componentOf(wish, type) ?? '';
  const open = findOpen(await workOrders.list(site, nowMs - yearMs), { machineId, component, part: wish.part });
  if (open === undefined) return;
  const { workOrderId, state, part } = open;
  throw new Refusal(
    409,
    `${part == null ? component : `${component} ${part}`} of ${machineId} has the work order ${workOrderId}, which is ${state}; decide on that`,
  );
}

const nameOf = ({ caller }: Asked): string => caller?.name ?? 'somebody';

function settled<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Refusal(409, result.error);
  return result.value;
}
