import type { KeptState, Registered } from '../../../core/api/present.ts';
import type { Decision } from '../../../core/detection/observation.ts';
import { emptyRecord } from '../../../core/maintenance/feedback.ts';
import type { WorkOrder } from '../../../core/maintenance/work-order.ts';
import { createDeskHandler } from '../../../lambdas/desk/handler.ts';
import { createDesk } from '../../../lambdas/incidents/desk.ts';
import type { TwinEvent } from '../../../lambdas/ports/event-publisher.ts';
import type { WorkOrderStore } from '../../../lambdas/ports/work-order-store.ts';
import { startMs } from '../../core/incidents/plant.ts';
import { pump, sketchOrder } from '../../core/maintenance/orders.ts';
import { openFloor } from '../incidents/floor.ts';

export interface Asking {
  readonly groups?: string | null;
  readonly user?: string;
  readonly programArn?: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const nowMs = startMs + 3_600_000;

const machine: Registered = {
  machineId: 'PUMP-001',
  machineType: pump.name,
  name: 'Pump 1',
  site: 'Kiel',
  line: 'one',
};

/** The desk's handler over an incident and a work order in memory: stores keep their laws, the workflow listens. */
export async function openOffice(order: Partial<WorkOrder> = {}, advised: Decision | null = null) {
  const floor = openFloor();
  await floor.observe({ decision: 'human_review' });
  const incident = [...floor.incidents.values()][0]!;
  const orders = new Map<string, WorkOrder>();
  const first: WorkOrder = { ...sketchOrder(), token: 'token', ...order };
  orders.set(first.workOrderId, first);
  const answered: unknown[] = [];
  const requested: TwinEvent[] = [];
  const audited: Readonly<Record<string, unknown>>[] = [];
  const errors: string[] = [];
  let collisions = 0;
  const silent = () => undefined;
  const note = (_: string, fields: Readonly<Record<string, unknown>> = {}): void => void audited.push(fields);
  const workOrders = {
    load: async (id: string) => orders.get(id),
    listRecords: async (machineType: string) => [
      {
        ...emptyRecord(machineType, 'vibration'),
        counts: { confirmed: 2, other_cause: 1, no_fault_found: 3 },
        noFaultInARow: 3,
      },
    ],
    list: async (site: string) => [...orders.values()].filter((one) => one.site === site),
    save: async (next: WorkOrder) => {
      if (collisions-- > 0) return false;
      orders.set(next.workOrderId, { ...next, version: next.version + 1 });
      return true;
    },
  } satisfies Partial<WorkOrderStore>;
  const workflow = {
    answer: async (token: string, output: unknown) => answered.push([token, output]) > 0,
  };
  const state = advised === null ? undefined : ({ advice: { decision: advised }, receivedAtMs: 0 } as KeptState);
  const twins = { state: async () => state };
  const handler = createDeskHandler({
    desk: createDesk({ ...floor.deps, workOrders: workOrders as unknown as WorkOrderStore, workflow, twins }),
    listLive: async (site) => [...floor.incidents.values()].filter((one) => one.site === site),
    listOpened: async ({ site, fromMs, toMs }) =>
      [...floor.incidents.values()].filter(
        (one) => one.site === site && one.openedAtMs >= fromMs && one.openedAtMs <= toMs,
      ),
    find: async (id) => floor.incidents.get(id),
    workOrders,
    directory: { find: async (id) => (id === machine.machineId ? machine : undefined) },
    twins,
    events: {
      publish: async (events) => {
        requested.push(...events);
        return [];
      },
    },
    findType: (name) => (name === pump.name ? pump : undefined),
    staleAfterMs: 5000,
    nowMs: () => nowMs,
    roleClaim: 'groups',
    log: { info: note, warn: note, error: (message) => void errors.push(message) },
    metrics: { count: silent, durationMs: silent, flush: silent },
  });
  const call = async (routeKey: string, asking: Asking = {}) => {
    const { groups = '[viewer]', user = 'kim', programArn, body, ...rest } = asking;
    const jwt = groups === null ? {} : { jwt: { claims: { username: user, groups } } };
    const authorizer = programArn === undefined ? jwt : { iam: { userArn: programArn } };
    const reply = await handler({
      routeKey,
      headers: {},
      requestContext: { requestId: 'r', authorizer },
      ...rest,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { statusCode: reply.statusCode, body: reply.body === '' ? null : JSON.parse(reply.body) };
  };
  const { workOrderId, site } = first;
  const collide = (times: number): void => {
    collisions = times;
  };
  return {
    call,
    collide,
    nowMs,
    audited,
    errors,
    answered,
    requested,
    orders,
    incidentId: incident.incidentId,
    workOrderId,
    site,
    floor,
  };
}
