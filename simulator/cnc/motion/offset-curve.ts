/**
 * Lines and arcs in the working plane, shifted sideways, and where they meet.
 *
 *   line   shifted along its left normal by d
 *   arc    r' = r − d counter-clockwise, r + d clockwise        (left of the way is towards the centre of a counter-clockwise arc)
 *
 * A place on a curve is its parameter: millimetres along a line, radians along an arc, both from the curve's start.
 */
import type { Element } from './element.ts';
import type { Plane } from './vector.ts';

export type Flat = readonly [number, number];

export type Curve = FlatLine | FlatArc;

interface FlatLine {
  readonly shape: 'line';
  readonly start: Flat;
  readonly direction: Flat;
  readonly extent: number;
}

interface FlatArc {
  readonly shape: 'arc';
  readonly center: Flat;
  readonly radius: number;
  readonly startAngle: number;
  /** 1 counter-clockwise, -1 clockwise. */
  readonly turn: 1 | -1;
  readonly extent: number;
}

/** Parameters this far outside a curve still count as its end. */
const PARAMETER_TOLERANCE = 1e-7;

export function flatten(element: Element, plane: Plane): Curve {
  const start: Flat = [element.from[plane.first], element.from[plane.second]];
  if (element.shape === 'arc') {
    const { center, radiusMm, startAngle, sweep } = element;
    const turn = sweep < 0 ? -1 : 1;
    return { shape: 'arc', center, radius: radiusMm, startAngle, turn, extent: Math.abs(sweep) };
  }
  const [dx, dy] = [element.to[plane.first] - start[0], element.to[plane.second] - start[1]];
  const extent = Math.hypot(dx, dy);
  return { shape: 'line', start, direction: [dx / extent, dy / extent], extent };
}

/** Null where nothing is left: an arc that is narrower than the tool on its inner side. */
export function offsetCurve(curve: Curve, toLeft: number): Curve | null {
  if (curve.shape === 'arc') {
    const radius = curve.radius - toLeft * curve.turn;
    return radius > PARAMETER_TOLERANCE ? { ...curve, radius } : null;
  }
  const { start, direction } = curve;
  return { ...curve, start: [start[0] - direction[1] * toLeft, start[1] + direction[0] * toLeft] };
}

export function placeOn(curve: Curve, at: number): Flat {
  if (curve.shape === 'line') {
    return [curve.start[0] + curve.direction[0] * at, curve.start[1] + curve.direction[1] * at];
  }
  const angle = curve.startAngle + curve.turn * at;
  return [curve.center[0] + curve.radius * Math.cos(angle), curve.center[1] + curve.radius * Math.sin(angle)];
}

export function directionOn(curve: Curve, at: number): Flat {
  if (curve.shape === 'line') return curve.direction;
  const angle = curve.startAngle + curve.turn * at;
  return [-curve.turn * Math.sin(angle), curve.turn * Math.cos(angle)];
}

/** The parameter of a place that lies on the curve's line or circle, if it lies between these parameters. */
export function parameterOf(curve: Curve, place: Flat, from: number, to: number): number | null {
  for (const at of candidateParameters(curve, place)) {
    if (at >= from - PARAMETER_TOLERANCE && at <= to + PARAMETER_TOLERANCE) return Math.min(to, Math.max(from, at));
  }
  return null;
}

function candidateParameters(curve: Curve, place: Flat): readonly number[] {
  if (curve.shape === 'line') {
    const { start, direction } = curve;
    return [(place[0] - start[0]) * direction[0] + (place[1] - start[1]) * direction[1]];
  }
  const angle = Math.atan2(place[1] - curve.center[1], place[0] - curve.center[0]);
  const full = 2 * Math.PI;
  const at = ((((angle - curve.startAngle) * curve.turn) % full) + full) % full;
  return [at, at - full, at + full];
}

/** Where the lines or circles that carry two curves cross. */
export function crossCarriers(a: Curve, b: Curve): readonly Flat[] {
  if (a.shape === 'line') return b.shape === 'line' ? crossLines(a, b) : crossLineCircle(a, b);
  return b.shape === 'line' ? crossLineCircle(b, a) : crossCircles(a, b);
}

function crossLines(a: FlatLine, b: FlatLine): readonly Flat[] {
  const cross = a.direction[0] * b.direction[1] - a.direction[1] * b.direction[0];
  if (Math.abs(cross) < 1e-12) return [];
  const [dx, dy] = [b.start[0] - a.start[0], b.start[1] - a.start[1]];
  return [placeOn(a, (dx * b.direction[1] - dy * b.direction[0]) / cross)];
}

function crossLineCircle(line: FlatLine, arc: FlatArc): readonly Flat[] {
  const [dx, dy] = [arc.center[0] - line.start[0], arc.center[1] - line.start[1]];
  const along = dx * line.direction[0] + dy * line.direction[1];
  const aside = dx * line.direction[1] - dy * line.direction[0];
  const square = arc.radius ** 2 - aside ** 2;
  if (square < 0) return [];
  const half = Math.sqrt(square);
  return [placeOn(line, along - half), placeOn(line, along + half)];
}

function crossCircles(a: FlatArc, b: FlatArc): readonly Flat[] {
  const [dx, dy] = [b.center[0] - a.center[0], b.center[1] - a.center[1]];
  const apart = Math.hypot(dx, dy);
  if (apart < 1e-12) return [];
  const along = (apart ** 2 + a.radius ** 2 - b.radius ** 2) / (2 * apart);
  const square = a.radius ** 2 - along ** 2;
  if (square < 0) return [];
  const half = Math.sqrt(square);
  const [ux, uy] = [dx / apart, dy / apart];
  const [mx, my] = [a.center[0] + ux * along, a.center[1] + uy * along];
  return [
    [mx - uy * half, my + ux * half],
    [mx + uy * half, my - ux * half],
  ];
}
