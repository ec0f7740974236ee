import { findBreak, type HistoryEntry } from '../../core/incidents/history.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { PersonEvent } from '../../core/incidents/lifecycle.ts';
import { type Shift, shiftOf } from '../../core/incidents/settle.ts';
import { type Label, labelOf, type RuleWorth, worthOf } from '../../core/maintenance/feedback.ts';
import { type SiteSchedule, scheduleOf } from '../../core/maintenance/schedule.ts';
import {
  type Findings,
  finish,
  isUndecided,
  rule,
  tightenGate,
  type Voice,
  type WorkOrder,
} from '../../core/maintenance/work-order.ts';
import { failure, type Result, success } from '../../core/result.ts';
import type { TwinReader } from '../ports/twin-reader.ts';
import type { WorkOrderStore } from '../ports/work-order-store.ts';
import type { Workflow } from '../ports/workflow.ts';
import { actOnIncident } from './act.ts';
import type { CommitDeps } from './commit.ts';

export interface DeskDeps extends CommitDeps {
  readonly workOrders: WorkOrderStore;
  readonly workflow: Workflow;
  readonly twins: Pick<TwinReader, 'state'>;
}

export interface IncidentView {
  readonly incident: Incident;
  readonly history: readonly HistoryEntry[];
  /** Null where the chain of seals holds. */
  readonly historyBreak: string | null;
}

/** What people do about incidents and work orders, by whatever way they come: link, page, command line. */
export interface Desk {
  show(incidentId: string): Promise<Result<IncidentView, string>>;
  act(incidentId: string, event: PersonEvent): Promise<Result<Incident, string>>;
  decide(workOrderId: string, voice: Voice): Promise<Result<WorkOrder, string>>;
  /** Of the last year. */
  schedule(site: string): Promise<SiteSchedule>;
  report(workOrderId: string, findings: Findings): Promise<Result<WorkOrder, string>>;
  /** How many calls this shift had, of how many it may have. */
  shift(site: string): Promise<Shift>;
  /** What the findings of the last year teach, a label for each. */
  labels(site: string): Promise<readonly Label[]>;
  /** What the rules of a machine type were worth, as people found. */
  rules(machineType: string): Promise<readonly RuleWorth[]>;
}

export function createDesk(deps: DeskDeps): Desk {
  const { store, workOrders, hash } = deps;
  return {
    show: async (incidentId) => {
      const incident = (await store.load([incidentId])).get(incidentId);
      if (incident === undefined) return noSuch('incident', incidentId);
      const history = await store.history(incidentId);
      return success({ incident, history, historyBreak: findBreak(history, hash) });
    },
    act: (incidentId, event) => actOnIncident(deps, incidentId, event),
    decide: (workOrderId, voice) =>
      onNewest(deps, workOrderId, async (order) => {
        if (order.state === stateOf[voice.verdict] && order.token !== null) return answer(deps, order, voice);
        const ruled = rule(await gatedAsNow(deps, order), voice);
        if (!ruled.ok) return ruled;
        // Put off, or not yet asked: the workflow would not hear it, and the order would say what does not hold.
        if (order.token === null) return failure(`nobody waits for a decision on ${workOrderId} at this moment`);
        if (!(await workOrders.save(ruled.value.order))) return null;
        return ruled.value.verdict === null ? success(ruled.value.order) : answer(deps, ruled.value.order, voice);
      }),
    shift: async (site) => shiftOf(await store.loadBoard(site), { nowMs: deps.nowMs(), policy: deps.policy }),
    labels: async (site) =>
      (await workOrders.list(site, deps.nowMs() - yearMs)).flatMap((order) => labelOf(order) ?? []),
    rules: async (machineType) => (await workOrders.listRecords(machineType)).map(worthOf),
    schedule: async (site) => {
      const orders = await workOrders.list(site, deps.nowMs() - yearMs);
      return scheduleOf(await Promise.all(orders.map((order) => gatedAsNow(deps, order))));
    },
    report: (workOrderId, findings) =>
      onNewest(deps, workOrderId, async (order) => {
        const finished = finish(order, findings);
        if (!finished.ok) return finished;
        if (!(await workOrders.save(finished.value))) return null;
        if (order.token !== null) await deps.workflow.answer(order.token, { workOrderId });
        return finished;
      }),
  };
}

/** Also the last word of a twin that has fallen silent: a machine that stands still is not well for that. */
export async function gatedAsNow({ twins }: Pick<DeskDeps, 'twins'>, order: WorkOrder): Promise<WorkOrder> {
  if (!isUndecided(order)) return order;
  return tightenGate(order, (await twins.state(order.machineId))?.advice.decision ?? null);
}

const yearMs = 365 * 24 * 3_600_000;
const stateOf = { approve: 'approved', defer: 'deferred', reject: 'rejected' } as const;

const attempts = 3;

/** The workflow writes the order too, so a person's word may find it changed (null): then it is for the newest. */
async function onNewest(
  { workOrders }: DeskDeps,
  workOrderId: string,
  act: (order: WorkOrder) => Promise<Result<WorkOrder, string> | null>,
): Promise<Result<WorkOrder, string>> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const order = await workOrders.load(workOrderId);
    if (order === undefined) return noSuch('work order', workOrderId);
    const done = await act(order);
    if (done !== null) return done;
  }
  return failure(`${workOrderId} changes too often at this moment; look at it and decide again`);
}

async function answer(deps: DeskDeps, order: WorkOrder, voice: Voice): Promise<Result<WorkOrder, string>> {
  const { workOrderId, token } = order;
  const until = voice.untilMs === null ? null : new Date(voice.untilMs).toISOString();
  const isHeard = token !== null && (await deps.workflow.answer(token, { workOrderId, verdict: voice.verdict, until }));
  return isHeard ? success(order) : failure(`nobody waits for a decision on ${workOrderId} any more`);
}

const noSuch = (what: string, id: string): Result<never, string> => failure(`there is no ${what} "${id}"`);
