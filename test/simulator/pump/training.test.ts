import { describe, expect, it } from 'vitest';
import { pumpStates } from '../../../simulator/pump/life.ts';
import { createPumpTraining, type TrainingOptions } from '../../../simulator/pump/training.ts';

function collect(options: Partial<TrainingOptions> = {}) {
  return [...createPumpTraining({ seed: 3, units: 5, ...options })].map(({ payload }) => payload);
}

describe('training lives', () => {
  it('run each unit from new to broken, states in order, remaining life falling to nothing', () => {
    const payloads = collect();
    const units = [...new Set(payloads.map(({ unit }) => unit))];
    expect(units).toEqual([1, 2, 3, 4, 5].map((n) => `PUMP-TRAIN-000${n}/1`));
    for (const unit of units) {
      const life = payloads.filter((payload) => payload.unit === unit);
      const ranks = life.map(({ state }) => (pumpStates as readonly unknown[]).indexOf(state));
      const hours = life.map((payload) => payload.rul_hours as number);
      expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
      expect(ranks.at(-1)).toBe(3);
      expect(hours).toEqual(hours.toSorted((a, b) => b - a));
      expect(hours.at(-1)).toBe(0);
    }
  });

  it('balanced: hold as many samples of each state in every life', () => {
    const payloads = collect({ balanced: true, intervalMs: 60_000 });
    const countOf = (state: string): number => payloads.filter((payload) => payload.state === state).length;
    const counts = pumpStates.map(countOf);
    expect(counts[0]).toBeGreaterThan(0);
    expect(new Set(counts).size).toBe(1);
  });

  it('are the same for the same seed and end by the mode asked for', () => {
    const options = { units: 2, lifeEndsBy: 'clogging', lifecycle: 'accelerated' } as const;
    const payloads = collect(options);
    expect(JSON.stringify(collect(options))).toBe(JSON.stringify(payloads));
    expect(new Set(payloads.map((payload) => payload.failure_mode))).toEqual(new Set([null, 'clogging']));
  });

  it('refuse a count of units that is none', () => {
    expect(() => collect({ units: 0 })).toThrow('units: got 0, allowed is a whole number from 1');
  });
});
