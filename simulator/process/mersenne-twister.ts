/**
 * MT19937 (Matsumoto and Nishimura 1998), seeded and drawn as Python's `random` module does, so that a run published from
 * Python can be repeated draw by draw: init_by_array over the seed's 32-bit words, 53-bit doubles, the Box–Muller pair.
 * It is the scenario's source and nothing else's: core/random is faster. It fails only as every MT does: not for secrets.
 */
const stateLength = 624;
const middle = 397;

export class PythonRandom {
  private readonly state = new Uint32Array(stateLength);
  private index = stateLength;
  private spareNormal = Number.NaN;

  /** A whole number; Python seeds by its magnitude. */
  constructor(seed: number) {
    this.seedByArray(splitWords(Math.abs(Math.trunc(seed))));
  }

  nextUint32(): number {
    if (this.index >= stateLength) this.twist();
    let y = this.state[this.index++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** Uniform in [0, 1), 53 bits. */
  random(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /** Box–Muller; the second value of the pair is kept for the next call. */
  gauss(mean: number, deviation: number): number {
    let z = this.spareNormal;
    if (Number.isNaN(z)) {
      const angle = this.random() * 2 * Math.PI;
      const radius = Math.sqrt(-2 * Math.log(1 - this.random()));
      z = Math.cos(angle) * radius;
      this.spareNormal = Math.sin(angle) * radius;
    } else {
      this.spareNormal = Number.NaN;
    }
    return mean + z * deviation;
  }

  /** A whole number in [low, high]: draws of just enough bits, until one falls inside. */
  integer(low: number, high: number): number {
    const count = high - low + 1;
    const unusedBits = Math.clz32(count);
    for (;;) {
      const value = this.nextUint32() >>> unusedBits;
      if (value < count) return low + value;
    }
  }

  private seedByArray(key: readonly number[]): void {
    const state = this.state;
    this.seedByNumber(19650218);
    let i = 1;
    let j = 0;
    const advance = (): void => {
      i++;
      if (i < stateLength) return;
      state[0] = state[stateLength - 1]!;
      i = 1;
    };
    for (let k = Math.max(stateLength, key.length); k > 0; k--) {
      state[i] = (state[i]! ^ Math.imul(mixPrevious(state, i), 1664525)) + key[j]! + j;
      j = (j + 1) % key.length;
      advance();
    }
    for (let k = stateLength - 1; k > 0; k--) {
      state[i] = (state[i]! ^ Math.imul(mixPrevious(state, i), 1566083941)) - i;
      advance();
    }
    state[0] = 0x80000000;
  }

  private seedByNumber(seed: number): void {
    this.state[0] = seed;
    for (let i = 1; i < stateLength; i++) this.state[i] = Math.imul(1812433253, mixPrevious(this.state, i)) + i;
  }

  private twist(): void {
    const state = this.state;
    for (let k = 0; k < stateLength; k++) {
      const y = (state[k]! & 0x80000000) | (state[(k + 1) % stateLength]! & 0x7fffffff);
      state[k] = state[(k + middle) % stateLength]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.index = 0;
  }
}

const mixPrevious = (state: Uint32Array, i: number): number => state[i - 1]! ^ (state[i - 1]! >>> 30);

/** Little-endian 32-bit words, as Python cuts a seed; 0 is one word. */
function splitWords(seed: number): number[] {
  const low = seed >>> 0;
  const high = Math.floor(seed / 4294967296);
  return high > 0 ? [low, high] : [low];
}
