import type { Random } from '../random/random.ts';

/** `count` of the numbers from 0 to before `of`, each at most once, in the order drawn. */
export function drawDistinct(of: number, count: number, random: Random): Int32Array {
  const all = new Int32Array(of);
  for (let i = 0; i < of; i++) all[i] = i;
  const drawn = Math.min(count, of);
  for (let i = 0; i < drawn; i++) {
    const j = random.integer(i, of - 1);
    const value = all[i]!;
    all[i] = all[j]!;
    all[j] = value;
  }
  return all.subarray(0, drawn);
}

/** `count` draws with replacement. */
export function drawRepeated(of: number, count: number, random: Random): Int32Array {
  return Int32Array.from({ length: count }, () => random.integer(0, of - 1));
}
