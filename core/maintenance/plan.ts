import type { MachineType } from '../machine-types/definition.ts';
import { failure, type Result, success } from '../result.ts';
import { compareCosts } from './cost.ts';
import type { MaintenanceRequest, WorkOrder } from './work-order.ts';

/** How a stage plans its maintenance. */
export interface MaintenancePolicy {
  readonly decideWithinMs: number;
  readonly downtimeEurPerHour: number;
  readonly shiftMs: number;
  /** The first shift's beginning, from midnight UTC. */
  readonly firstShiftMs: number;
  readonly remindEveryMs: number;
  readonly mostReminders: number;
}

const hourMs = 3_600_000;

/** Assumptions, all of them a stage's to change: a shift to decide, three shifts from six, an hour of a machine at 150 €. */
export const defaultMaintenancePolicy: MaintenancePolicy = {
  decideWithinMs: 8 * hourMs,
  downtimeEurPerHour: 150,
  shiftMs: 8 * hourMs,
  firstShiftMs: 6 * hourMs,
  remindEveryMs: 24 * hourMs,
  mostReminders: 3,
};

/** One work order for an incident's component, whatever asks for it how often. */
export const workOrderIdOf = ({ incidentId, caseFile }: MaintenanceRequest): string =>
  `WO.${incidentId}.${caseFile.causes[0]!.component}`;

export function proposeWorkOrder(
  request: MaintenanceRequest,
  type: MachineType,
  { nowMs, policy }: { readonly nowMs: number; readonly policy: MaintenancePolicy },
): Result<WorkOrder, string> {
  const { caseFile, severity } = request;
  const cause = caseFile.causes[0]!;
  const mode = type.failureModes.find(({ name }) => name === cause.failureMode);
  const action = type.actions.find(({ name }) => name === mode?.actions[0]);
  if (mode === undefined || action === undefined) {
    return failure(`${type.name} knows no action against "${cause.failureMode}"; a person has to decide what to do`);
  }
  const cost = compareCosts({ action, severity, downtimeEurPerHour: policy.downtimeEurPerHour, horizonHours: 168 });
  return success({
    schemaVersion: 1,
    workOrderId: workOrderIdOf(request),
    incidentId: request.incidentId,
    episodeId: caseFile.transition.episodeId,
    code: caseFile.transition.code,
    site: request.site,
    machineId: caseFile.machineId,
    machineType: caseFile.machine.machineType,
    failureMode: mode.name,
    component: cause.component,
    action,
    gate: caseFile.advice?.decision ?? 'human_review',
    rationale: caseFile.advice?.rationale ?? 'Asked for by a person',
    cost,
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

/** The next change of shifts once parts and people can be there: the machine stands then anyway. */
export function nextSafeStopMs(fromMs: number, leadTimeHours: number, policy: MaintenancePolicy): number {
  const readyMs = fromMs + leadTimeHours * hourMs;
  const shifts = Math.ceil((readyMs - policy.firstShiftMs) / policy.shiftMs);
  return policy.firstShiftMs + shifts * policy.shiftMs;
}
