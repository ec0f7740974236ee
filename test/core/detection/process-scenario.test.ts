import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../core/detection/observation.ts';
import { createTwin } from '../../../core/detection/twin.ts';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { parseSample } from '../../../core/telemetry/parse.ts';
import { createProcessMachine } from '../../../simulator/process/machine.ts';

const type = builtinMachineTypes.find((t) => t.name === 'cnc-process')!;
const context = { types: builtinMachineTypes, findType: () => type };

function observeScenario(): Observation[] {
  const options = { machineId: 'SEAS-CNC-01', seed: 7, startMs: Date.UTC(2026, 0, 1), intervalMs: 2000, faults: [] };
  const machine = createProcessMachine(options);
  const twin = createTwin(type);
  return Array.from({ length: 240 }, () => {
    const parsed = parseSample(machine.next().payload, context);
    if (!parsed.ok) throw new Error(parsed.error.message);
    return twin.observe(parsed.value);
  });
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

describe('the milling process, as configuration of the general engine', () => {
  const seen = observeScenario();

  it('gives exactly the published codes', () => {
    expect(countBy(seen.flatMap((o) => o.findings.map((f) => f.code)))).toEqual({
      load_residual: 25,
      chatter_risk: 24,
      thermal_drift: 18,
      tool_wear: 96,
      feed_mismatch: 7,
      sensor_dropout: 6,
    });
  });

  it('gives exactly the published decisions', () => {
    expect(countBy(seen.map((o) => o.advice.decision))).toEqual({
      proceed: 104,
      watch: 14,
      human_review: 23,
      schedule_intervention: 86,
      do_not_proceed: 13,
    });
  });

  it.each([
    [0, [], 'proceed', 'normal'],
    [46, ['load_residual', 'chatter_risk'], 'human_review', 'warning'],
    [91, ['load_residual', 'tool_wear'], 'schedule_intervention', 'warning'],
    [137, ['thermal_drift'], 'human_review', 'watch'],
    [174, ['load_residual', 'chatter_risk', 'tool_wear', 'feed_mismatch'], 'do_not_proceed', 'critical'],
    [208, ['sensor_dropout'], 'do_not_proceed', 'warning'],
  ])('sequence %i: %j, %s, %s', (sequence, codes, decision, severity) => {
    const o = seen[sequence]!;
    expect([o.findings.map((f) => f.code), o.advice.decision, o.severity]).toEqual([codes, decision, severity]);
  });

  it('tells severity by the sum of penalties', () => {
    const penalties: Record<string, number> = {
      load_residual: 18,
      thermal_drift: 20,
      chatter_risk: 22,
      tool_wear: 15,
      feed_mismatch: 18,
      sensor_dropout: 38,
    };
    for (const o of seen) {
      const sum = o.findings.reduce((total, f) => total + penalties[f.code]!, 0);
      const severity = sum === 0 ? 'normal' : sum >= 42 ? 'critical' : sum >= 24 ? 'warning' : 'watch';
      expect(o.severity).toBe(severity);
    }
  });

  it('tells health as the rounded mean of the last twelve', () => {
    const penalties = { load_residual: 18, chatter_risk: 22 } as Record<string, number>;
    const values = seen.slice(0, 60).map((o) => 100 - o.findings.reduce((t, f) => t + penalties[f.code]!, 0));
    for (let i = 0; i < 60; i++) {
      const last = values.slice(Math.max(0, i - 11), i + 1);
      expect(seen[i]!.health.machine).toBe(Math.round(last.reduce((a, b) => a + b, 0) / last.length));
    }
  });

  it('names the missing signals of the dropout and concludes nothing else from it', () => {
    const [finding, ...others] = seen[208]!.findings;
    expect(others).toEqual([]);
    expect(finding!.evidence.map((e) => [e.signal, e.observed, e.quality])).toEqual([
      ['spindle_load_pct', null, 'missing'],
      ['vibration_rms', null, 'missing'],
      ['temperature_c', null, 'missing'],
    ]);
    expect(finding!.evidence[0]!.ageMs).toBe(2000);
  });

  it('makes each fault one alarm, its cause ranked first', () => {
    const opened = seen.flatMap((o) =>
      o.transitions.filter((t) => t.kind === 'opened').map((t) => [t.code, o.causes[0]!.failureMode]),
    );
    expect(opened.map(([code]) => code)).toEqual([
      'chatter_risk',
      'thermal_drift',
      'tool_wear',
      'feed_mismatch',
      'sensor_dropout',
    ]);
    expect(opened[0]).toEqual(['chatter_risk', 'chatter']);
    expect(seen[48]!.causes[0]!.failureMode).toBe('chatter');
    expect(seen[100]!.causes[0]!.failureMode).toBe('tool_wear');
    expect(seen[145]!.causes[0]!.failureMode).toBe('thermal_drift');
    expect(seen[174]!.causes[0]!.failureMode).toBe('feed_mismatch');
    expect(seen[210]!.causes[0]!.failureMode).toBe('sensor_dropout');
  });
});
