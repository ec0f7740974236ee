import { emptyRecord, type RuleRecord } from '../../../core/maintenance/feedback.ts';
import { isSettled, type WorkOrder } from '../../../core/maintenance/work-order.ts';
import type { WorkOrderStore } from '../../../lambdas/ports/work-order-store.ts';

/** The store of work orders in memory, with the laws of the real one. */
export function createMemoryOrders() {
  const orders = new Map<string, WorkOrder>();
  const open = new Map<string, string>();
  const labels = new Set<string>();
  const records = new Map<string, RuleRecord>();
  const recordOf = (machineType: string, code: string): RuleRecord =>
    records.get(`${machineType}/${code}`) ?? emptyRecord(machineType, code);
  const store: WorkOrderStore = {
    load: async (id) => orders.get(id),
    save: async (order) => {
      const { workOrderId, version, machineId, component, part = null } = order;
      const slot = JSON.stringify([machineId, component, part]);
      if ((orders.get(workOrderId)?.version ?? 0) !== version || (version === 0 && open.has(slot))) return false;
      orders.set(workOrderId, { ...order, version: version + 1 });
      if (version === 0) open.set(slot, workOrderId);
      else if (isSettled(order) && open.get(slot) === workOrderId) open.delete(slot);
      return true;
    },
    loadRecord: async (machineType, code) => recordOf(machineType, code),
    listRecords: async (machineType) => [...records.values()].filter((record) => record.machineType === machineType),
    saveFeedback: async ({ workOrderId }, change) => {
      if (labels.has(workOrderId)) return false;
      if (change !== null) {
        const { machineType, code } = change.after;
        if (JSON.stringify(change.before) !== JSON.stringify(recordOf(machineType, code)))
          throw new Error('the record moved on');
        records.set(`${machineType}/${code}`, change.after);
      }
      labels.add(workOrderId);
      return true;
    },
    list: async (site, sinceMs) =>
      [...orders.values()]
        .filter((order) => order.site === site && order.requestedAtMs >= sinceMs)
        .sort((a, b) => b.requestedAtMs - a.requestedAtMs),
  };
  return { store, orders, recordOf };
}
