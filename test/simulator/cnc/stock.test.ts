import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PathPiece } from '../../../simulator/cnc/motion/motion.ts';
import { type Removal, Stock, type StockBlock } from '../../../simulator/cnc/stock.ts';
import { shopMagazine, type Tool } from '../../../simulator/cnc/tool.ts';

const block: StockBlock = { xMinMm: 0, yMinMm: 0, xMaxMm: 60, yMaxMm: 40, bottomMm: -20, topMm: 0, cellMm: 0.5 };
const endMill = shopMagazine.find((tool) => tool.number === 1)!;
const nothing = (): Removal => ({ volumeMm3: 0, areaMm2: 0, maxDepthMm: 0 });
const feed = (from: PathPiece['from'], to: PathPiece['to']): PathPiece => ({ from, to, durationS: 1, kind: 'feed' });

describe('stock', () => {
  it('loses a slot as wide as the tool and as deep as it goes', () => {
    const stock = new Stock(block);
    const removal = nothing();
    stock.sweep(feed({ x: 20, y: 20, z: -3 }, { x: 40, y: 20, z: -3 }), endMill, removal);
    const exactMm3 = 3 * (20 * 10 + Math.PI * 5 ** 2);
    expect(Math.abs(removal.volumeMm3 / exactMm3 - 1)).toBeLessThan(0.01);
    expect(removal.maxDepthMm).toBeCloseTo(3, 6);
  });

  it('loses nothing to a tool in the air, beside it, or on a way already cut', () => {
    const stock = new Stock(block);
    const removal = nothing();
    stock.sweep(feed({ x: 0, y: 20, z: 0 }, { x: 60, y: 20, z: 0 }), endMill, removal);
    stock.sweep(feed({ x: 0, y: 60, z: -5 }, { x: 60, y: 60, z: -5 }), endMill, removal);
    expect(removal.volumeMm3).toBe(0);
    const slot = feed({ x: 0, y: 20, z: -2 }, { x: 60, y: 20, z: -2 });
    stock.sweep(slot, endMill, removal);
    const once = removal.volumeMm3;
    stock.sweep(slot, endMill, removal);
    expect(removal.volumeMm3).toBe(once);
  });

  it('keeps the round foot of a ball mill and the cone of a drill', () => {
    const ball = shopMagazine.find((tool) => tool.type === 'ball_mill')!;
    const drill = shopMagazine.find((tool) => tool.type === 'drill')!;
    const fine = { ...block, cellMm: 0.1 };
    const balled = nothing();
    new Stock(fine).sweep(feed({ x: 30, y: 20, z: -4 }, { x: 30, y: 20, z: -4 }), ball, balled);
    expect(Math.abs(balled.volumeMm3 / ((2 / 3) * Math.PI * 4 ** 3) - 1)).toBeLessThan(0.01);
    const drilled = nothing();
    new Stock(fine).sweep(feed({ x: 30, y: 20, z: 5 }, { x: 30, y: 20, z: -10 }), drill, drilled);
    const radius = drill.diameterMm / 2;
    const point = radius * Math.tan((31 * Math.PI) / 180);
    const exactMm3 = Math.PI * radius ** 2 * (10 - (2 / 3) * point);
    expect(Math.abs(drilled.volumeMm3 / exactMm3 - 1)).toBeLessThan(0.01);
  });

  it('cuts a ramp in one sweep as in many short ones', () => {
    for (const tool of shopMagazine.filter((t) => t.type.endsWith('mill'))) {
      const whole = nothing();
      new Stock(block).sweep(feed({ x: 10, y: 12, z: -1 }, { x: 50, y: 27, z: -9 }), tool, whole);
      const parts = nothing();
      const stock = new Stock(block);
      const at = (share: number) => ({ x: 10 + 40 * share, y: 12 + 15 * share, z: -1 - 8 * share });
      for (let i = 0; i < 200; i++) stock.sweep(feed(at(i / 200), at((i + 1) / 200)), tool, parts);
      expect(Math.abs(whole.volumeMm3 / parts.volumeMm3 - 1), tool.type).toBeLessThan(0.015);
    }
  });

  it('removes exactly the difference of the height map, whatever is swept', () => {
    const point = fc.record({
      x: fc.double({ min: -20, max: 80, noNaN: true }),
      y: fc.double({ min: -20, max: 60, noNaN: true }),
      z: fc.double({ min: -30, max: 5, noNaN: true }),
    });
    const tool = fc.constantFrom<Tool>(...shopMagazine);
    const moves = fc.array(fc.tuple(point, point, tool), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(moves, (list) => {
        const stock = new Stock(block);
        const before = stock.volumeMm3();
        const removal = nothing();
        for (const [from, to, mover] of list) {
          const heights = stock.heights.slice();
          stock.sweep(feed(from, to), mover, removal);
          expect(stock.heights.every((height, i) => height <= heights[i]! && height >= block.bottomMm)).toBe(true);
        }
        expect(Math.abs(before - stock.volumeMm3() - removal.volumeMm3)).toBeLessThan(before * 1e-9);
      }),
      { numRuns: 150, seed: 7 },
    );
  });
});
