/**
 * Randomness whose whole state is one counter: the n-th number of a seed, by a 32-bit mixer of full avalanche (the
 * constants of C. Wellons' lowbias32). For detectors that must go on identically after their state was saved.
 */
export function uniformAt(seed: number, counter: number): number {
  return mix(mix(counter ^ 0x9e3779b9) ^ seed) / 4294967296;
}

/** An independent seed for each part: tree 7 of forest 1. */
export const seedOfPart = (seed: number, part: number): number => mix(mix(seed) + Math.imul(part, 0x632be5ab));

function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
