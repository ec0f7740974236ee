import type { Random } from '../../core/random/random.ts';

/** Engineering assumptions for a heated hall; each machine stands somewhere else in it. */
const hallDefaults = { meanC: 21, placeScatterC: 0.7, swingC: 1.5, warmestHourUtc: 15 } as const;

/** How warm it is around a machine, `elapsedS` after `startMs`: it follows the day. */
export function createHall(random: Random, startMs: number): (elapsedS: number) => number {
  const { meanC, placeScatterC, swingC, warmestHourUtc } = hallDefaults;
  const offsetC = random.normal(0, placeScatterC);
  return (elapsedS) => {
    const hours = ((startMs / 1000 + elapsedS) / 3600) % 24;
    return meanC + offsetC + swingC * Math.cos((2 * Math.PI * (hours - warmestHourUtc)) / 24);
  };
}
