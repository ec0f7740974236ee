/**
 * How two neighbouring ways of a compensated tool are joined.
 *
 *   straight on     end meets start
 *   outside corner  the tool rolls around the corner: an arc of the tool's radius about it
 *   inside corner   both ways are cut off where they cross; if they don't cross, the tool doesn't fit
 *
 * Only neighbours are compared: a narrow place between ways further apart is cut too deep, as on controls that check no more.
 */
import { type Curve, crossCarriers, directionOn, type Flat, parameterOf, placeOn } from './offset-curve.ts';

/** A way of the tool's centre, still to be cut off at both ends. */
export interface OffsetWay {
  readonly programmed: Curve;
  readonly shifted: Curve;
  /** Millimetres to the left; negative to the right. */
  readonly toLeft: number;
  /** Parameters on `shifted`. */
  from: number;
  to: number;
}

export type Joint =
  | { readonly kind: 'meet' }
  | { readonly kind: 'line' }
  | { readonly kind: 'arc'; readonly center: Flat; readonly sweep: number }
  | { readonly kind: 'gouge' };

/** Angle, in radians, that three decimals leave of a tangent at a radius of 1 mm: nothing to alarm about. */
const STRAIGHT_ANGLE = 2e-3;

/** Cuts both ways off where they cross, or says what is to be put between them. */
export function joinWays(before: OffsetWay, after: OffsetWay): Joint {
  if (before.toLeft !== after.toLeft) return { kind: 'line' };
  const a = directionOn(before.programmed, before.programmed.extent);
  const b = directionOn(after.programmed, 0);
  const angle = Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]);
  if (Math.abs(angle) < 1e-9) return { kind: 'line' };
  const center = placeOn(before.programmed, before.programmed.extent);
  if (Math.abs(angle) > Math.PI - 1e-9) {
    // Straight back: the curvature decides whether the tool stands in a cusp or at the tip of one.
    if (cutOff(before, after, center)) return { kind: 'meet' };
    return { kind: 'arc', center, sweep: after.toLeft > 0 ? -Math.PI : Math.PI };
  }
  if (angle * after.toLeft < 0) return { kind: 'arc', center, sweep: angle };
  if (cutOff(before, after, center)) return { kind: 'meet' };
  return { kind: Math.abs(angle) < STRAIGHT_ANGLE ? 'line' : 'gouge' };
}

function cutOff(before: OffsetWay, after: OffsetWay, corner: Flat): boolean {
  let nearest = Number.POSITIVE_INFINITY;
  let cut: readonly [number, number] | null = null;
  for (const place of crossCarriers(before.shifted, after.shifted)) {
    const end = parameterOf(before.shifted, place, before.from, before.to);
    const start = parameterOf(after.shifted, place, after.from, after.to);
    const away = Math.hypot(place[0] - corner[0], place[1] - corner[1]);
    if (end === null || start === null || away >= nearest) continue;
    nearest = away;
    cut = [end, start];
  }
  if (cut === null) return false;
  [before.to, after.from] = cut;
  return true;
}
