import { describe, expect, it } from 'vitest';
import { defaultMaintenancePolicy as policy } from '../../../core/maintenance/plan.ts';
import { requestByPerson } from '../../../core/maintenance/request.ts';
import type { WorkOrder } from '../../../core/maintenance/work-order.ts';
import type { Forecast } from '../../../core/prognosis/forecast.ts';
import { createMaintenanceHandler, type MaintenanceDeps } from '../../../lambdas/maintenance/handler.ts';
import type { TwinEvent } from '../../../lambdas/ports/event-publisher.ts';
import type { Message } from '../../../lambdas/ports/notifier.ts';
import { startMs } from '../../core/incidents/plant.ts';
import { pump, sketchRequest } from '../../core/maintenance/orders.ts';
import { createMemoryOrders } from './memory-store.ts';

const nothingKnown: MaintenanceDeps['facts'] = {
  read: async () => ({ downtimeEurPerHour: null, forecast: null, advised: null }),
};
const wearing: Omit<Forecast, 'component' | 'remainingHours'> = {
  ...{ part: null, failureMode: 'bearing_wear', status: 'wearing', remainingCycles: null, method: null, why: '' },
  ...{ confidence: 0.5, evidence: null, grewBecause: null, withheldBecause: null },
};

/** The maintenance function over a store in memory. */
function openWorkshop(facts: MaintenanceDeps['facts'] = nothingKnown) {
  const { store, orders, recordOf } = createMemoryOrders();
  const mails: Message[] = [];
  const events: TwinEvent[] = [];
  const answers: string[] = [];
  const renewed: string[] = [];
  let isBusAway = false;
  const silent = () => undefined;
  const clock = { nowMs: startMs };
  const deps: MaintenanceDeps = {
    store,
    facts,
    workflow: { answer: async (token) => answers.push(token) > 0 },
    renewals: {
      renew: async (machineId, { component, part }) =>
        void renewed.push([machineId, component, part ?? []].flat().join('/')),
    },
    notifier: { send: async (message) => void mails.push(message) },
    events: {
      publish: async (told) => {
        const unsent = isBusAway ? told : [];
        if (!isBusAway) events.push(...told);
        isBusAway = false;
        return unsent;
      },
    },
    findType: (name) => (name === pump.name ? pump : undefined),
    policy,
    links: { pageUrl: 'https://twin.example', runbookUrl: 'docs/runbook.md' },
    nowMs: () => clock.nowMs,
    log: { info: silent, warn: silent, error: silent },
  };
  const handle = createMaintenanceHandler(deps);
  const set = (id: string, change: Partial<WorkOrder>): void => {
    orders.set(id, { ...orders.get(id)!, ...change });
  };
  return {
    handle,
    deps,
    clock,
    set,
    store,
    orders,
    mails,
    events,
    answers,
    renewed,
    /** For the next event. */
    breakBus: () => {
      isBusAway = true;
    },
    record: () => recordOf('centrifugal-pump', 'vibration'),
  };
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

  it.each(['approved', 'deferred'] as const)(
    'lets no order stay %s that its workflow did not hear in time',
    async (state) => {
      const workshop = openWorkshop();
      const workOrderId = await open(workshop);
      await workshop.handle({ op: 'ask', workOrderId, token: 'over' });
      workshop.set(workOrderId, { state });
      await workshop.handle({ op: 'expire', workOrderId });
      expect(workshop.orders.get(workOrderId)).toMatchObject({ state: 'expired', token: null });
      // The component is free for the next request.
      const request = { ...sketchRequest(), incident: null };
      expect(await workshop.handle({ op: 'open', request })).toMatchObject({ isNew: true });
    },
  );

  it('goes on with an order that it saved and died before it said so, in the same execution alone', async () => {
    const workshop = openWorkshop();
    const open = (execution: string) => workshop.handle({ op: 'open', request: sketchRequest(), execution });
    const { save } = workshop.store;
    workshop.store.save = async (order) => {
      workshop.store.save = save;
      await save(order);
      throw new Error('killed');
    };
    await expect(open('first')).rejects.toThrow('killed');
    expect(await open('second')).toMatchObject({ isNew: false });
    const { workOrderId, isNew } = await open('first');
    expect(isNew).toBe(true);
    await workshop.handle({ op: 'ask', workOrderId: String(workOrderId), token: 't' });
    expect(JSON.stringify(workshop.events)).not.toContain('openedBy');
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
    for (let day = 0; day < 6; day++) {
      await workshop.handle({ op: 'await', workOrderId, token: `day ${day}` });
      await workshop.handle({ op: 'remind', workOrderId });
    }
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

  it('counts a reminder once, and tells it again, when its step runs again', async () => {
    const workshop = openWorkshop();
    const workOrderId = await open(workshop);
    workshop.set(workOrderId, { state: 'scheduled' });
    for (let day = 0; day <= policy.mostReminders; day++) {
      await workshop.handle({ op: 'await', workOrderId, token: `day ${day}` });
      workshop.breakBus();
      await expect(workshop.handle({ op: 'remind', workOrderId })).rejects.toThrow('the bus did not take');
      await workshop.handle({ op: 'remind', workOrderId });
      expect(workshop.orders.get(workOrderId)).toMatchObject({ reminders: day + 1 });
    }
    const told = workshop.events.map(({ detail }) => detail.news);
    expect(told).toEqual(['reminder', 'reminder', 'reminder', 'overdue']);
  });

  it('renews the whole component where an order was made before it named a part', async () => {
    const workshop = openWorkshop();
    const workOrderId = await open(workshop);
    const findings = { result: 'confirmed', text: '', partsReplaced: [], by: 'Ola', atMs: startMs } as const;
    const { part: _none, ...before } = workshop.orders.get(workOrderId)!;
    workshop.orders.set(workOrderId, { ...before, state: 'done', findings });
    await workshop.handle({ op: 'finish', workOrderId });
    expect(workshop.renewed).toEqual(['PUMP-001/bearing']);
  });

  it('renews a component once, and tells the end under one id, when the last step runs again', async () => {
    const workshop = openWorkshop();
    const workOrderId = await open(workshop);
    const findings = { result: 'confirmed', text: '', partsReplaced: [], by: 'Ola', atMs: startMs } as const;
    workshop.set(workOrderId, { state: 'done', findings });
    workshop.breakBus();
    await expect(workshop.handle({ op: 'finish', workOrderId })).rejects.toThrow('the bus did not take');
    for (let i = 0; i < 2; i++) await workshop.handle({ op: 'finish', workOrderId });
    expect(workshop.renewed).toEqual(['PUMP-001/bearing']);
    expect(new Set(workshop.events.map(({ eventId }) => eventId)).size).toBe(1);
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

  it('reckons an open order anew when it is asked for again and things are worse, until somebody has decided', async () => {
    const workshop = openWorkshop();
    const askFor = async (severity: 'watch' | 'warning' | 'critical') => {
      workshop.clock.nowMs += 60_000;
      const { workOrderId } = await workshop.handle({ op: 'open', request: sketchRequest({ severity }) });
      const { cost, reckonedAtMs } = workshop.orders.get(String(workOrderId))!;
      return [cost.failureChance, reckonedAtMs! - startMs];
    };
    expect(await askFor('watch')).toEqual([0.05, 60_000]);
    expect(await askFor('critical')).toEqual([0.6, 120_000]);
    expect(await askFor('warning')).toEqual([0.6, 120_000]);
    workshop.set([...workshop.orders.keys()][0]!, {
      cost: { ...[...workshop.orders.values()][0]!.cost, waitingEur: 1 },
      state: 'approved',
    });
    expect(await askFor('critical')).toEqual([0.6, 120_000]);
    expect([workshop.orders.size, workshop.mails, workshop.events]).toEqual([1, [], []]);
  });

  it('takes the stricter advice of a request for the same work', async () => {
    const workshop = openWorkshop();
    const workOrderId = await open(workshop);
    for (const decision of ['do_not_proceed', 'watch'] as const) {
      await workshop.handle({ op: 'open', request: sketchRequest({ decision }) });
      expect(workshop.orders.get(workOrderId)).toMatchObject({ gate: 'do_not_proceed' });
    }
  });

  it('does so for the work that was asked for alone', async () => {
    const workshop = openWorkshop();
    const workOrderId = await open(workshop);
    const before = workshop.orders.get(workOrderId);
    const other = { ...sketchRequest({ severity: 'critical' }), action: 'align' };
    const action = { ...pump.actions.find(({ component }) => component === 'bearing')!, name: 'align' };
    const bearingAligned = { ...pump, actions: [...pump.actions, action] };
    const handle = createMaintenanceHandler({ ...workshop.deps, findType: () => bearingAligned });
    expect(await handle({ op: 'open', request: other })).toMatchObject({ isNew: false });
    expect(workshop.orders.get(workOrderId)).toEqual(before);
  });

  it('asks after a deferral by what is known then', async () => {
    const components: Forecast[] = [];
    const forecast = { machineId: 'PUMP-001', atMs: startMs, nextMaintenance: null, components };
    const workshop = openWorkshop({
      read: async () => ({ downtimeEurPerHour: 400, forecast, advised: 'do_not_proceed' }),
    });
    const workOrderId = await open(workshop);
    const askLater = async () => {
      workshop.set(workOrderId, { state: 'deferred' });
      workshop.clock.nowMs += 3_600_000;
      await workshop.handle({ op: 'ask', workOrderId, token: 't' });
      const { cost, remainingLife, reckonedAtMs } = workshop.orders.get(workOrderId)!;
      return { chance: cost.failureChance, p50: remainingLife?.p50, reckonedAtMs };
    };
    expect(await askLater()).toEqual({ chance: 0.2, p50: undefined, reckonedAtMs: startMs });
    components.push({ ...wearing, component: 'bearing', remainingHours: { p10: 84, p50: 168, p90: 400 } });
    expect(await askLater()).toEqual({ chance: 0.5, p50: 168, reckonedAtMs: startMs + 7_200_000 });
    expect(workshop.mails.at(-1)?.body).toContain('(50 % fails first, by its remaining life)');
    expect(workshop.mails.at(-1)?.body).toContain('needs two people');
  });

  it('tells at the second attempt what the bus did not take at the first', async () => {
    const workshop = openWorkshop();
    const workOrderId = await open(workshop);
    workshop.set(workOrderId, { state: 'approved' });
    workshop.breakBus();
    await expect(workshop.handle({ op: 'schedule', workOrderId })).rejects.toThrow('the bus did not take "scheduled"');
    await workshop.handle({ op: 'schedule', workOrderId });
    expect(workshop.events.map(({ detail }) => detail.news)).toEqual(['scheduled']);
  });

  it('opens the task to tune a rule although the bus was away when its third finding was counted', async () => {
    const workshop = openWorkshop();
    const findings = { result: 'no_fault_found', text: '', partsReplaced: [], by: 'Ola', atMs: startMs } as const;
    for (const episode of ['e-1', 'e-2', 'e-3']) {
      const incident = { incidentId: episode, episodeId: episode, code: 'vibration' };
      const { workOrderId } = await workshop.handle({ op: 'open', request: { ...sketchRequest(), incident } });
      const finish = { op: 'finish', workOrderId: String(workOrderId) } as const;
      const order = workshop.orders.get(finish.workOrderId)!;
      await workshop.store.save({ ...order, state: 'done', findings });
      workshop.breakBus();
      await expect(workshop.handle(finish)).rejects.toThrow('the bus did not take');
      await workshop.handle(finish);
    }
    expect(workshop.record().counts.no_fault_found).toBe(3);
    expect(workshop.events.map(({ detail }) => detail.news)).toEqual(['done', 'done', 'done', 'tuning']);
  });

  it('orders by the price, the remaining life and the history of the very machine', async () => {
    const workshop = openWorkshop({
      read: async () => ({
        downtimeEurPerHour: 400,
        advised: null,
        forecast: {
          machineId: 'PUMP-001',
          atMs: startMs,
          nextMaintenance: null,
          components: [{ ...wearing, component: 'bearing', remainingHours: { p10: 84, p50: 168, p90: 400 } }],
        },
      }),
    });
    const first = await open(workshop);
    const findings = { result: 'confirmed', text: '', partsReplaced: [], by: 'Ola', atMs: startMs } as const;
    const done = { ...workshop.orders.get(first)!, state: 'done' as const, findings };
    expect(await workshop.store.save(done)).toBe(true);
    const again = { ...sketchRequest(), incident: { incidentId: 'i-2', episodeId: 'e', code: 'vibration' } };
    const { workOrderId } = await workshop.handle({ op: 'open', request: again });
    expect(workshop.orders.get(String(workOrderId))).toMatchObject({
      cost: { downtimeEurPerHour: 400, failureChance: 0.5, isByRemainingLife: true },
      remainingLife: { component: 'bearing', p50: 168 },
      earlier: [{ workOrderId: first, result: 'confirmed' }],
    });
  });

  it('takes a remaining life that runs short for a request, and a person’s wish too, one open order a component', async () => {
    const workshop = openWorkshop();
    const { machine } = sketchRequest();
    const crossed = {
      ...{ eventId: 'c', atMs: startMs, machine, severity: 'watch', gate: 'watch' },
      remainingLife: { component: 'bearing', p10: 10, p50: 20, p90: 30 },
      crossing: {
        from: 'week',
        to: 'now',
        due: { component: 'bearing', failureMode: 'bearing_wear', action: 'replace_bearing' },
      },
    };
    const opened = await workshop.handle({ op: 'open', request: crossed });
    expect(opened).toMatchObject({ isNew: true });
    expect(workshop.orders.get(String(opened.workOrderId))).toMatchObject({
      trigger: 'remaining_life',
      code: 'remaining_life/bearing',
      incidentId: null,
    });
    expect(await workshop.handle({ op: 'open', request: sketchRequest() })).toMatchObject({ isNew: false });
    const wish = { action: 'replace_seal', reason: 'It drips' };
    const asking = { machine, type: pump, by: 'Ines', nowMs: startMs, twin: null };
    const request = requestByPerson(wish, asking);
    if (!request.ok) throw new Error(request.error);
    expect(await workshop.handle({ op: 'open', request: request.value })).toMatchObject({ isNew: true });
  });

  const shortLife = (part: string | null, eventId = `c/${part}`) => ({
    ...{ eventId, atMs: startMs, machine: sketchRequest().machine, severity: 'watch', gate: 'watch' },
    remainingLife: null,
    crossing: {
      to: 'now',
      due: { component: 'bearing', failureMode: 'bearing_wear', action: 'replace_bearing', ...(part && { part }) },
    },
  });
  const wornParts: MaintenanceDeps['facts'] = {
    read: async () => ({
      downtimeEurPerHour: null,
      advised: null,
      forecast: {
        ...{ machineId: 'PUMP-001', atMs: startMs, nextMaintenance: null },
        components: [
          { ...wearing, component: 'bearing', part: 'A', remainingHours: { p10: 1, p50: 2, p90: 3 } },
          { ...wearing, component: 'bearing', part: 'B', remainingHours: { p10: 100, p50: 200, p90: 300 } },
        ],
      },
    }),
  };

  it('opens an order for each part that runs short in one moment, with that part’s own life, and renews that part alone', async () => {
    const workshop = openWorkshop(wornParts);
    for (const part of ['A', 'B']) {
      expect(await workshop.handle({ op: 'open', request: shortLife(part) })).toMatchObject({ isNew: true });
      expect(await workshop.handle({ op: 'open', request: shortLife(part, 'again') })).toMatchObject({ isNew: false });
    }
    const [first, second] = [...workshop.orders.values()];
    expect(first).toMatchObject({ component: 'bearing', part: 'A', remainingLife: { p50: 2 } });
    expect(second).toMatchObject({ component: 'bearing', part: 'B', remainingLife: { p50: 200 } });
    const { workOrderId } = second!;
    const findings = { result: 'confirmed', text: '', partsReplaced: [], by: 'Ola', atMs: startMs } as const;
    workshop.set(workOrderId, { state: 'done', findings });
    await workshop.handle({ op: 'finish', workOrderId });
    expect(workshop.renewed).toEqual(['PUMP-001/bearing/B']);
    expect(workshop.mails.at(-1)!.subject).toContain('(B)');
  });

  it('opens no order for a part beside the whole component’s, nor the other way round', async () => {
    for (const [before, after] of [
      ['A', null],
      [null, 'A'],
    ] as const) {
      const workshop = openWorkshop(wornParts);
      await workshop.handle({ op: 'open', request: shortLife(before), execution: 'x' });
      expect(await workshop.handle({ op: 'open', request: shortLife(after), execution: 'y' })).toMatchObject({
        isNew: false,
      });
      expect(workshop.orders.size).toBe(1);
    }
  });

  it('tells a deferral with its reason, and asks again at its end', async () => {
    const workshop = openWorkshop();
    const workOrderId = await open(workshop);
    const untilMs = startMs + 3_600_000;
    const voices = [
      { by: 'Ines', verdict: 'defer', reason: 'the order must leave first', untilMs, atMs: startMs },
    ] as const;
    workshop.set(workOrderId, { state: 'deferred', voices });
    expect(await workshop.handle({ op: 'defer', workOrderId })).toEqual({
      workOrderId,
      until: new Date(untilMs).toISOString(),
    });
    expect(workshop.mails.at(-1)?.body).toContain('defer:   Ines: the order must leave first');
  });
});
