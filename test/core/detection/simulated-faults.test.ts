import { describe, expect, it } from 'vitest';
import { type OwnLaw, ownLaws } from '../../../bench/quality/own/laws.ts';
import { Unit } from '../../../bench/quality/own/unit.ts';

/** One machine a type out of the benchmark; the benchmark itself has hundreds. */
const lawOf = (type: string): OwnLaw => ownLaws.find((law) => law.machineType === type)!;

describe.each([
  ['centrifugal-pump', 30],
  ['generic', 30],
  ['cnc-mill', 20],
])('a %s', (type, intervalS) => {
  const law = { ...lawOf(type), intervalS };
  const unit = new Unit(law, 900_001);

  it('raises nothing from its first sample to the end of its second day', () => {
    expect(unit.live().ours.falseAlarms).toBe(0);
  }, 20_000);

  it.each(law.faults.map((fault) => [fault.mode, fault] as const))(
    'with %s is found on its way up, named right, and gets the right advice',
    (_, fault) => {
      const run = unit.suffer(fault, 1);
      expect(run.ours.falseAlarms).toBe(0);
      expect(run.ours.delayS! / run.plan.growthS).toBeLessThan(0.5);
      expect([run.causeRight, run.decisionRight]).toEqual([true, true]);
    },
    20_000,
  );
});
