/**
 * Seeded randomness: xoshiro128** (Blackman and Vigna 2018, prng.di.unimi.it) started by splitmix32.
 * Same seed, same numbers, on every machine: only 32-bit integer operations decide.
 */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  uniform(low: number, high: number): number;
  /** A whole number in [low, high], both included. */
  integer(low: number, high: number): number;
  /** Normal by the polar method; the spare value is kept for the next call. */
  normal(mean?: number, deviation?: number): number;
  /** An independent stream: adding draws to one never moves the other. */
  fork(label: string | number): Random;
}

export function createRandom(seed: number | string): Random {
  const [s0, s1, s2, s3] = seedState(typeof seed === 'number' ? String(seed) : seed);
  return new Xoshiro128(String(seed), s0, s1, s2, s3);
}

class Xoshiro128 implements Random {
  private readonly seed: string;
  private a: number;
  private b: number;
  private c: number;
  private d: number;
  private spare = Number.NaN;

  constructor(seed: string, a: number, b: number, c: number, d: number) {
    this.seed = seed;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  next(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  normal(mean = 0, deviation = 1): number {
    if (!Number.isNaN(this.spare)) {
      const value = this.spare;
      this.spare = Number.NaN;
      return mean + deviation * value;
    }
    for (;;) {
      const x = 2 * this.next() - 1;
      const y = 2 * this.next() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = y * factor;
      return mean + deviation * x * factor;
    }
  }

  fork(label: string | number): Random {
    return createRandom(`${this.seed}/${label}`);
  }

  private nextUint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.b, 5), 7), 9) >>> 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = rotateLeft(this.d, 11);
    return result;
  }
}

const rotateLeft = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

function seedState(seed: string): [number, number, number, number] {
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  const draw = (): number => {
    hash = (hash + 0x9e3779b9) | 0;
    let z = hash;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  return [draw(), draw(), draw(), draw() || 1];
}
