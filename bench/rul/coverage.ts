/**
 * Does an interval keep its promise, as far as so many units can tell? The band is what is aimed at; a share outside it fails when
 * units whose true coverage lies within the band would show so far a share in fewer than 1 of 40 cases on that side (binomial).
 */
export interface CoverageBand {
  readonly min: number;
  readonly max: number;
}

const chance = 0.025;

export function isCovered(share: number, units: number, band: CoverageBand): boolean {
  const covered = Math.round(share * units);
  return atMost(covered, units, band.min) >= chance && 1 - atMost(covered - 1, units, band.max) >= chance;
}

/** The binomial's distribution function, summed by logarithms. */
function atMost(covered: number, units: number, probability: number): number {
  let log = units * Math.log(1 - probability);
  let sum = covered >= 0 ? Math.exp(log) : 0;
  for (let k = 1; k <= covered; k++) {
    log += Math.log(((units - k + 1) / k) * (probability / (1 - probability)));
    sum += Math.exp(log);
  }
  return sum;
}
