import { describe, expect, it } from 'vitest';
import { createFrame, planFor } from '../../../core/detection/plan.ts';
import { createDiagnosis } from '../../../core/diagnosis/causes.ts';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';

const plan = planFor(builtinMachineTypes.find((type) => type.name === 'centrifugal-pump')!);
const diagnosis = createDiagnosis(plan);

/** Deviations in thresholds, by quantity. */
function rank(deviations: Readonly<Record<string, number>>, codes: readonly string[] = ['hydraulics']) {
  const frame = createFrame(plan);
  for (const [name, thresholds] of Object.entries(deviations)) frame.deviations[plan.indexOf.get(name)!] = thresholds;
  return diagnosis.rank(frame, codes);
}

describe('probable causes', () => {
  it.each([
    ['bearing_wear', { bearing_bpfo_g: 3, bearing_bpfi_g: 2, high_frequency_g: 4 }],
    ['cavitation', { suction_pressure_bar: -4, npsh_margin_m: -3 }],
    ['imbalance', { vibration_1x_mm_s: 5, vibration_x: 3, vibration_y: 3 }],
    ['seal_leak', { seal_leak_ml_h: 8 }],
    ['clogging', { flow_m3_h: -3, discharge_pressure_bar: 2, suction_pressure_bar: 1 }],
    ['dry_run', { flow_m3_h: -3, discharge_pressure_bar: -4, motor_current_a: -3, motor_power_kw: -4 }],
  ])('%s is told by which signals move which way', (mode, deviations) => {
    const [first, second] = rank(deviations);
    expect(first!.failureMode).toBe(mode);
    expect(first!.weight).toBeGreaterThan(second?.weight ?? 0);
  });

  it('add up to no more than one, and name components of the type', () => {
    const causes = rank({ flow_m3_h: -3, discharge_pressure_bar: 2, seal_leak_ml_h: 4, vibration_1x_mm_s: 3 });
    expect(causes.reduce((sum, cause) => sum + cause.weight, 0)).toBeLessThanOrEqual(1.001);
    const components = plan.type.components.map((component) => component.name);
    for (const cause of causes) expect(components).toContain(cause.component);
  });

  it('are silent where nothing stands, and where nothing deviates', () => {
    expect(rank({ seal_leak_ml_h: 8 }, [])).toEqual([]);
    expect(rank({})).toEqual([]);
  });

  it('do not hear the noise of many quiet signals over one loud one', () => {
    const quiet = Object.fromEntries(plan.quantities.slice(0, 20).map(({ name }) => [name, 0.3]));
    expect(rank({ ...quiet, seal_leak_ml_h: 6 })[0]!.failureMode).toBe('seal_leak');
  });
});

describe('a broken correlation', () => {
  const generic = planFor(builtinMachineTypes.find((type) => type.name === 'generic')!);

  it('is named where another signal than temperature and vibration leaves its company, whichever way', () => {
    for (const way of [2, -2]) {
      const frame = createFrame(generic);
      frame.deviations[generic.indexOf.get('rpm')!] = way;
      const [first] = createDiagnosis(generic).rank(frame, ['unexpected_value']);
      expect(first!.failureMode).toBe('correlation_break');
    }
  });

  it('is named where temperature and vibration rise together: what they are expected from lies', () => {
    const frame = createFrame(generic);
    for (const name of ['temperature', 'vibration']) frame.deviations[generic.indexOf.get(name)!] = 1.5;
    frame.deviations[generic.indexOf.get('rpm')!] = -0.6;
    expect(createDiagnosis(generic).rank(frame, ['overheating'])[0]!.failureMode).toBe('correlation_break');
  });

  it('is not, where the temperature alone does', () => {
    const frame = createFrame(generic);
    frame.deviations[generic.indexOf.get('temperature')!] = 2;
    expect(createDiagnosis(generic).rank(frame, ['overheating'])[0]!.failureMode).toBe('overheating');
  });
});
