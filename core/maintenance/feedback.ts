import type { FindingResult, WorkOrder } from './work-order.ts';

/**
 * What was found becomes a label to train by, and counts for or against the rule that asked. Three times in a row no
 * fault found opens a task to tune it: at a true precision of one half that happens by chance once in eight orders.
 */
export interface Label {
  readonly schemaVersion: 1;
  readonly machineId: string;
  readonly machineType: string;
  readonly workOrderId: string;
  readonly component: string;
  readonly episodeId: string | null;
  /** The rule that asked; null where a person did. */
  readonly code: string | null;
  readonly predicted: string | null;
  /** Null where nothing was found. */
  readonly actual: string | null;
  readonly result: FindingResult;
  readonly atMs: number;
  /** The machine was as it was found from the asking until the work was to begin: what came after may be the mended one. */
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface RuleRecord {
  readonly machineType: string;
  readonly code: string;
  readonly counts: Readonly<Record<FindingResult, number>>;
  readonly noFaultInARow: number;
}

export const emptyRecord = (machineType: string, code: string): RuleRecord => ({
  machineType,
  code,
  counts: { confirmed: 0, other_cause: 0, no_fault_found: 0 },
  noFaultInARow: 0,
});

const tuneAfterInARow = 3;

export function countFinding(record: RuleRecord, result: FindingResult) {
  const counts = { ...record.counts, [result]: record.counts[result] + 1 };
  const noFaultInARow = result === 'no_fault_found' ? record.noFaultInARow + 1 : 0;
  return judge({ ...record, counts, noFaultInARow });
}

/** What a record says after its last finding: the same, however often it is asked. */
export const judge = (record: RuleRecord) => ({
  record,
  opensTuning: record.noFaultInARow === tuneAfterInARow,
  precision: precisionOf(record),
});

export interface RuleWorth extends RuleRecord {
  /** Of all that it asked for: how much was a fault. Null before the first finding. */
  readonly precision: number | null;
  /** Whether it waits for somebody to tune it. */
  readonly isToTune: boolean;
}

export const worthOf = (record: RuleRecord): RuleWorth => ({
  ...record,
  precision: precisionOf(record),
  isToTune: record.noFaultInARow >= tuneAfterInARow,
});

/** Another cause is a fault all the same: the rule was right to ask. */
export function precisionOf({ counts }: RuleRecord): number | null {
  const all = counts.confirmed + counts.other_cause + counts.no_fault_found;
  return all === 0 ? null : (counts.confirmed + counts.other_cause) / all;
}

export function labelOf(order: WorkOrder): Label | null {
  if (order.findings === null) return null;
  const { result, text, atMs } = order.findings;
  const actual = { confirmed: order.failureMode, other_cause: text, no_fault_found: null }[result];
  const { requestedAtMs: fromMs, scheduledAtMs } = order;
  const isBetween = scheduledAtMs !== null && scheduledAtMs > fromMs && scheduledAtMs < atMs;
  const untilMs = isBetween ? scheduledAtMs : atMs;
  const { machineId, machineType, workOrderId, component, episodeId, code, failureMode: predicted } = order;
  const asked = { machineId, machineType, workOrderId, component, episodeId, code, predicted };
  return { schemaVersion: 1, ...asked, actual, result, atMs, fromMs, untilMs };
}
