import { type Decision, decisions } from '../detection/observation.ts';
import type { MachineType } from '../machine-types/definition.ts';
import { failure, type Result, success } from '../result.ts';
import type { CostComparison } from './cost.ts';
import type { MaintenanceRequest } from './request.ts';

export const workOrderStates = [
  'proposed',
  'deferred',
  'rejected',
  'expired',
  'approved',
  'scheduled',
  'overdue',
  'done',
] as const;
export type WorkOrderState = (typeof workOrderStates)[number];

/** Whether anything can still come of it. */
export const isSettled = ({ state }: Pick<WorkOrder, 'state'>): boolean =>
  state === 'rejected' || state === 'expired' || state === 'done';

export const isUndecided = ({ state }: Pick<WorkOrder, 'state'>): boolean =>
  state === 'proposed' || state === 'deferred';

export const findingResults = ['confirmed', 'other_cause', 'no_fault_found'] as const;
export type FindingResult = (typeof findingResults)[number];

export interface Findings {
  readonly result: FindingResult;
  readonly text: string;
  readonly partsReplaced: readonly string[];
  readonly by: string;
  readonly atMs: number;
}

export interface Voice {
  readonly by: string;
  readonly verdict: 'approve' | 'defer' | 'reject';
  readonly reason: string;
  readonly untilMs: number | null;
  readonly atMs: number;
}

export interface WorkOrder {
  readonly schemaVersion: 1;
  readonly workOrderId: string;
  readonly trigger: MaintenanceRequest['trigger'];
  /** Null where no incident asked for it: a remaining life or a person did. */
  readonly incidentId: string | null;
  readonly episodeId: string | null;
  /** The rule that asked; null where a person did. */
  readonly code: string | null;
  readonly site: string;
  readonly machineId: string;
  readonly machineType: string;
  /** What is expected to be found; null where a person named the work only. */
  readonly failureMode: string | null;
  readonly component: string;
  /** Which of several: the tool in the magazine. Null, and absent in orders of before it was kept, means the whole component. */
  readonly part?: string | null;
  readonly action: MachineType['actions'][number];
  /** The strictest that the twin advised from the asking to the decision. */
  readonly gate: Decision;
  readonly rationale: string;
  /** Hours left of the component, or of that part, when the cost was reckoned; null where the twin could not tell. */
  readonly remainingLife: MaintenanceRequest['remainingLife'];
  readonly cost: CostComparison;
  /** Absent in orders of before it was kept: when they were asked for. */
  readonly reckonedAtMs?: number;
  /** What was done to this component before, the newest first. */
  readonly earlier: readonly EarlierWork[];
  readonly state: WorkOrderState;
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  readonly decideByMs: number;
  readonly voices: readonly Voice[];
  readonly scheduledAtMs: number | null;
  readonly reminders: number;
  readonly findings: Findings | null;
  /** Where a waiting workflow is answered; null while none waits. */
  readonly token: string | null;
  /** Which run of the workflow made it; absent in orders of before it was kept. */
  readonly openedBy?: string;
  /** Whether the twin was told that the component, or its part, is a new one. */
  readonly isRenewed?: true;
  readonly version: number;
}

export type Place = Pick<WorkOrder, 'machineId' | 'component' | 'part'>;

/** Whether work at the one is work at the other: the same part, or one of them is the whole component. */
export function isSamePlace(one: Place, other: Place): boolean {
  if (one.machineId !== other.machineId || one.component !== other.component) return false;
  const [part, otherPart] = [one.part ?? null, other.part ?? null];
  return part === null || otherPart === null || part === otherPart;
}

/** "Change cutting tool (T07)". */
export const titleOfWork = ({ action, part }: { action: { title: string }; part?: string | null }): string =>
  part == null ? action.title : `${action.title} (${part})`;

export interface EarlierWork {
  readonly workOrderId: string;
  readonly title: string;
  readonly result: FindingResult;
  readonly doneAtMs: number;
}

export interface Ruling {
  readonly order: WorkOrder;
  /** Null while another person has to agree. */
  readonly verdict: Voice['verdict'] | null;
}

/** To go on without what would lift a do_not_proceed, or to put it off, two people must agree. */
export const voicesNeeded = ({ gate }: WorkOrder, verdict: Voice['verdict']): number =>
  gate === 'do_not_proceed' && verdict !== 'approve' ? 2 : 1;

/** A machine that has become worse since the asking closes the gate; one that rests for a while opens none. */
export function tightenGate<T extends WorkOrder>(order: T, advised: Decision | null): T {
  const isStricter = advised !== null && decisions.indexOf(advised) > decisions.indexOf(order.gate);
  return isStricter && isUndecided(order) ? { ...order, gate: advised } : order;
}

const longestDeferralMs = 30 * 24 * 3_600_000;

/** A person decides. The same person's second voice replaces the first, and counts once. */
export function rule(order: WorkOrder, voice: Voice): Result<Ruling, string> {
  if (!isUndecided(order)) {
    return failure(`work order ${order.workOrderId} is ${order.state}; only a proposed or deferred one can be decided`);
  }
  if (voice.by.trim() === '') return failure('by: got nothing; a decision needs the name of who takes it');
  if (voice.verdict !== 'approve' && voice.reason.trim() === '') {
    return failure(`reason: got nothing; to ${voice.verdict} needs a reason`);
  }
  const latestMs = voice.atMs + longestDeferralMs;
  if (
    voice.verdict === 'defer' &&
    !(voice.untilMs !== null && voice.untilMs > voice.atMs && voice.untilMs <= latestMs)
  ) {
    const given = voice.untilMs === null ? 'nothing' : new Date(voice.untilMs).toISOString();
    return failure(`until: got ${given}; a deferral ends after now and within 30 days`);
  }
  const voices = [...order.voices.filter(({ by }) => by !== voice.by), voice];
  const agreeing = voices.filter(({ verdict }) => verdict === voice.verdict).length;
  if (agreeing < voicesNeeded(order, voice.verdict)) return success({ order: { ...order, voices }, verdict: null });
  const state = stateAfter[voice.verdict];
  return success({ order: { ...order, voices, state }, verdict: voice.verdict });
}

const stateAfter = { approve: 'approved', defer: 'deferred', reject: 'rejected' } as const;

/**
 * Nobody decided in time: the machine is not released by silence, and nothing is done to it either. A word that came as
 * time ran out was heard by no workflow, which would have taken the token back: it counts for nothing.
 */
export function expire(order: WorkOrder): WorkOrder {
  const isUnheard = order.token !== null && (order.state === 'approved' || order.state === 'deferred');
  return order.state === 'proposed' || isUnheard ? { ...order, state: 'expired', token: null } : order;
}

export function finish(order: WorkOrder, findings: Findings): Result<WorkOrder, string> {
  if (!['approved', 'scheduled', 'overdue'].includes(order.state)) {
    return failure(`work order ${order.workOrderId} is ${order.state}; only approved work can be reported done`);
  }
  if (findings.by.trim() === '') return failure('by: got nothing; findings need the name of who reports them');
  return success({ ...order, state: 'done', findings, token: null });
}
