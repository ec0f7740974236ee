import { describe, expect, it } from 'vitest';
import { computeCut, torqueNm } from '../../../simulator/cnc/cutting.ts';
import { findMaterial, materials } from '../../../simulator/cnc/material.ts';
import { shopMagazine } from '../../../simulator/cnc/tool.ts';
import { createScriptedMill, run } from './scripted-mill.ts';

const endMill = shopMagazine.find((tool) => tool.number === 1)!;
const conditions = { tool: endMill, material: findMaterial('medium_carbon_steel'), spindleRpm: 6000, wearPercent: 0 };

describe('cutting force and power', () => {
  it('agree with Kienzle by hand for a full slot in medium carbon steel', () => {
    // 2 mm deep, 10 mm wide, 900 mm/min, 6,000 rpm, 3 teeth: fz = 0.05, hm = 0.05·2/π = 0.03183 mm,
    // kc = 1500·0.03183^−0.22·0.94 = 3007 N/mm², Pc = 2·10·900·3007/60e6 = 0.902 kW.
    const cut = computeCut(
      { volumeMm3: 300, areaMm2: 150, maxDepthMm: 2, wayMm: 15, lateralMm: 15, feedS: 1 },
      conditions,
    );
    expect(cut.depthMm).toBeCloseTo(2, 9);
    expect(cut.widthMm).toBeCloseTo(10, 9);
    expect(cut.specificForceNPerMm2).toBeCloseTo(1500 * (0.1 / Math.PI) ** -0.22 * 0.94, 6);
    expect(cut.powerKw).toBeCloseTo((2 * 10 * 900 * cut.specificForceNPerMm2) / 60e6, 9);
    expect(cut.powerKw).toBeCloseTo(0.902, 2);
    expect(torqueNm(cut.powerKw, 6000)).toBeCloseTo(cut.mainForceN * 0.005, 9);
  });

  it('are 30 % higher with a worn edge, and the feed force grows faster', () => {
    const engagement = { volumeMm3: 300, areaMm2: 150, maxDepthMm: 2, wayMm: 15, lateralMm: 15, feedS: 1 };
    const sharp = computeCut(engagement, conditions);
    const worn = computeCut(engagement, { ...conditions, wearPercent: 100 });
    expect(worn.powerKw / sharp.powerKw).toBeCloseTo(1.3, 9);
    expect(worn.feedForceN / sharp.feedForceN).toBeCloseTo(1.8, 9);
  });

  it('name the materials allowed when the one asked for is unknown', () => {
    expect(() => findMaterial('cheese')).toThrow(/material: got "cheese", allowed are low_carbon_steel, /);
    expect(materials).toHaveLength(13);
  });
});

describe('a cut in the mill', () => {
  const at = (z: number) => run(createScriptedMill({ script: { start: { x: 20, y: 20, z } } }), 20);

  it('shows no load in the air, only the idling spindle', () => {
    const air = at(2);
    const idle = run(createScriptedMill({ script: { velocityMmPerMin: { x: 0, y: 0, z: 0 } } }), 20);
    expect(air.removedMm3).toBe(0);
    expect(air.torqueNm).toBe(0);
    expect(air.spindle.powerKw).toBe(idle.spindle.powerKw);
    expect(air.spindle.vibrationToothMmPerS).toBe(0);
    expect(air.pocket!.life.runtimeS).toBe(0);
  });

  it('shows more load, torque, vibration and heat the deeper it goes', () => {
    const [air, shallow, deep] = [at(2), at(-0.5), at(-2)];
    for (const [less, more] of [
      [air, shallow],
      [shallow, deep],
    ] as const) {
      expect(more.spindle.loadPercent).toBeGreaterThan(less.spindle.loadPercent);
      expect(more.torqueNm).toBeGreaterThan(less.torqueNm);
      expect(more.spindle.vibrationMmPerS).toBeGreaterThan(less.spindle.vibrationMmPerS);
      expect(more.spindle.temperatureC).toBeGreaterThan(less.spindle.temperatureC);
      expect(more.axes.x.loadPercent).toBeGreaterThan(less.axes.x.loadPercent);
    }
  });

  it('chatters past the stable depth and not before', () => {
    expect(at(-1).spindle.vibrationChatterMmPerS).toBe(0);
    expect(at(-6).spindle.vibrationChatterMmPerS).toBeGreaterThan(1);
  });

  it('is quieter at the speed of a lobe than between lobes', () => {
    const chatterAt = (spindleRpm: number) =>
      run(createScriptedMill({ script: { start: { x: 20, y: 20, z: -3.5 }, spindleRpm } }), 10).spindle
        .vibrationChatterMmPerS;
    expect(chatterAt(10_000)).toBe(0);
    expect(chatterAt(7500)).toBeGreaterThan(0);
  });

  it('keeps its volume balance over a long run', () => {
    const mill = createScriptedMill({ script: { velocityMmPerMin: { x: 700, y: 6, z: 0 } } });
    const before = mill.stock.volumeMm3();
    let removedMm3 = 0;
    for (let s = 0; s < 120; s++) {
      mill.advance(1, s);
      removedMm3 += mill.removedMm3;
    }
    expect(removedMm3).toBeGreaterThan(5000);
    expect(Math.abs(before - mill.stock.volumeMm3() - removedMm3)).toBeLessThan(1e-3);
  });
});
