import { describe, expect, it } from 'vitest';
import {
  deskOperations,
  incidentDetailSchema,
  incidentListSchema,
  incidentSchema,
  shiftSchema,
} from '../../../core/api/desk.ts';
import {
  requestedSchema,
  rulesSchema,
  scheduleSchema,
  workOrderDetailSchema,
  workOrderPageSchema,
} from '../../../core/api/work-orders.ts';
import { maintenanceRequestSchema } from '../../../core/maintenance/request.ts';
import type { WorkOrder } from '../../../core/maintenance/work-order.ts';
import { deskCalls } from '../../../lambdas/desk/calls.ts';
import { sketchOrder } from '../../core/maintenance/orders.ts';
import { openOffice } from './office.ts';

const operator = { groups: '[operator]' };

describe('the desk', () => {
  it('has a call for each of its operations', () => {
    expect(Object.keys(deskCalls).sort()).toEqual(deskOperations.map(({ id }) => id).sort());
  });
});

describe('an incident over the API', () => {
  it('stands in its site’s list, in pages', async () => {
    const office = await openOffice();
    const { incidentId, call, floor } = office;
    await floor.observe({ machineId: 'PUMP-002', code: 'hot' });
    const first = (await call('GET /api/incidents', { queryStringParameters: { site: 'Kiel', limit: '1' } })).body;
    expect(incidentListSchema.parse(first).incidents).toMatchObject([{ incidentId, state: 'open' }]);
    const query = { site: 'Kiel', limit: '1', cursor: first.next };
    const second = (await call('GET /api/incidents', { queryStringParameters: query })).body;
    expect(second.incidents).toHaveLength(1);
    expect(second.incidents[0].incidentId).not.toBe(incidentId);
    expect(second.next).toBeNull();
  });

  it('stands in the list of a past moment from its opening until it came to rest', async () => {
    const { call, incidentId, floor, nowMs } = await openOffice();
    const listAt = async (atMs: number) => {
      const queryStringParameters = { site: 'Kiel', at: new Date(atMs).toISOString() };
      return (await call('GET /api/incidents', { queryStringParameters })).body;
    };
    const ids = async (atMs: number) =>
      (await listAt(atMs)).incidents.map((incident: { incidentId: string }) => incident.incidentId);
    const incident = floor.incidents.get(incidentId)!;
    const restedAtMs = incident.openedAtMs + 60_000;
    expect(await ids(incident.openedAtMs - 1)).toEqual([]);
    floor.incidents.set(incidentId, { ...incident, state: 'closed', resolvedAtMs: restedAtMs });
    expect(await ids(restedAtMs - 1)).toEqual([incidentId]);
    expect(await ids(restedAtMs)).toEqual([]);
    expect((await listAt(nowMs + 1000)).detail).toMatch(/^at: got .* allowed is until now/);
  });

  it('is told in full, with its evidence and a history whose seals hold', async () => {
    const { call, incidentId } = await openOffice();
    await call('POST /api/incidents/{incidentId}/acts', {
      ...operator,
      pathParameters: { incidentId },
      body: { kind: 'acknowledge' },
    });
    const { body } = await call('GET /api/incidents/{incidentId}', { pathParameters: { incidentId } });
    const told = incidentDetailSchema.parse(body);
    expect(told.history.map(({ kind, by }) => [kind, by])).toContainEqual(['acknowledge', 'kim']);
    expect(told.historyBreak).toBeNull();
    expect(told.evidence).toMatchObject([{ signal: 'vibration_signal', unit: 'mm/s' }]);
  });

  it('is acknowledged by an operator, under the name of the token, into the audit trail', async () => {
    const { call, audited, incidentId } = await openOffice();
    const { statusCode, body } = await call('POST /api/incidents/{incidentId}/acts', {
      ...operator,
      pathParameters: { incidentId },
      body: { kind: 'acknowledge' },
    });
    expect(statusCode).toBe(200);
    expect(incidentSchema.parse(body)).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'kim' } });
    expect(audited).toMatchObject([
      { outcome: 'done', call: 'actOnIncident', subject: 'kim', role: 'operator', parameters: { incidentId } },
    ]);
  });

  it('refuses by a sentence what is no act, no incident, or does not fit its state', async () => {
    const { call, incidentId } = await openOffice();
    const act = (body: unknown, id = incidentId) =>
      call('POST /api/incidents/{incidentId}/acts', { groups: '[engineer]', pathParameters: { incidentId: id }, body });
    expect((await act('{')).body.detail).toMatch(/^the body is not JSON/);
    expect((await act({ kind: 'explode' })).statusCode).toBe(400);
    expect((await act({ kind: 'acknowledge', by: 'somebody else' })).statusCode).toBe(400);
    expect((await act({ kind: 'comment', text: '  ' })).statusCode).toBe(400);
    expect((await act({ kind: 'acknowledge' }, 'PRESS-B.hot.x')).statusCode).toBe(404);
    expect((await act({ kind: 'unshelve' })).statusCode).toBe(409);
  });
});

const decide = 'POST /api/work-orders/{workOrderId}/decisions';
const report = 'POST /api/work-orders/{workOrderId}/findings';

describe('a work order over the API', () => {
  it('stands in its site’s list, by state and machine', async () => {
    const { call, workOrderId, site } = await openOffice();
    const list = async (more: Record<string, string>) =>
      (await call('GET /api/work-orders', { queryStringParameters: { site, ...more } })).body;
    const { workOrders } = workOrderPageSchema.parse(await list({ state: 'proposed', machineId: 'PUMP-001' }));
    expect(workOrders).toMatchObject([
      { workOrderId, voicesNeeded: { approve: 1 }, action: { title: expect.any(String) } },
    ]);
    expect((await list({ state: 'done' })).workOrders).toEqual([]);
    expect((await list({ machineId: 'PUMP-009' })).workOrders).toEqual([]);
    expect((await list({ state: 'lost' })).detail).toMatch(/^state: got "lost"/);
  });

  it('is approved by the name of the token, and the workflow hears it', async () => {
    const { call, workOrderId, answered } = await openOffice();
    const { body } = await call(decide, { ...operator, pathParameters: { workOrderId }, body: { verdict: 'approve' } });
    expect(workOrderDetailSchema.parse(body)).toMatchObject({ state: 'approved', voices: [{ by: 'kim' }] });
    expect(body.history.map(({ what }: { what: string }) => what)).toEqual(['requested', 'approve']);
    expect(answered).toEqual([['token', { workOrderId, verdict: 'approve', until: null }]]);
    expect(JSON.stringify(body)).not.toContain('token');
  });

  it('is decided on as it is now, though the workflow writes it at the same moment', async () => {
    const office = await openOffice();
    office.collide(1);
    const { pathParameters } = { pathParameters: { workOrderId: office.workOrderId } };
    const approve = () => office.call(decide, { ...operator, pathParameters, body: { verdict: 'approve' } });
    expect((await approve()).body.state).toBe('approved');
    const busy = await openOffice();
    busy.collide(99);
    const refused = await busy.call(decide, { ...operator, pathParameters, body: { verdict: 'approve' } });
    expect([refused.statusCode, refused.body.detail]).toEqual([409, expect.stringContaining('changes too often')]);
  });

  it('takes two people to reject what would lift a do_not_proceed, and one person’s second voice is not another', async () => {
    const { call, workOrderId, answered } = await openOffice({ gate: 'do_not_proceed' });
    const reject = async (user: string) =>
      (
        await call(decide, {
          ...operator,
          user,
          pathParameters: { workOrderId },
          body: { verdict: 'reject', reason: 'no' },
        })
      ).body.state;
    expect(await reject('kim')).toBe('proposed');
    expect(await reject('kim')).toBe('proposed');
    expect(answered).toEqual([]);
    expect(await reject('lou')).toBe('rejected');
    expect(answered).toHaveLength(1);
  });

  it('takes two people also where the machine became worse since it was asked for, and says so', async () => {
    const { call, workOrderId } = await openOffice({ gate: 'schedule_intervention' }, 'do_not_proceed');
    const pathParameters = { workOrderId };
    const shown = await call('GET /api/work-orders/{workOrderId}', { pathParameters });
    const needed = { gate: 'do_not_proceed', voicesNeeded: { approve: 1, reject: 2 } };
    expect(shown.body).toMatchObject(needed);
    const listed = await call('GET /api/work-orders', { queryStringParameters: { site: 'Kiel' } });
    expect(listed.body.workOrders).toMatchObject([needed]);
    const planned = await call('GET /api/maintenance/schedule', { queryStringParameters: { site: 'Kiel' } });
    expect(planned.body.undecided).toMatchObject([needed]);
    const body = { verdict: 'reject', reason: 'it runs' };
    const rejected = await call(decide, { ...operator, pathParameters, body });
    expect(rejected.body).toMatchObject({ state: 'proposed', gate: 'do_not_proceed', voicesNeeded: { reject: 2 } });
    const calmer = await openOffice({ gate: 'do_not_proceed' }, 'proceed');
    expect((await calmer.call(decide, { ...operator, pathParameters, body })).body.state).toBe('proposed');
  });

  it('stays as it is when it is decided on while it is put off and nobody asks', async () => {
    const { call, workOrderId, orders, answered } = await openOffice({ state: 'deferred', token: null });
    const reply = await call(decide, { ...operator, pathParameters: { workOrderId }, body: { verdict: 'approve' } });
    expect([reply.statusCode, reply.body.detail]).toEqual([409, expect.stringContaining('nobody waits')]);
    expect(orders.get(workOrderId)).toMatchObject({ state: 'deferred', voices: [] });
    expect(answered).toEqual([]);
  });

  it('refuses a deferral without an end, findings on work that nobody approved, and an order that is not there', async () => {
    const { call, workOrderId } = await openOffice();
    const send = (route: string, body: object, id = workOrderId) =>
      call(route, { ...operator, pathParameters: { workOrderId: id }, body });
    expect((await send(decide, { verdict: 'defer', reason: 'busy' })).body.detail).toMatch(/^until: got nothing/);
    expect((await send(decide, { verdict: 'defer', reason: 'x', until: '2020-01-01T00:00:00Z' })).statusCode).toBe(409);
    expect((await send(decide, { verdict: 'reject' })).body.detail).toMatch(/^reason: /);
    expect((await send(report, { result: 'confirmed', text: 'worn' })).body.detail).toMatch(/only approved work/);
    expect((await send(decide, { verdict: 'approve' }, 'WO.none')).statusCode).toBe(404);
  });

  it('is done with what was found', async () => {
    const { call, workOrderId } = await openOffice({ state: 'scheduled' });
    const body = { result: 'confirmed', text: 'outer race', partsReplaced: ['6205'] };
    const told = await call(report, { ...operator, pathParameters: { workOrderId }, body });
    expect(told.body).toMatchObject({ state: 'done', findings: { by: 'kim', text: 'outer race' } });
    expect((await call(report, { ...operator, pathParameters: { workOrderId }, body })).statusCode).toBe(409);
  });
});

describe('the shift and the rules', () => {
  it('tell how many calls there were of how many, and what a rule was worth', async () => {
    const { call, site, nowMs } = await openOffice();
    const shift = (await call('GET /api/shift', { queryStringParameters: { site } })).body;
    expect(shiftSchema.parse(shift)).toMatchObject({ site, pages: expect.any(Number), budget: expect.any(Number) });
    expect(Date.parse(shift.startedAt)).toBeLessThanOrEqual(nowMs);
    expect(Date.parse(shift.endsAt)).toBeGreaterThan(nowMs);
    const rules = 'GET /api/machine-types/{typeName}/rules';
    const { body } = await call(rules, { pathParameters: { typeName: 'centrifugal-pump' } });
    expect(rulesSchema.parse(body).rules).toMatchObject([{ code: 'vibration', precision: 0.5, isToTune: true }]);
    expect((await call(rules, { pathParameters: { typeName: 'sawmill' } })).statusCode).toBe(404);
  });
});

describe('the maintenance of a site', () => {
  it('comes with what it costs, what waiting costs and what it was worth', async () => {
    const { call, site, orders, workOrderId } = await openOffice();
    const first = orders.get(workOrderId)!;
    orders.set('planned', { ...first, workOrderId: 'planned', state: 'scheduled', scheduledAtMs: 1 });
    const findings = { result: 'confirmed' as const, text: 'worn', partsReplaced: [], by: 'Ola', atMs: 2 };
    orders.set('past', { ...first, workOrderId: 'past', state: 'done', findings });
    const { body } = await call('GET /api/maintenance/schedule', { queryStringParameters: { site } });
    const { costs, parts, upcoming, undecided } = scheduleSchema.parse(body);
    const { cost, action } = sketchOrder();
    expect(costs).toMatchObject({
      plannedEur: cost.actingEur,
      plannedHours: cost.plannedHours,
      waitingEur: cost.waitingEur,
      unplannedHours: cost.unplannedHours,
      avoidedEur: cost.avoidedEur,
      avoidedHours: cost.unplannedHours * cost.failureChance - cost.plannedHours,
      done: 1,
    });
    expect([upcoming.length, undecided.length]).toEqual([1, 1]);
    const [part] = action.parts;
    expect(parts[0]).toEqual({ name: part!.name, quantity: part!.quantity, eur: part!.quantity * part!.priceEur });
  });

  it('can be asked for by a person, and by a program under its own name', async () => {
    const { call, requested } = await openOffice({ state: 'done' });
    const route = '/api/machines/{machineId}/maintenance-requests';
    const asking = {
      pathParameters: { machineId: 'PUMP-001' },
      body: { action: 'replace_bearing', reason: 'it squeals' },
    };
    const { body } = await call(`POST ${route}`, { ...operator, ...asking });
    expect(requestedSchema.parse(body).workOrderId).toMatch(/^WO\.PUMP-001\.replace_bearing\./);
    const programArn = 'arn:aws:sts::111122223333:assumed-role/cmms/1';
    await call(`POST /iam${route}`, { programArn, ...asking });
    const wishes = requested.map(({ detail }) => maintenanceRequestSchema.parse(detail));
    expect(wishes).toMatchObject([
      { by: 'kim', trigger: 'person', reason: 'it squeals', gate: 'human_review' },
      { by: programArn },
    ]);
    expect(requested[0]).toMatchObject({ detailType: 'maintenance_request', machineId: 'PUMP-001' });
  });

  it('is refused beside an open order for the same component, which it names', async () => {
    const { call, workOrderId, requested } = await openOffice();
    const { statusCode, body } = await call('POST /api/machines/{machineId}/maintenance-requests', {
      ...operator,
      pathParameters: { machineId: 'PUMP-001' },
      body: { action: 'replace_bearing', reason: 'again' },
    });
    expect([statusCode, body.detail]).toEqual([409, expect.stringContaining(`${workOrderId}, which is proposed`)]);
    expect(requested).toEqual([]);
  });

  it('is refused beside an order for a part of the component, and for a part that the twin does not know', async () => {
    const ask = async (order: Partial<WorkOrder>, body: object) => {
      const { call } = await openOffice(order);
      const asking = { ...operator, pathParameters: { machineId: 'PUMP-001' }, body: { reason: 'again', ...body } };
      return (await call('POST /api/machines/{machineId}/maintenance-requests', asking)).body.detail;
    };
    expect(await ask({ part: 'B' }, { action: 'replace_bearing' })).toMatch(
      /^bearing B of PUMP-001 has the work order/,
    );
    expect(await ask({ state: 'done' }, { action: 'replace_bearing', part: 'B' })).toMatch(/^part: got "B", allowed/);
  });

  it('stands with its part in the lists', async () => {
    const { call, site } = await openOffice({ part: 'B' });
    const { workOrders } = (await call('GET /api/work-orders', { queryStringParameters: { site } })).body;
    expect(workOrderPageSchema.shape.workOrders.parse(workOrders)).toMatchObject([{ component: 'bearing', part: 'B' }]);
  });

  it('says which actions a machine’s type knows', async () => {
    const { call } = await openOffice();
    const { statusCode, body } = await call('POST /api/machines/{machineId}/maintenance-requests', {
      ...operator,
      pathParameters: { machineId: 'PUMP-001' },
      body: { action: 'sing', reason: 'why not' },
    });
    expect([statusCode, body.detail]).toEqual([
      400,
      expect.stringMatching(/^action: got "sing", allowed for centrifugal-pump are/),
    ]);
  });
});
