import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceOf } from '../../../core/maintenance/cost.ts';
import { type Supposition, supposeAll } from '../../../core/maintenance/what-if.ts';
import type { Forecast, MachineForecast } from '../../../core/prognosis/forecast.ts';
import { pump } from './orders.ts';

const bearing: Forecast = {
  component: 'bearing',
  part: null,
  failureMode: 'bearing_wear',
  status: 'wearing',
  remainingHours: { p10: 100, p50: 200, p90: 400 },
  remainingCycles: null,
  method: 'wiener',
  why: 'wear grows steadily',
  confidence: 0.6,
  evidence: null,
  grewBecause: null,
  withheldBecause: null,
};
const asNow: Supposition = { waitHours: 0, load: 1, speed: 1 };
const price = 150;

function suppose(supposed: Partial<Supposition> = {}, more: Partial<Forecast> = {}) {
  const forecast: MachineForecast = {
    machineId: 'PUMP-001',
    atMs: 0,
    components: [{ ...bearing, ...more }],
    nextMaintenance: null,
  };
  const [one] = supposeAll(forecast, { type: pump, downtimeEurPerHour: price, supposed: { ...asNow, ...supposed } });
  return one!;
}

describe('what if the work is done later', () => {
  it('costs what a failure costs as far as it is likely, and else the work', () => {
    // 6 h and 36 € in time; 18 h and 48 h for the parts, and 108 €, after a failure.
    const [inTime, failed] = [6 * price + 36, 66 * price + 108];
    const { soon, later } = suppose({ waitHours: 200 });
    // Parts take 48 h: by then .1 · 48 / 100 have failed.
    expect(soon).toMatchObject({ doneInHours: 48, expectedEur: Math.round(0.048 * failed + 0.952 * inTime) });
    expect(soon!.failureChance).toBeCloseTo(0.048, 12);
    expect(later).toEqual({ doneInHours: 200, failureChance: 0.5, expectedEur: Math.round((failed + inTime) / 2) });
  });

  it('waits by the clock, of which a part that works a tenth of the time wears a tenth', () => {
    const { remainingHours, safeForHours, later } = suppose({ waitHours: 200 }, { clockHoursPerHour: 10 });
    expect([remainingHours!.p10, safeForHours]).toEqual([100, 1000]);
    expect(later!.failureChance).toBeCloseTo(0.02, 12);
  });

  it('is never less risky nor cheaper the longer one waits, and lies between the work and a failure', () => {
    const action = pump.actions.find(({ name }) => name === 'replace_bearing')!;
    const { actingEur, failingEur } = priceOf(action, price);
    const wait = fc.double({ min: 0, max: 8760, noNaN: true });
    fc.assert(
      fc.property(wait, wait, (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((waitHours) => suppose({ waitHours }).later!);
        expect(more!.failureChance).toBeGreaterThanOrEqual(less!.failureChance);
        expect(more!.expectedEur).toBeGreaterThanOrEqual(less!.expectedEur);
        expect(less!.expectedEur).toBeGreaterThanOrEqual(Math.round(actingEur));
        expect(more!.expectedEur).toBeLessThanOrEqual(Math.round(failingEur));
      }),
    );
  });
});

describe('what if the machine runs at another pace', () => {
  it('leaves a ball bearing eight times its life at half the load, and half of it at twice the speed', () => {
    expect(suppose({ load: 0.5 }).remainingHours).toEqual({ p10: 800, p50: 1600, p90: 3200 });
    expect(suppose({ speed: 2 }).remainingHours).toEqual({ p10: 50, p50: 100, p90: 200 });
    expect(suppose({ load: 0.5 }).safeForHours).toBe(800);
    expect(suppose({ load: 0.5, waitHours: 200 }).later!.failureChance).toBeCloseTo(0.025, 12);
    expect(suppose({ load: 0.5 }).why).toBe('wear grows steadily; it falls by the power 3 of load');
  });

  it('tells nothing of a component whose law is not known, but of the wait as ever', () => {
    const seal = { component: 'seal', failureMode: 'seal_leak' };
    expect(suppose({ load: 0.5 }, seal)).toMatchObject({
      remainingHours: null,
      later: null,
      why: 'by which power of load its life falls is not known',
    });
    expect(suppose({ waitHours: 200 }, seal).later).toMatchObject({ failureChance: 0.5 });
  });
});

it('means the work against a component’s first way to fail before any wear shows', () => {
  const unworn = { status: 'none_seen', failureMode: null } as const;
  expect(suppose({ waitHours: 200 }, unworn)).toMatchObject({
    action: { name: 'replace_bearing' },
    later: { failureChance: 0.5 },
  });
});

it('tells nothing of a life that is withheld, and says why', () => {
  const withheld = { status: 'withheld', remainingHours: null, withheldBecause: 'bearing_bpfo_g is stuck' } as const;
  expect(suppose({ waitHours: 200 }, withheld)).toMatchObject({
    remainingHours: null,
    soon: null,
    later: null,
    safeForHours: null,
    why: 'bearing_bpfo_g is stuck',
  });
});
