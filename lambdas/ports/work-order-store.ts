import type { Label, RuleRecord } from '../../core/maintenance/feedback.ts';
import type { WorkOrder } from '../../core/maintenance/work-order.ts';

export interface WorkOrderStore {
  load(workOrderId: string): Promise<WorkOrder | undefined>;
  /**
   * Counts the version on. False when the one it was made from is not the one kept any more, or when a new one is for a
   * component, or that part of it, that has an open one.
   */
  save(order: WorkOrder): Promise<boolean>;
  loadRecord(machineType: string, code: string): Promise<RuleRecord>;
  /** What the rules of a machine type were worth so far. */
  listRecords(machineType: string): Promise<readonly RuleRecord[]>;
  /** Label and record together, once for an order; false where it was done before. Throws where the record moved on. */
  saveFeedback(
    label: Label,
    record: { readonly before: RuleRecord; readonly after: RuleRecord } | null,
  ): Promise<boolean>;
  /** Of a site, those requested since then, newest first. */
  list(site: string, sinceMs: number): Promise<readonly WorkOrder[]>;
}
