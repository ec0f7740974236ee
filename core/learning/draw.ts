import type { Random } from '../random/random.ts';

/** `count` of the numbers from 0 to before `of`, each at most once, in the order drawn. */
export function drawDistinct(of: number, count: number, random: Random): Int32Array {
  const all = Int32Array.from({ length: of }, (_, i) => i);
  const drawn = Math.min(count, of);
  for (let i = 0; i < drawn; i++) {
    const j = random.integer(i, of - 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all.subarray(0, drawn);
}

/** `count` draws with replacement. */
export function drawRepeated(of: number, count: number, random: Random): Int32Array {
  return Int32Array.from({ length: count }, () => random.integer(0, of - 1));
}
