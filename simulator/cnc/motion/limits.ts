/**
 * How fast and how hard a piece of geometry may be run, from the limits of the single axes.
 *
 *   straight   a = min A_i/|u_i|,  v = min R_i/|u_i|        (the axis with the largest share decides)
 *   arc        v = √(0.866·A·r),   a = √(A² − (v²/r)²)      (A: the weaker axis of the plane)
 *   corner     v² = a·δ·s/(1 − s), s = sin(θ/2)             (θ: angle between the legs, δ: junction deviation)
 *
 * On an arc the centripetal part may take √3/2 of the acceleration, so at least half is left for speeding up: the two
 * together never pass the axis limit. It fails to see the jump of acceleration where a line runs into an arc: no jerk limit.
 * Sources: junction deviation after S. K. Jeon (Grbl); the √3/2 share after LinuxCNC's trajectory planner.
 */
import { type ArcElement, type Element, tangentAt } from './element.ts';
import type { MachineKinematics } from './motion.ts';
import { dot, toVector, type Vector } from './vector.ts';

export interface AxisLimits {
  readonly rapidMmPerS: Vector;
  readonly accelerationMmPerS2: Vector;
  readonly maxFeedMmPerS: number;
  readonly junctionDeviationMm: number;
}

export interface PieceLimits {
  readonly speedMmPerS: number;
  readonly accelerationMmPerS2: number;
}

/** Share of an arc's acceleration that the centripetal part may take. */
const NORMAL_SHARE = Math.sqrt(3) / 2;
/** Below this a corner counts as none: the cosine of about 0.08°. */
const STRAIGHT_COSINE = 1 - 1e-6;

export function createAxisLimits(kinematics: MachineKinematics): AxisLimits {
  const rapid = toVector(kinematics.rapidMmPerMin);
  return {
    rapidMmPerS: [rapid[0] / 60, rapid[1] / 60, rapid[2] / 60],
    accelerationMmPerS2: toVector(kinematics.accelerationMmPerS2),
    maxFeedMmPerS: kinematics.maxFeedMmPerMin / 60,
    junctionDeviationMm: kinematics.junctionDeviationMm,
  };
}

/** The largest length along `direction` that no axis' share of it passes its limit. */
function withinAxes(direction: Vector, limits: Vector): number {
  let largest = Number.POSITIVE_INFINITY;
  for (let axis = 0; axis < 3; axis++) {
    const share = Math.abs(direction[axis]!);
    if (share > 1e-12) largest = Math.min(largest, limits[axis]! / share);
  }
  return largest;
}

/** `feedMmPerS` is infinite for a rapid. */
export function limitPiece(element: Element, feedMmPerS: number, limits: AxisLimits): PieceLimits {
  if (element.shape === 'arc') return limitArc(element, Math.min(feedMmPerS, limits.maxFeedMmPerS), limits);
  const direction = tangentAt(element, 0);
  const rapid = withinAxes(direction, limits.rapidMmPerS);
  const speed = Number.isFinite(feedMmPerS) ? Math.min(feedMmPerS, limits.maxFeedMmPerS, rapid) : rapid;
  return { speedMmPerS: speed, accelerationMmPerS2: withinAxes(direction, limits.accelerationMmPerS2) };
}

function limitArc(arc: ArcElement, feedMmPerS: number, limits: AxisLimits): PieceLimits {
  const { plane, lengthMm } = arc;
  const inPlane = Math.abs(arc.radiusMm * arc.sweep) / lengthMm;
  const climb = Math.abs(arc.to[plane.normal] - arc.from[plane.normal]) / lengthMm;
  const weakest = (v: Vector): number => Math.min(v[plane.first], v[plane.second]);
  const acceleration = weakest(limits.accelerationMmPerS2);
  const round = Math.min(
    weakest(limits.rapidMmPerS),
    Math.sqrt(NORMAL_SHARE * acceleration * arc.radiusMm),
    feedMmPerS * inPlane,
  );
  const centripetal = round ** 2 / arc.radiusMm;
  const tangential = Math.sqrt(acceleration ** 2 - centripetal ** 2) / inPlane;
  if (climb < 1e-12) return { speedMmPerS: round / inPlane, accelerationMmPerS2: tangential };
  return {
    speedMmPerS: Math.min(round / inPlane, limits.rapidMmPerS[plane.normal] / climb),
    accelerationMmPerS2: Math.min(tangential, limits.accelerationMmPerS2[plane.normal] / climb),
  };
}

/** Highest speed at which the way may turn from one direction to the next. */
export function limitCorner(before: Vector, after: Vector, limits: AxisLimits): number {
  const cosine = dot(before, after);
  if (cosine > STRAIGHT_COSINE) return Number.POSITIVE_INFINITY;
  if (cosine < -STRAIGHT_COSINE) return 0;
  const sine = Math.sqrt((1 + cosine) / 2);
  const change: Vector = [after[0] - before[0], after[1] - before[1], after[2] - before[2]];
  const length = Math.sqrt(2 - 2 * cosine);
  const unit: Vector = [change[0] / length, change[1] / length, change[2] / length];
  const acceleration = withinAxes(unit, limits.accelerationMmPerS2);
  return Math.sqrt((acceleration * limits.junctionDeviationMm * sine) / (1 - sine));
}
