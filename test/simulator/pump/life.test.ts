import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../core/random/random.ts';
import type { PumpFaultMode } from '../../../simulator/pump/faults.ts';
import { drawLife, lifeBranches, lifeKinds, shortestLife, survival } from '../../../simulator/pump/hazard.ts';
import { beginLife, damageAt, stateOfDamage, typicalLifeS } from '../../../simulator/pump/life.ts';
import { createPumpMachine } from '../../../simulator/pump/machine.ts';

const startMs = Date.UTC(2026, 0, 1);

/** Γ(1 + 1/β) for the shapes used, from tables. */
const gammaOfShape: Readonly<Record<number, number>> = { 0.6: 1.50458, 1: 1, 3: 0.89298 };

describe('lives of a fleet of 20,000 units', () => {
  const random = createRandom(11);
  const draws = Array.from({ length: 20_000 }, () => drawLife(random));
  const lives = draws.map(({ life }) => life).sort((a, b) => a - b);

  it('have the quantiles of the Weibull mixture', () => {
    for (const share of [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]) {
      const life = lives[Math.floor(share * lives.length)]!;
      expect(1 - survival(lifeBranches, life)).toBeCloseTo(share, 1.7);
    }
  });

  it('have the mean of the mixture and a median of one typical life', () => {
    const mean = lives.reduce((sum, life) => sum + life, 0) / lives.length;
    const theory = lifeBranches.reduce((sum, b) => sum + b.weight * b.scale * gammaOfShape[b.shape]!, 0);
    expect(Math.abs(mean / theory - 1)).toBeLessThan(0.015);
    expect(survival(lifeBranches, 1)).toBeCloseTo(0.5, 9);
  });

  it('fail along a bathtub: often early, seldom in the middle, often late', () => {
    const hazard = (t: number): number =>
      -Math.log(survival(lifeBranches, t + 0.02) / survival(lifeBranches, t)) / 0.02;
    expect(hazard(0.01)).toBeGreaterThan(2 * hazard(0.15));
    expect(hazard(1)).toBeGreaterThan(2 * hazard(0.15));
    expect(lives[0]).toBeGreaterThanOrEqual(shortestLife);
    for (const { kind, weight } of lifeBranches) {
      expect(draws.filter((draw) => draw.kind === kind).length / draws.length).toBeCloseTo(weight, 1.7);
    }
    expect(lifeBranches.map(({ kind }) => kind)).toEqual(lifeKinds);
  });
});

describe('damage of a life', () => {
  it('never heals, grows ever faster after its onset, and is whole at the end', () => {
    const random = createRandom(5);
    for (let number = 1; number <= 200; number++) {
      const life = beginLife(random, { number, startS: 100, typicalS: 1000 });
      const damages = Array.from({ length: 101 }, (_, i) => damageAt(life, 100 + (life.lengthS * i) / 100));
      const steps = damages.slice(1).map((damage, i) => damage - damages[i]!);
      expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
      expect(damages[30]).toBe(0);
      expect(damages[100]).toBeCloseTo(1, 9);
      expect(steps[99]!).toBeGreaterThan(steps[75]!);
    }
  });

  it('names its states by level', () => {
    expect([0, 0.149, 0.15, 0.499, 0.5, 0.999, 1].map(stateOfDamage)).toEqual([
      'HEALTHY',
      'HEALTHY',
      'WARNING',
      'WARNING',
      'FAULTY',
      'FAULTY',
      'BROKEN',
    ]);
  });
});

describe('lifecycle', () => {
  it.each([
    ['nominal', 27],
    ['accelerated', 20 / 60],
    ['stress', 2.5 / 60],
  ] as const)('%s: a pump of a fleet lives %f h in the median', (lifecycle, hours) => {
    const lives = Array.from({ length: 2000 }, (_, seed) => {
      const options = { machineId: 'P', seed, startMs, intervalMs: 1000, faults: [], lifecycle };
      return createPumpMachine(options).next().truth.remainingLifeHours!;
    }).sort((a, b) => a - b);
    expect(Math.abs(lives[1000]! / hours - 1)).toBeLessThan(0.05);
  });

  it('breaks down when it said it would, stands still, and begins a new life after the repair', () => {
    const options = { machineId: 'P', seed: 4, startMs, intervalMs: 500, faults: [], repairS: 10 };
    const machine = createPumpMachine({ ...options, lifecycle: 'stress' });
    const first = machine.next();
    const brokenMs = first.truth.remainingLifeHours! * 3_600_000;
    const atMs = (ms: number) => startMs + ms;
    let previousState = 'HEALTHY';
    const states = ['HEALTHY'];
    for (let i = 1; i < (brokenMs + 20_000) / 500; i++) {
      const { payload, truth } = machine.next();
      const isDown = truth.sampledAtMs >= atMs(brokenMs) && truth.sampledAtMs < atMs(brokenMs + 10_000);
      expect(truth.state === 'BROKEN').toBe(isDown);
      expect(payload.mode).toBe(isDown ? 'stopped' : 'running');
      if (isDown) expect(payload).toMatchObject({ speed_rpm: 0, flow_m3_h: 0, motor_current_a: 0 });
      if (truth.state !== previousState) states.push(truth.state!);
      previousState = truth.state!;
    }
    expect(states).toEqual(['HEALTHY', 'WARNING', 'FAULTY', 'BROKEN', 'HEALTHY']);
    const events = machine.takeLifecycleEvents();
    expect(events.map(({ event }) => event)).toEqual(['breakdown', 'maintenance_done']);
    expect(Date.parse(events[1]!.timestamp) - Date.parse(events[0]!.timestamp)).toBe(10_000);
    expect(machine.takeLifecycleEvents()).toEqual([]);
  });

  it('tells every breakdown and repair even when whole lives pass between two samples', () => {
    const options = { machineId: 'P', seed: 4, startMs, intervalMs: 3_600_000, faults: [] };
    const machine = createPumpMachine({ ...options, lifecycle: 'stress' });
    machine.next();
    machine.next();
    const events = machine.takeLifecycleEvents();
    expect(events.length).toBeGreaterThan(10);
    events.forEach(({ event }, i) => {
      expect(event).toBe(i % 2 === 0 ? 'breakdown' : 'maintenance_done');
    });
  });

  it('keeps the later lives where they were when a mode is asked for', () => {
    const lengths = (mode?: PumpFaultMode) => {
      const random = createRandom(9);
      return [1, 2, 3].map((number) => beginLife(random, { number, startS: 0, typicalS: 1, mode }).lengthS);
    };
    expect(lengths('dry_run')).toEqual(lengths());
  });

  it('typical lives are those asked for', () => {
    expect(typicalLifeS).toMatchObject({ nominal: 97_200, accelerated: 1200, stress: 150 });
  });
});
