import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decisions, severities } from '../../../core/detection/observation.ts';
import { openIncident } from '../../../core/incidents/lifecycle.ts';
import { defaultIncidentPolicy } from '../../../core/incidents/policy.ts';
import { defaultMaintenancePolicy, proposeWorkOrder } from '../../../core/maintenance/plan.ts';
import {
  type Asking,
  lifeOf,
  maintenanceRequestSchema,
  readRequest,
  requestByPerson,
  requestForIncident,
  workOrderIdOf,
} from '../../../core/maintenance/request.ts';
import type { Forecast } from '../../../core/prognosis/forecast.ts';
import { sketchCase, startMs } from '../incidents/plant.ts';
import { noFacts, pump, sketchRequest } from './orders.ts';

const machine = { machineId: 'PUMP-001', machineType: pump.name, name: 'Pump 1', site: 'Kiel', line: 'cooling' };
const asking: Asking = { machine, type: pump, by: 'Ines', nowMs: startMs, twin: null };

describe('a request for maintenance', () => {
  it('of a person names an action that the machine type knows, and is one however often it is clicked', () => {
    const asked = requestByPerson({ action: 'replace_seal', reason: 'It drips' }, asking);
    if (!asked.ok) throw new Error(asked.error);
    expect(maintenanceRequestSchema.parse(asked.value)).toEqual(asked.value);
    expect(workOrderIdOf(asked.value)).toBe('WO.PUMP-001.replace_seal.20260701T080000Z');
    const again = requestByPerson({ action: 'replace_seal', reason: 'It drips' }, { ...asking, nowMs: startMs + 400 });
    expect(again).toMatchObject({ ok: true, value: { eventId: asked.value.eventId } });
  });

  it('is refused with what is allowed where the action is unknown', () => {
    expect(requestByPerson({ action: 'paint_it', reason: 'r' }, asking)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^action: got "paint_it", allowed for centrifugal-pump are replace_bearing, /),
    });
  });

  it('of the twin carries the remaining life that the case file tells of the cause’s component', () => {
    const remainingHours = { p10: 10, p50: 20, p90: 40 };
    const forecast = {
      components: [
        { component: 'seal', status: 'wearing' as const, remainingHours, withheldBecause: null },
        { component: 'bearing', status: 'wearing' as const, remainingHours, withheldBecause: null },
      ],
    };
    const caseFile = { ...sketchCase(), forecast };
    const incident = openIncident('i', caseFile, { nowMs: startMs, policy: defaultIncidentPolicy });
    expect(requestForIncident(incident, 'e', startMs)).toMatchObject({
      trigger: 'severity',
      remainingLife: { component: 'bearing', ...remainingHours },
    });
  });

  const worn = (part: string, p50: number): Forecast => ({
    ...{ component: 'bearing', part, failureMode: 'bearing_wear', status: 'wearing', method: null, why: '' },
    ...{ confidence: 1, evidence: null, grewBecause: null, withheldBecause: null, remainingCycles: null },
    remainingHours: { p10: p50 / 2, p50, p90: p50 * 2 },
  });
  const components = [worn('A', 20), worn('B 2', 40)];

  it('of a life that runs short names the part, and none where the event is of before it did', () => {
    const { machine: _, ...rest } = { ...sketchRequest(), machine };
    const due = { component: 'bearing', failureMode: 'bearing_wear', action: 'replace_bearing' };
    const crossed = (part?: string) => ({
      ...{ ...rest, machine, remainingLife: null },
      crossing: { to: 'now', due: { ...due, ...(part && { part }) } },
    });
    expect(readRequest(crossed()).part).toBeNull();
    const request = readRequest(crossed('B 2'));
    expect(request.part).toBe('B 2');
    expect(workOrderIdOf(request)).toBe('WO.PUMP-001.replace_bearing.B-2.20260701T080000Z');
    const { part: _none, ...before } = sketchRequest();
    expect(readRequest(before).part).toBeNull();
  });

  it('of an incident names the part that its evidence was seen on, with that part’s life', () => {
    const caseFile = sketchCase();
    const findings = caseFile.findings.map((one) => ({
      ...one,
      evidence: one.evidence.map((seen) => ({ ...seen, part: 'B 2' })),
    }));
    const request = (change: Partial<typeof caseFile>) => {
      const kept = { ...caseFile, findings, ...change };
      return requestForIncident(
        openIncident('i', kept, { nowMs: startMs, policy: defaultIncidentPolicy }),
        'e',
        startMs,
      );
    };
    const told = request({ forecast: { components } });
    expect(told).toMatchObject({ part: 'B 2', remainingLife: { p50: 40 } });
    expect(workOrderIdOf(told)).toBe('WO.i.bearing.B-2');
    const another = components.map((one) => ({ ...one, component: 'seal' }));
    expect(request({ forecast: { components: another } }).part).toBeNull();
  });

  it('of a person may name a part that the twin knows, and means the whole component else', () => {
    const twin: Asking['twin'] = {
      severity: 'watch',
      advice: { decision: 'human_review' },
      forecast: { machineId: 'PUMP-001', atMs: startMs, components, nextMaintenance: null },
    };
    const ask = (part?: string) =>
      requestByPerson({ action: 'replace_bearing', reason: 'r', ...(part && { part }) }, { ...asking, twin });
    expect(ask('B 2')).toMatchObject({ value: { part: 'B 2', remainingLife: { p50: 40 } } });
    expect(ask()).toMatchObject({ value: { part: null, remainingLife: { p50: 20 } } });
    expect(ask('B2')).toEqual({ ok: false, error: 'part: got "B2", allowed for bearing are A, B 2' });
  });

  it('tells no remaining life that the twin withholds', () => {
    const withheld = { component: 'tool', status: 'withheld' as const, remainingHours: null, withheldBecause: 'stuck' };
    expect(lifeOf({ components: [withheld] }, 'tool')).toBeNull();
  });

  it('tells no life of the fleet for this machine’s own: a grave sign is priced by its severity', () => {
    const remainingHours = { p10: 4000, p50: 9000, p90: 16_000 };
    const unworn = { component: 'bearing', status: 'none_seen' as const, remainingHours, withheldBecause: null };
    const caseFile = { ...sketchCase({ severity: 'critical' }), forecast: { components: [unworn] } };
    const incident = openIncident('i', caseFile, { nowMs: startMs, policy: defaultIncidentPolicy });
    const order = proposeWorkOrder(requestForIncident(incident, 'e', startMs), pump, {
      nowMs: startMs,
      policy: defaultMaintenancePolicy,
      facts: noFacts,
    });
    expect(order).toMatchObject({
      value: { remainingLife: null, cost: { isByRemainingLife: false, failureChance: 0.6 } },
    });
  });
});

describe('no request, whoever asks and whatever stands in it,', () => {
  it('is more than a question: nothing is approved, scheduled or done by it', () => {
    const arbitrary = fc.record({
      trigger: fc.constantFrom('severity', 'remaining_life', 'person'),
      gate: fc.constantFrom(...decisions),
      severity: fc.constantFrom(...severities),
      action: fc.option(fc.constantFrom(...pump.actions.map(({ name }) => name), 'paint_it')),
      failureMode: fc.option(fc.constantFrom(...pump.failureModes.map(({ name }) => name), 'gremlins')),
      hours: fc.option(fc.double({ min: 0, max: 1000, noNaN: true })),
      by: fc.string({ minLength: 1, maxLength: 20 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ action, failureMode, hours, ...rest }) => {
        const request = maintenanceRequestSchema.parse({
          ...{ schemaVersion: 1, eventId: 'e', atMs: startMs, reason: 'r', machine, incident: null, action, ...rest },
          cause: failureMode === null ? null : { failureMode, component: 'bearing' },
          remainingLife: hours === null ? null : { component: 'bearing', p10: hours / 2, p50: hours, p90: hours * 2 },
        });
        const order = proposeWorkOrder(request, pump, {
          nowMs: startMs,
          policy: defaultMaintenancePolicy,
          facts: noFacts,
        });
        if (!order.ok) {
          expect(order.error).toMatch(/a person has to decide/);
          return;
        }
        expect(order.value).toMatchObject({ state: 'proposed', voices: [], token: null, findings: null });
        expect(order.value.cost.failureChance).toBeLessThanOrEqual(0.9);
        expect(Object.values(order.value.cost).every((value) => typeof value === 'boolean' || value > -1e9)).toBe(true);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
