import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { innerRaceHz, outerRaceHz } from '../../../simulator/pump/bearing-lines.ts';
import {
  type Conditions,
  createOperatingPoint,
  pumpDesign,
  solveOperatingPoint,
} from '../../../simulator/pump/curves.ts';

const sound: Conditions = {
  speedRatio: 1,
  headFactor: 1,
  resistanceFactor: 1,
  lostSuctionHeadM: 0,
  leakM3PerH: 0,
  densityFactor: 1,
  fluidTemperatureC: 32,
};

function solve(changes: Partial<Conditions> = {}) {
  const point = createOperatingPoint();
  solveOperatingPoint({ ...sound, ...changes }, point);
  return point;
}

/** Static head off: only then does the working point itself move by the affinity laws. */
const noStaticHead = { lostSuctionHeadM: -pumpDesign.staticHeadM };

describe('pump curves', () => {
  it('meet at the design point', () => {
    const point = solve();
    expect(point.flowM3PerH).toBeCloseTo(50, 6);
    expect(point.headM).toBeCloseTo(32, 6);
    expect((100 * point.hydraulicKw) / point.shaftKw).toBeCloseTo(72, 6);
  });

  it('balance pump head and system head to 1e-6 m wherever liquid flows', () => {
    const conditions = fc.record({
      speedRatio: fc.double({ min: 0.3, max: 1.1, noNaN: true }),
      headFactor: fc.double({ min: 0.1, max: 1, noNaN: true }),
      resistanceFactor: fc.double({ min: 1, max: 8, noNaN: true }),
      lostSuctionHeadM: fc.double({ min: 0, max: 9, noNaN: true }),
      leakM3PerH: fc.double({ min: 0, max: 4, noNaN: true }),
      densityFactor: fc.double({ min: 0.05, max: 1, noNaN: true }),
      fluidTemperatureC: fc.double({ min: 5, max: 80, noNaN: true }),
    });
    fc.assert(
      fc.property(conditions, (at) => {
        const { flowM3PerH: flow, impellerFlowM3PerH, headM, shaftKw, hydraulicKw } = solve(at);
        expect(shaftKw).toBeGreaterThanOrEqual(hydraulicKw);
        if (flow === 0) return;
        const pumpHeadM =
          at.headFactor * at.speedRatio ** 2 * pumpDesign.shutOffHeadM -
          pumpDesign.headDropPerFlow2 * impellerFlowM3PerH ** 2;
        const systemHeadM =
          pumpDesign.staticHeadM + at.lostSuctionHeadM + at.resistanceFactor * pumpDesign.systemResistance * flow ** 2;
        expect(Math.abs(pumpHeadM - systemHeadM)).toBeLessThan(1e-6);
        expect(Math.abs(headM - pumpHeadM)).toBeLessThan(1e-6);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('obey the affinity laws: Q with speed, H with its square, P with its cube', () => {
    const rated = solve(noStaticHead);
    for (const speedRatio of [0.6, 0.8, 1.1]) {
      const point = solve({ ...noStaticHead, speedRatio });
      expect(point.flowM3PerH / rated.flowM3PerH).toBeCloseTo(speedRatio, 9);
      expect(point.headM / rated.headM).toBeCloseTo(speedRatio ** 2, 9);
      expect(point.shaftKw / rated.shaftKw).toBeCloseTo(speedRatio ** 3, 9);
    }
  });

  it('let nothing flow when the head does not lift the static column, and keep power finite', () => {
    const point = solve({ speedRatio: 0.4 });
    expect(point.flowM3PerH).toBe(0);
    expect(point.headM).toBeCloseTo(0.16 * pumpDesign.shutOffHeadM, 9);
    expect(point.shaftKw).toBeGreaterThan(0);
  });

  it('lose NPSH margin with hot liquid and with lost suction head', () => {
    const { npshMarginM } = solve();
    expect(npshMarginM).toBeGreaterThan(1.5);
    expect(solve({ fluidTemperatureC: 80 }).npshMarginM).toBeLessThan(npshMarginM - 4);
    expect(solve({ lostSuctionHeadM: 5 }).npshMarginM).toBeLessThan(npshMarginM - 3);
  });
});

it('a 6205 at 1500 rpm has its outer race line at 89.3 Hz and its inner race line at 135.7 Hz', () => {
  expect(outerRaceHz(1500)).toBeCloseTo(89.3, 1);
  expect(innerRaceHz(1500)).toBeCloseTo(135.7, 1);
});
