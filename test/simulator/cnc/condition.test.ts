import { describe, expect, it } from 'vitest';
import { Axis } from '../../../simulator/cnc/axis.ts';
import { CoolantLoop } from '../../../simulator/cnc/coolant-loop.ts';
import { idlePowerKw, Spindle, type SpindleStep, spindleDefaults } from '../../../simulator/cnc/spindle.ts';

describe('the spindle', () => {
  const idle: SpindleStep = {
    durationS: 1,
    spindleRpm: 12_000,
    cuttingKw: 0,
    mainForceN: 0,
    engagedShare: 0,
    chatterMmPerS: 0,
    wearPercent: 0,
    ambientC: 20,
    bearingLevel: 0,
    driftLevel: 0,
  };
  const cold = (): Spindle => new Spindle({ ambientC: 20, lossKw: 0, unbalance: 1 });

  it('warms as a first-order body: 63 % of the way after one time constant, whatever the step', () => {
    const endK = spindleDefaults.housingKelvinPerKw * idlePowerKw(12_000);
    for (const durationS of [1, 4, 100]) {
      const spindle = cold();
      for (let t = 0; t < spindleDefaults.housingTimeConstantS; t += durationS) spindle.advance({ ...idle, durationS });
      expect(spindle.temperatureC - 20).toBeCloseTo(endK * (1 - Math.exp(-1)), 6);
    }
  });

  it('grows 52 µm over 300 mm at 15 K', () => {
    const spindle = new Spindle({ ambientC: 35, lossKw: 0, unbalance: 1 });
    spindle.advance({ ...idle, spindleRpm: 0, ambientC: 35 });
    expect(spindle.thermalGrowthUm).toBeCloseTo(51.75, 6);
  });

  it('gives its power through the efficiency of the drive, and its load against what it can give at that speed', () => {
    const spindle = cold();
    spindle.advance({ ...idle, spindleRpm: 1100, cuttingKw: 2.05 });
    expect(spindle.powerKw).toBeCloseTo(idlePowerKw(1100) + 2.5, 9);
    expect(spindle.loadPercent).toBeCloseTo((100 * spindle.powerKw) / 5.5, 9);
  });

  it('adds incoherent vibrations by their squares', () => {
    const spindle = cold();
    spindle.advance({ ...idle, mainForceN: 800, engagedShare: 1, chatterMmPerS: 2 });
    const parts = [spindle.vibration1xMmPerS, spindle.vibrationToothMmPerS, spindle.vibrationChatterMmPerS, 0.18];
    expect(spindle.vibrationMmPerS).toBeCloseTo(Math.hypot(...parts), 9);
  });
});

describe('the coolant loop', () => {
  const step = { durationS: 1, mode: 'flood', ambientC: 21, heatKw: 1, level: 0 } as const;

  it('runs where the pump curve meets filter and nozzles, and a clogged filter costs flow and raises pressure', () => {
    const loop = new CoolantLoop(21);
    loop.advance(step);
    expect(loop.flowLpm).toBeCloseTo(25, 9);
    expect(loop.pressureBar).toBeCloseTo(5, 9);
    expect(loop.pressureBar).toBeCloseTo(7 - 0.0032 * loop.flowLpm ** 2, 9);
    loop.advance({ ...step, level: 1 });
    expect(loop.flowLpm).toBeCloseTo(Math.sqrt(7 / 0.02), 9);
    expect(loop.pressureBar).toBeCloseTo(7 - 0.0032 * loop.flowLpm ** 2, 9);
  });

  it('has neither flow nor pressure when off, and stays within 5–10 % and pH 8.8–9.5 in good order for a month', () => {
    const loop = new CoolantLoop(21);
    for (let hour = 0; hour < 720; hour++) {
      loop.advance({ ...step, durationS: 3600, mode: 'off' });
      expect([loop.flowLpm, loop.pressureBar]).toEqual([0, 0]);
      expect(loop.concentrationPercent > 5 && loop.concentrationPercent < 10).toBe(true);
      expect(loop.ph > 8.8 && loop.ph < 9.5).toBe(true);
    }
  });
});

describe('a feed axis', () => {
  const create = (): Axis => new Axis({ rapidMmPerMin: 30_000, accelerationMmPerS2: 4000, weightPercent: 0 });

  it('loses motion only where it turns, in the new direction, and more with backlash', () => {
    const axis = create();
    const errors = [5, 5, -5, -5, 5].map((distanceMm) => {
      axis.travel(distanceMm);
      axis.finish(1, distanceMm * 60, 0, 0);
      return axis.reversalErrorUm;
    });
    expect(errors).toEqual([0, 0, -3, 0, 3]);
    const worn = create();
    worn.travel(5);
    worn.travel(-5);
    worn.finish(1, -300, 0, 0.5);
    expect(worn.reversalErrorUm).toBeCloseTo(-30.5, 9);
  });

  it('works harder the faster it goes, the harder it starts and the more it pushes', () => {
    const load = (distanceMm: number, velocity: number, forceN: number): number => {
      const axis = create();
      axis.travel(distanceMm);
      axis.finish(1, velocity, forceN, 0);
      return axis.loadPercent;
    };
    expect(load(100, 0, 0)).toBeGreaterThan(load(10, 0, 0));
    expect(load(10, 600, 0)).toBeGreaterThan(load(10, 0, 0));
    expect(load(10, 0, 500) - load(10, 0, 0)).toBeCloseTo(5, 9);
  });
});
