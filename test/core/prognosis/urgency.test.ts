import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MaintenanceDue } from '../../../core/prognosis/forecast.ts';
import { findCrossing, type Urgency, urgencies } from '../../../core/prognosis/urgency.ts';

const dueIn = (orderWithinHours: number): MaintenanceDue => ({
  ...{ component: 'bearing', part: null, failureMode: 'bearing_wear', action: 'replace_bearing' },
  ...{ leadTimeHours: 48, orderWithinHours, doneWithinHours: orderWithinHours + 48 },
});

describe('a remaining life that runs short', () => {
  it('is told at a week and at now, whether it steps or jumps', () => {
    expect(findCrossing('none', dueIn(300))).toBeNull();
    expect(findCrossing('none', dueIn(168))).toMatchObject({ from: 'none', to: 'week' });
    expect(findCrossing('week', dueIn(0))).toMatchObject({ from: 'week', to: 'now', due: { component: 'bearing' } });
    expect(findCrossing('none', dueIn(0))).toMatchObject({ to: 'now' });
  });

  it('is told once for each step, however the forecast wavers', () => {
    const hours = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1000, noNaN: true }));
    fc.assert(
      fc.property(fc.array(hours, { maxLength: 60 }), (sequence) => {
        let told: Urgency = 'none';
        const steps: Urgency[] = [];
        for (const due of sequence) {
          const crossing = findCrossing(told, dueIn(due));
          if (crossing === null) continue;
          expect(crossing.from).toBe(told);
          told = crossing.to;
          steps.push(told);
        }
        const ranks = steps.map((step) => urgencies.indexOf(step));
        expect(ranks).toEqual([...new Set(ranks)].sort());
        expect(steps.includes('now')).toBe(sequence.includes(0));
      }),
      { seed: 7 },
    );
  });
});
