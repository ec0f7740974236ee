import { describe, expect, it } from 'vitest';
import { familiarContexts } from '../../../../core/detection/detectors/familiar-contexts.ts';

/** A table that goes through four stations, over and over; every value of it is a usual one. */
const stations = [10, 40, 20, 60];
const scoresOf = (values: readonly number[]): number[] => {
  const detector = familiarContexts.create({ channels: ['position_mm'] });
  return values.map((value, i) => detector.update({ atMs: i * 1000, values: [value] }).score);
};

describe('familiar contexts', () => {
  it('notices usual values in an unusual order, which no limit can', () => {
    const values = Array.from({ length: 800 }, (_, i) => stations[i % 4]!);
    [values[700], values[701]] = [values[701]!, values[700]!];
    const scores = scoresOf(values);
    expect(Math.max(...scores.slice(0, 700))).toBeLessThan(0.5);
    expect(Math.max(...scores.slice(700, 704))).toBeGreaterThan(1);
  });

  it('holds at most so many contexts, and still knows the cycle that goes on', () => {
    const detector = familiarContexts.create({ channels: ['position_mm'], config: { contexts: 100 } });
    const scores = Array.from({ length: 3000 }, (_, i) => {
      const isWild = i < 1500 && (i * 7919) % 5 === 0;
      return detector.update({ atMs: i * 1000, values: [isWild ? (i * 31) % 70 : stations[i % 4]!] }).score;
    });
    const saved = detector.save() as unknown as { channels: { position_mm: { contexts: unknown[] } } };
    expect(saved.channels.position_mm.contexts).toHaveLength(100);
    expect(Math.max(...scores.slice(2500))).toBeLessThan(0.5);
  });
});
