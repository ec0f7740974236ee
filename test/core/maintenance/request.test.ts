import { describe, expect, it } from 'vitest';
import { openIncident } from '../../../core/incidents/lifecycle.ts';
import { defaultIncidentPolicy } from '../../../core/incidents/policy.ts';
import {
  type Asking,
  lifeOf,
  maintenanceRequestSchema,
  requestByPerson,
  requestForIncident,
  workOrderIdOf,
} from '../../../core/maintenance/request.ts';
import { sketchCase, startMs } from '../incidents/plant.ts';
import { pump } from './orders.ts';

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

  it('tells no remaining life that the twin withholds', () => {
    const withheld = { component: 'tool', status: 'withheld' as const, remainingHours: null, withheldBecause: 'stuck' };
    expect(lifeOf({ components: [withheld] }, 'tool')).toBeNull();
  });
});
