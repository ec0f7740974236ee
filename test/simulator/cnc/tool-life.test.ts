import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../core/random/random.ts';
import { findMaterial } from '../../../simulator/cnc/material.ts';
import { shopMagazine } from '../../../simulator/cnc/tool.ts';
import { flankWearMm, ToolLife, taylorLifeS, wearLimitMm } from '../../../simulator/cnc/tool-life.ts';

const endMill = shopMagazine.find((tool) => tool.number === 1)!;
const steel = findMaterial('medium_carbon_steel');
const newTool = (seed: number): ToolLife => new ToolLife(createRandom(seed), steel);

describe('tool wear', () => {
  it('reaches 0.30 mm at the end of life in three phases: fast, steady, fast', () => {
    expect(flankWearMm(0)).toBeCloseTo(0, 12);
    expect(flankWearMm(1)).toBeCloseTo(wearLimitMm, 12);
    const rate = (share: number) => (flankWearMm(share + 0.01) - flankWearMm(share)) / 0.01;
    expect(rate(0)).toBeGreaterThan(3 * rate(0.5));
    expect(rate(0.98)).toBeGreaterThan(2 * rate(0.5));
  });

  it('follows Taylor: with carbide 20 % more speed costs 52 % of life', () => {
    expect(1 - taylorLifeS(endMill, steel, 240) / taylorLifeS(endMill, steel, 200)).toBeCloseTo(0.518, 3);
    expect(taylorLifeS(endMill, steel, steel.speedFor15MinMPerMin)).toBeCloseTo(900, 6);
  });

  it('never heals on an edge, whatever is cut and whatever fault comes and goes', () => {
    const random = createRandom(3);
    for (let seed = 0; seed < 20; seed++) {
      const life = newTool(seed);
      let last = life.wearPercent;
      for (let i = 0; i < 300; i++) {
        life.cut({ durationS: random.uniform(0, 20), lifeS: random.uniform(600, 6000), faultLevel: random.next() });
        expect(life.wearPercent).toBeGreaterThanOrEqual(last);
        last = life.wearPercent;
      }
      expect(last).toBeLessThanOrEqual(199);
    }
  });

  it('scatters from edge to edge about as the material says', () => {
    const lives: number[] = [];
    for (let seed = 0; seed < 400; seed++) {
      const life = newTool(seed);
      while (!life.changeWhenWorn(0)) life.cut({ durationS: 10, lifeS: 1000, faultLevel: 0 });
      while (life.wearPercent < 90) life.cut({ durationS: 5, lifeS: 1000, faultLevel: 0 });
      lives.push(Math.log(life.runtimeS));
    }
    const mean = lives.reduce((a, b) => a + b) / lives.length;
    const deviation = Math.sqrt(lives.reduce((sum, x) => sum + (x - mean) ** 2, 0) / lives.length);
    expect(Math.abs(deviation - steel.lifeScatter)).toBeLessThan(0.03);
  });

  it('leads to a change at 90 % in good order, and beyond the limit with a wear fault', () => {
    const wearAtChange = (faultLevel: number): number => {
      const life = newTool(1);
      for (;;) {
        life.cut({ durationS: 5, lifeS: 1500, faultLevel });
        const wear = life.wearPercent;
        if (life.changeWhenWorn(faultLevel)) return wear;
      }
    };
    expect(wearAtChange(0)).toBeGreaterThanOrEqual(90);
    expect(wearAtChange(0)).toBeLessThan(100);
    expect(wearAtChange(0.5)).toBeGreaterThan(120);
    expect(wearAtChange(1)).toBeGreaterThan(180);
  });
});
