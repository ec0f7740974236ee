import { describe, expect, it } from 'vitest';
import { emptyRecord, type RuleRecord } from '../../../core/maintenance/feedback.ts';
import { defaultMaintenancePolicy as policy } from '../../../core/maintenance/plan.ts';
import type { WorkOrder } from '../../../core/maintenance/work-order.ts';
import { createMaintenanceHandler, type MaintenanceDeps } from '../../../lambdas/maintenance/handler.ts';
import type { TwinEvent } from '../../../lambdas/ports/event-publisher.ts';
import type { Message } from '../../../lambdas/ports/notifier.ts';
import { startMs } from '../../core/incidents/plant.ts';
import { pump, sketchRequest } from '../../core/maintenance/orders.ts';

/** The maintenance function over a store in memory. */
function openWorkshop() {
  const orders = new Map<string, WorkOrder>();
  const labels = new Set<string>();
  let record: RuleRecord = emptyRecord('centrifugal-pump', 'vibration');
  const mails: Message[] = [];
  const events: TwinEvent[] = [];
  const answers: string[] = [];
  const renewed: string[] = [];
  const silent = () => undefined;
  const deps: MaintenanceDeps = {
    store: {
      load: async (id) => orders.get(id),
      save: async (order) => {
        if ((orders.get(order.workOrderId)?.version ?? 0) !== order.version) return false;
        orders.set(order.workOrderId, { ...order, version: order.version + 1 });
        return true;
      },
      loadRecord: async () => record,
      listRecords: async () => [record],
      saveFeedback: async ({ workOrderId }, change) => {
        if (labels.has(workOrderId)) return false;
        if (change !== null && change.before !== record) throw new Error('the record moved on');
        labels.add(workOrderId);
        record = change?.after ?? record;
        return true;
      },
      list: async () => [...orders.values()],
    },
    facts: { read: async () => ({ downtimeEurPerHour: null, forecast: null }) },
    workflow: { answer: async (token) => answers.push(token) > 0 },
    renewals: { renew: async (machineId, component) => void renewed.push(`${machineId}/${component}`) },
    notifier: { send: async (message) => void mails.push(message) },
    events: {
      publish: async (told) => {
        events.push(...told);
        return [];
      },
    },
    findType: (name) => (name === pump.name ? pump : undefined),
    policy,
    nowMs: () => startMs,
    log: { info: silent, warn: silent, error: silent },
  };
  const handle = createMaintenanceHandler(deps);
  const set = (id: string, change: Partial<WorkOrder>): void => {
    orders.set(id, { ...orders.get(id)!, ...change });
  };
  return { handle, set, orders, mails, events, answers, renewed, record: () => record };
}

const open = async (workshop: ReturnType<typeof openWorkshop>): Promise<string> => {
  const { workOrderId } = await workshop.handle({ op: 'open', request: sketchRequest() });
  return String(workOrderId);
};

describe('the maintenance function', () => {
  it('opens one order of a request that comes twice', async () => {
    const workshop = openWorkshop();
    expect(await workshop.handle({ op: 'open', request: sketchRequest() })).toMatchObject({ isNew: true });
    expect(await workshop.handle({ op: 'open', request: sketchRequest() })).toMatchObject({ isNew: false });
    expect(workshop.orders.size).toBe(1);
  });

  it('keeps the token out of mails and events', async () => {
    const workshop = openWorkshop();
    await workshop.handle({ op: 'ask', workOrderId: await open(workshop), token: 'the-token' });
    expect([...workshop.orders.values()][0]?.token).toBe('the-token');
    expect(JSON.stringify([workshop.mails, workshop.events])).not.toContain('the-token');
  });

  it('asks anew after a deferral: old voices do not count', async () => {
    const workshop = openWorkshop();
    const workOrderId = await open(workshop);
    workshop.set(workOrderId, {
      state: 'deferred',
      voices: [{ by: 'Ines', verdict: 'defer', reason: 'r', untilMs: 1, atMs: 0 }],
    });
    await workshop.handle({ op: 'ask', workOrderId, token: 't' });
    expect(workshop.orders.get(workOrderId)).toMatchObject({ state: 'proposed', voices: [] });
  });

  it('reminds until it is overdue, says that once, and takes work that was done meanwhile', async () => {
    const workshop = openWorkshop();
    const workOrderId = await open(workshop);
    workshop.set(workOrderId, { state: 'approved' });
    expect(await workshop.handle({ op: 'schedule', workOrderId })).toMatchObject({ waitS: 54 * 3600 });
    for (let day = 0; day < 6; day++) await workshop.handle({ op: 'remind', workOrderId });
    expect(workshop.events.map(({ detail }) => detail.news)).toEqual([
      'scheduled',
      'reminder',
      'reminder',
      'reminder',
      'overdue',
    ]);
    expect(workshop.mails.at(-1)?.audience).toBe('escalation');
    workshop.set(workOrderId, { state: 'done' });
    await workshop.handle({ op: 'await', workOrderId, token: 'waiting' });
    expect(workshop.answers).toEqual(['waiting']);
  });

  it('counts a finding once, however often its step runs, and renews only what was mended', async () => {
    const workshop = openWorkshop();
    const workOrderId = await open(workshop);
    const findings = { result: 'no_fault_found', text: '', partsReplaced: [], by: 'Ola', atMs: startMs } as const;
    workshop.set(workOrderId, { state: 'done', findings });
    for (let i = 0; i < 3; i++) await workshop.handle({ op: 'finish', workOrderId });
    expect(workshop.record().counts.no_fault_found).toBe(1);
    expect(workshop.renewed).toEqual([]);
    workshop.set(workOrderId, { findings: { ...findings, result: 'other_cause', partsReplaced: ['bearing 6205'] } });
    await workshop.handle({ op: 'finish', workOrderId });
    expect(workshop.renewed).toEqual(['PUMP-001/bearing']);
  });
});
