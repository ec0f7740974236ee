import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { defaultMaintenancePolicy, proposeWorkOrder } from '../../../core/maintenance/plan.ts';
import type { MaintenanceRequest, Voice, WorkOrder } from '../../../core/maintenance/work-order.ts';
import { type Sketch, sketchCase, startMs } from '../incidents/plant.ts';

export const pump = builtinMachineTypes.find(({ name }) => name === 'centrifugal-pump')!;

export function sketchRequest(sketch: Sketch = {}): MaintenanceRequest {
  const caseFile = sketchCase(sketch);
  const { site } = caseFile.machine;
  return {
    eventId: 'e',
    atMs: startMs,
    by: 'twin',
    incidentId: 'i',
    site,
    severity: caseFile.transition.severity,
    caseFile,
  };
}

export function sketchOrder(sketch: Sketch = {}): WorkOrder {
  const order = proposeWorkOrder(sketchRequest(sketch), pump, { nowMs: startMs, policy: defaultMaintenancePolicy });
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
