/**
 * Rounds as Python's round(value, digits): to the nearest decimal of the exact binary value, and an exact tie to the even
 * digit. Number.toFixed is exact too but sends ties upward. A double ties at `digits` decimals only if it is an odd multiple
 * of 2^-(digits+1): any finer binary fraction has more decimals than one 5, any coarser one has fewer.
 */
export function roundHalfEven(value: number, digits: number): number {
  const halves = value * 2 ** (digits + 1);
  if (Number.isInteger(halves) && halves % 2 !== 0) {
    const below = Math.floor(value * 10 ** digits);
    return (below % 2 === 0 ? below : below + 1) / 10 ** digits;
  }
  return Number(value.toFixed(digits));
}
