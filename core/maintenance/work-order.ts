import { z } from 'zod';
import { decisions, severities } from '../detection/observation.ts';
import type { MachineType } from '../machine-types/definition.ts';
import { failure, type Result, success } from '../result.ts';
import type { CostComparison } from './cost.ts';

/** What starts a work order: the twin's event, or a person's. */
export const maintenanceRequestSchema = z.object({
  eventId: z.string().min(1),
  atMs: z.number(),
  by: z.string().min(1),
  incidentId: z.string().min(1),
  site: z.string().min(1),
  severity: z.enum(severities),
  caseFile: z.object({
    machineId: z.string().min(1),
    machine: z.object({ machineType: z.string() }),
    transition: z.object({ code: z.string(), episodeId: z.string() }),
    causes: z.array(z.object({ failureMode: z.string(), component: z.string(), weight: z.number() })).min(1),
    advice: z.object({ decision: z.enum(decisions), rationale: z.string(), confidence: z.number() }).nullable(),
  }),
});

export type MaintenanceRequest = z.output<typeof maintenanceRequestSchema>;

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
  readonly incidentId: string;
  readonly episodeId: string;
  readonly code: string;
  readonly site: string;
  readonly machineId: string;
  readonly machineType: string;
  readonly failureMode: string;
  readonly component: string;
  readonly action: MachineType['actions'][number];
  /** What the twin advised when it asked. */
  readonly gate: (typeof decisions)[number];
  readonly rationale: string;
  readonly cost: CostComparison;
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
  readonly version: number;
}

export interface Ruling {
  readonly order: WorkOrder;
  /** Null while another person has to agree. */
  readonly verdict: Voice['verdict'] | null;
}

/** To go on without what would lift a do_not_proceed, or to put it off, two people must agree. */
export const voicesNeeded = ({ gate }: WorkOrder, verdict: Voice['verdict']): number =>
  gate === 'do_not_proceed' && verdict !== 'approve' ? 2 : 1;

const longestDeferralMs = 30 * 24 * 3_600_000;

/** A person decides. The same person's second voice replaces the first, and counts once. */
export function rule(order: WorkOrder, voice: Voice): Result<Ruling, string> {
  if (order.state !== 'proposed' && order.state !== 'deferred') {
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
    return failure(`until: got ${voice.untilMs ?? 'nothing'}; a deferral ends after now and within 30 days`);
  }
  const voices = [...order.voices.filter(({ by }) => by !== voice.by), voice];
  const agreeing = voices.filter(({ verdict }) => verdict === voice.verdict).length;
  if (agreeing < voicesNeeded(order, voice.verdict)) return success({ order: { ...order, voices }, verdict: null });
  const state = stateAfter[voice.verdict];
  return success({ order: { ...order, voices, state }, verdict: voice.verdict });
}

const stateAfter = { approve: 'approved', defer: 'deferred', reject: 'rejected' } as const;

/** Nobody decided in time: the machine is not released by silence, and nothing is done to it either. */
export function expire(order: WorkOrder): WorkOrder {
  return order.state === 'proposed' ? { ...order, state: 'expired', token: null } : order;
}

export function finish(order: WorkOrder, findings: Findings): Result<WorkOrder, string> {
  if (!['approved', 'scheduled', 'overdue'].includes(order.state)) {
    return failure(`work order ${order.workOrderId} is ${order.state}; only approved work can be reported done`);
  }
  if (findings.by.trim() === '') return failure('by: got nothing; findings need the name of who reports them');
  return success({ ...order, state: 'done', findings, token: null });
}
