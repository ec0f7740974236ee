/**
 * Learned numbers live in 32-bit floats: seven digits are more than any sensor has, they print in half the characters
 * of a double, and a state saved and loaded goes on bit by bit as if it had never stopped.
 */
export function encodeFloats(floats: Float32Array): (number | null)[] {
  return Array.from(floats, (value) => (Number.isFinite(value) ? shortest(value) : null));
}

export function decodeFloats(saved: readonly (number | null)[], length: number): Float32Array | undefined {
  if (saved.length !== length) return undefined;
  return Float32Array.from(saved, (value) => value ?? Number.NaN);
}

function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return Number(value.toPrecision(9));
}
