import { expect, it } from 'vitest';
import { live } from '../../../bin/train/wear-lives.ts';
import { noExperience } from '../../../core/prognosis/choose.ts';
import { createPumpMachine } from '../../../simulator/pump/machine.ts';

it('a seal that wears is told none_seen, then a number, near the end within a tenth of its life', () => {
  const startMs = Date.UTC(2026, 0, 1);
  const machine = createPumpMachine({
    machineId: 'PUMP-LIFE',
    seed: 5,
    startMs,
    intervalMs: 60_000,
    faults: [],
    lifecycle: 'nominal',
    training: true,
    repairS: Number.POSITIVE_INFINITY,
    lifeEndsBy: 'seal_leak',
  });
  const lifeHours = machine.next().truth.remainingLifeHours!;
  const plan = {
    machine,
    machineType: 'centrifugal-pump',
    mode: 'seal_leak',
    component: 'seal',
    lifeHours,
    startMs,
    moments: 50,
  };
  const moments = live(plan, noExperience);
  expect(moments[0]!.told).toBeNull();
  const late = moments.filter(({ lifeShare, told }) => lifeShare > 0.85 && told !== null);
  expect(late.length).toBeGreaterThan(4);
  for (const { told, leftHours } of late) expect(Math.abs(told!.p50 - leftHours)).toBeLessThan(0.1 * lifeHours);
});
