import type { Drawings } from '../../../../core/machine-types/drawings.ts';

type Curve = NonNullable<Drawings['operatingMap']>['curves'][number];

export interface DrawnCurve {
  readonly title: string;
  readonly y: string | undefined;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const points = 41;

/** A design curve at the present speed, or at its own where that is not known: x grows with s^xPower, y with s^yPower. */
export function drawCurve(curve: Curve, scaledBy: number | null): DrawnCurve {
  const { title, y, polynomial, from, to, scaledBy: scale } = curve;
  const ratio = scale === undefined || scaledBy === null || scaledBy <= 0 ? 1 : scaledBy / scale.reference;
  const [xTimes, yTimes] = scale === undefined ? [1, 1] : [ratio ** scale.xPower, ratio ** scale.yPower];
  const valueAt = (x: number): number => polynomial.reduceRight((sum, term) => sum * x + term, 0);
  return {
    title,
    y,
    points: Array.from({ length: points }, (_, i) => {
      const x = from + ((to - from) * i) / (points - 1);
      return [x * xTimes, valueAt(x) * yTimes] as const;
    }).filter(([, value]) => value >= 0),
  };
}
