import { openIncident } from '../../../core/incidents/lifecycle.ts';
import { defaultIncidentPolicy } from '../../../core/incidents/policy.ts';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { defaultMaintenancePolicy, type MachineFacts, proposeWorkOrder } from '../../../core/maintenance/plan.ts';
import { type MaintenanceRequest, requestForIncident } from '../../../core/maintenance/request.ts';
import type { Voice, WorkOrder } from '../../../core/maintenance/work-order.ts';
import { type Sketch, sketchCase, startMs } from '../incidents/plant.ts';

export const pump = builtinMachineTypes.find(({ name }) => name === 'centrifugal-pump')!;

export const noFacts: MachineFacts = { downtimeEurPerHour: null, remainingLife: null, earlier: [] };

export function sketchRequest(sketch: Sketch = {}): MaintenanceRequest {
  const incident = openIncident('i', sketchCase(sketch), { nowMs: startMs, policy: defaultIncidentPolicy });
  return requestForIncident(incident, 'e', startMs);
}

export function sketchOrder(sketch: Sketch = {}, facts: MachineFacts = noFacts): WorkOrder {
  const proposing = { nowMs: startMs, policy: defaultMaintenancePolicy, facts };
  const order = proposeWorkOrder(sketchRequest(sketch), pump, proposing);
  if (!order.ok) throw new Error(order.error);
  return order.value;
}

export const say = (verdict: Voice['verdict'], by = 'Ines', more: Partial<Voice> = {}): Voice => ({
  by,
  verdict,
  reason: 'because',
  untilMs: verdict === 'defer' ? startMs + 3_600_000 : null,
  atMs: startMs,
  ...more,
});
