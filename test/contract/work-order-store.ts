import { beforeEach, describe, expect, it } from 'vitest';
import { countFinding, labelOf } from '../../core/maintenance/feedback.ts';
import type { WorkOrder } from '../../core/maintenance/work-order.ts';
import type { WorkOrderStore } from '../../lambdas/ports/work-order-store.ts';
import { startMs } from '../core/incidents/plant.ts';
import { sketchOrder } from '../core/maintenance/orders.ts';

/** What every store of work orders must do, whichever it is. */
export function testWorkOrderStore(name: string, createStore: () => Promise<WorkOrderStore>): void {
  describe(`${name} keeps the laws of a store of work orders`, () => {
    let store: WorkOrderStore;
    beforeEach(async () => {
      store = await createStore();
    });

    const orderOf = (id: string, change: Partial<WorkOrder> = {}): WorkOrder => ({
      ...sketchOrder(),
      workOrderId: id,
      component: id,
      ...change,
    });
    const findings = { result: 'no_fault_found', text: '', partsReplaced: [], by: 'Ola', atMs: startMs } as const;

    it('gives back what was saved, a version on, and nothing for what is not there', async () => {
      expect(await store.load('WO-1')).toBeUndefined();
      expect(await store.save(orderOf('WO-1'))).toBe(true);
      expect(await store.load('WO-1')).toEqual({ ...orderOf('WO-1'), version: 1 });
    });

    it('takes a new one once, and a change of the version it knows only', async () => {
      expect(await store.save(orderOf('WO-1'))).toBe(true);
      expect(await store.save(orderOf('WO-1'))).toBe(false);
      expect(await store.save(orderOf('WO-1', { version: 1, state: 'approved' }))).toBe(true);
      expect(await store.save(orderOf('WO-1', { version: 1, state: 'rejected' }))).toBe(false);
      expect(await store.load('WO-1')).toMatchObject({ state: 'approved', version: 2 });
    });

    it('lets a component have one open order, and the next one when that is settled', async () => {
      const component = 'bearing';
      expect(await store.save(orderOf('WO-1', { component }))).toBe(true);
      expect(await store.save(orderOf('WO-2', { component }))).toBe(false);
      expect(await store.save(orderOf('WO-3', { component, machineId: 'PUMP-002' }))).toBe(true);
      expect(await store.save(orderOf('WO-1', { component, version: 1, state: 'rejected' }))).toBe(true);
      expect(await store.save(orderOf('WO-2', { component }))).toBe(true);
      // A settled order that is touched again takes nobody's place.
      expect(await store.save(orderOf('WO-1', { component, version: 2, state: 'rejected', token: null }))).toBe(true);
      expect(await store.save(orderOf('WO-4', { component }))).toBe(false);
    });

    it('lets each part of a component have one, and takes an order of before it named a part for the whole component’s', async () => {
      const component = 'tool';
      expect(await store.save(orderOf('WO-1', { component, part: 'T07' }))).toBe(true);
      expect(await store.save(orderOf('WO-2', { component, part: 'T08' }))).toBe(true);
      expect(await store.save(orderOf('WO-3', { component, part: 'T07' }))).toBe(false);
      expect(await store.save(orderOf('WO-1', { component, part: 'T07', version: 1, state: 'rejected' }))).toBe(true);
      expect(await store.save(orderOf('WO-3', { component, part: 'T07' }))).toBe(true);
      const { part: _none, ...before } = orderOf('WO-4', { component });
      expect(await store.save(before)).toBe(true);
      expect(await store.save(orderOf('WO-5', { component, part: null }))).toBe(false);
    });

    it('lists a site’s since a moment, the newest first', async () => {
      for (let i = 1; i <= 3; i++) await store.save(orderOf(`WO-${i}`, { requestedAtMs: startMs + i }));
      await store.save(orderOf('WO-9', { site: 'Bremen' }));
      expect((await store.list('Kiel', startMs + 2)).map(({ workOrderId }) => workOrderId)).toEqual(['WO-3', 'WO-2']);
    });

    it('counts a finding once for its rule, and tells what each rule was worth', async () => {
      const label = labelOf(orderOf('WO-1', { findings, state: 'done' }))!;
      const before = await store.loadRecord('centrifugal-pump', 'vibration');
      const { record: after } = countFinding(before, 'no_fault_found');
      expect(await store.saveFeedback(label, { before, after })).toBe(true);
      expect(await store.saveFeedback(label, { before: after, after: countFinding(after, 'confirmed').record })).toBe(
        false,
      );
      expect(await store.loadRecord('centrifugal-pump', 'vibration')).toEqual(after);
      expect(await store.listRecords('centrifugal-pump')).toEqual([after]);
      expect(await store.listRecords('cnc-mill')).toEqual([]);
    });

    it('does not count on a record that moved on, and takes a label for which no rule asked', async () => {
      const before = await store.loadRecord('centrifugal-pump', 'vibration');
      const { record: after } = countFinding(before, 'no_fault_found');
      const labelled = (id: string) => labelOf(orderOf(id, { findings, state: 'done' }))!;
      await store.saveFeedback(labelled('WO-1'), { before, after });
      await expect(store.saveFeedback(labelled('WO-2'), { before, after })).rejects.toThrow();
      expect(await store.saveFeedback(labelled('WO-3'), null)).toBe(true);
      expect(await store.saveFeedback(labelled('WO-3'), null)).toBe(false);
    });
  });
}
