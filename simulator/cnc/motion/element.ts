import { distance, type Plane, scale, subtract, type Vector } from './vector.ts';

/** One piece of programmed geometry, in millimetres of machine coordinates, run through by its length. */
export type Element = LineElement | ArcElement;

export interface LineElement {
  readonly shape: 'line';
  readonly from: Vector;
  readonly to: Vector;
  readonly lengthMm: number;
}

/** Circular in its plane; along the normal it climbs evenly with the angle (a helix). */
export interface ArcElement {
  readonly shape: 'arc';
  readonly from: Vector;
  readonly to: Vector;
  readonly lengthMm: number;
  readonly plane: Plane;
  /** In-plane coordinates of the centre. */
  readonly center: readonly [number, number];
  readonly radiusMm: number;
  readonly startAngle: number;
  /** Radians, positive counter-clockwise seen against the normal. */
  readonly sweep: number;
}

export function createLine(from: Vector, to: Vector): LineElement {
  return { shape: 'line', from, to, lengthMm: distance(from, to) };
}

export type ArcShape = Omit<ArcElement, 'shape' | 'lengthMm'>;

export function createArc(arc: ArcShape): ArcElement {
  const climb = arc.to[arc.plane.normal] - arc.from[arc.plane.normal];
  return { shape: 'arc', ...arc, lengthMm: Math.hypot(arc.radiusMm * arc.sweep, climb) };
}

export function pointAt(element: Element, travelledMm: number): Vector {
  if (travelledMm >= element.lengthMm) return element.to;
  if (travelledMm <= 0) return element.from;
  const share = travelledMm / element.lengthMm;
  const { from, to } = element;
  if (element.shape === 'line') {
    return [
      from[0] + (to[0] - from[0]) * share,
      from[1] + (to[1] - from[1]) * share,
      from[2] + (to[2] - from[2]) * share,
    ];
  }
  const { plane, center, radiusMm } = element;
  const angle = element.startAngle + element.sweep * share;
  const point: [number, number, number] = [0, 0, 0];
  point[plane.first] = center[0] + radiusMm * Math.cos(angle);
  point[plane.second] = center[1] + radiusMm * Math.sin(angle);
  point[plane.normal] = from[plane.normal] + (to[plane.normal] - from[plane.normal]) * share;
  return point;
}

/** Unit vector of the way at this place. */
export function tangentAt(element: Element, travelledMm: number): Vector {
  if (element.shape === 'line') return scale(subtract(element.to, element.from), 1 / element.lengthMm);
  const { plane, radiusMm, sweep, lengthMm } = element;
  const angle = element.startAngle + (sweep * travelledMm) / lengthMm;
  const inPlane = (radiusMm * sweep) / lengthMm;
  const tangent: [number, number, number] = [0, 0, 0];
  tangent[plane.first] = -Math.sin(angle) * inPlane;
  tangent[plane.second] = Math.cos(angle) * inPlane;
  tangent[plane.normal] = (element.to[plane.normal] - element.from[plane.normal]) / lengthMm;
  return tangent;
}

/**
 * Where the path must be divided next: at the end of a chord that keeps the tolerance, and where an arc passes an axis of its
 * plane, so that the outermost points of a path are points of the arc.
 */
export function nextDivision(element: Element, travelledMm: number, chordMm: number): number {
  if (element.shape === 'line') return element.lengthMm;
  const { startAngle, sweep, lengthMm } = element;
  const mmPerQuadrant = (lengthMm * Math.PI) / 2 / Math.abs(sweep);
  const quadrants = ((startAngle + (sweep * travelledMm) / lengthMm) / Math.PI) * 2;
  const left = sweep > 0 ? Math.floor(quadrants + 1e-9) + 1 - quadrants : quadrants - Math.ceil(quadrants - 1e-9) + 1;
  return travelledMm + Math.min(chordMm, left * mmPerQuadrant);
}

/** Longest piece of this element whose chord stays within the tolerance of it: sagitta = r·(1 − cos(θ/2)). */
export function longestChordMm(element: Element, toleranceMm: number): number {
  if (element.shape === 'line') return element.lengthMm;
  const half = Math.acos(Math.max(0, 1 - toleranceMm / element.radiusMm));
  return (element.lengthMm * 2 * half) / Math.abs(element.sweep);
}
