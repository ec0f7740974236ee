/**
 * An arc from its words: by centre (I J K from the start) or by radius R.
 *
 *   by R: h = √(R² − (c/2)²), the centre lies h beside the middle of the chord c;
 *   R > 0 takes the way of at most 180°, R < 0 the longer one.
 *
 * Refused: a radius that doesn't reach both ends, ends at different distances from the centre, an end on the start by R
 * (no full circle has a known centre then). Near 180° R is ill-conditioned: use the centre.
 * Source: RS274/NGC (NIST IR 6556), 3.5.3.
 */
import type { Arguments, Word } from '../../../core/gcode/program.ts';
import { type ArcElement, createArc } from './element.ts';
import { MachineAlarm } from './machine-alarm.ts';
import type { Plane, Vector } from './vector.ts';

/** How far start and end radius may differ: programs carry three decimals, or four in inches. */
export const ARC_RADIUS_TOLERANCE_MM = 0.02;
/** An end this near to the start is the start. */
const SAME_PLACE_MM = 1e-6;

export interface ArcRequest {
  readonly from: Vector;
  readonly to: Vector;
  readonly plane: Plane;
  readonly isClockwise: boolean;
  readonly words: Arguments;
  readonly unitMm: number;
  /** What to name when the arc as a whole is wrong. */
  readonly code: Word | undefined;
}

export function buildArc(request: ArcRequest): ArcElement {
  const { from, to, plane, isClockwise, words } = request;
  refuseForeignCentre(request);
  const start: Flat = [from[plane.first], from[plane.second]];
  const end: Flat = [to[plane.first], to[plane.second]];
  const center = words.R === undefined ? centerByOffset(request, start) : centerByRadius(request, start, end);
  const radiusMm = Math.hypot(start[0] - center[0], start[1] - center[1]);
  const endRadius = Math.hypot(end[0] - center[0], end[1] - center[1]);
  if (radiusMm < SAME_PLACE_MM) throw new MachineAlarm('the arc has no radius, its centre is its start', request.code);
  if (Math.abs(endRadius - radiusMm) > ARC_RADIUS_TOLERANCE_MM) {
    throw new MachineAlarm(
      `the arc starts at radius ${round(radiusMm)} mm and ends at ${round(endRadius)} mm, ` +
        `they may differ by ${ARC_RADIUS_TOLERANCE_MM} mm`,
      request.code,
    );
  }
  const startAngle = Math.atan2(start[1] - center[1], start[0] - center[0]);
  const endAngle = Math.atan2(end[1] - center[1], end[0] - center[0]);
  const isFull = Math.hypot(end[0] - start[0], end[1] - start[1]) < SAME_PLACE_MM;
  const sweep = isFull ? 2 * Math.PI : turn(isClockwise ? startAngle - endAngle : endAngle - startAngle);
  return createArc({ from, to, plane, center, radiusMm, startAngle, sweep: isClockwise ? -sweep : sweep });
}

type Flat = readonly [number, number];

/** Into (0, 2π]. */
function turn(angle: number): number {
  const positive = angle % (2 * Math.PI);
  return positive <= 0 ? positive + 2 * Math.PI : positive;
}

const centerLetters = ['I', 'J', 'K'] as const;

function refuseForeignCentre({ words, plane }: ArcRequest): void {
  const letter = centerLetters[plane.normal];
  const word = words[letter];
  if (word !== undefined) throw new MachineAlarm(`${letter} lies outside the working plane of this arc`, word);
}

function centerByOffset({ words, plane, unitMm }: ArcRequest, start: Flat): Flat {
  const offset = (axis: 0 | 1 | 2): number => (words[centerLetters[axis]]?.value ?? 0) * unitMm;
  return [start[0] + offset(plane.first), start[1] + offset(plane.second)];
}

function centerByRadius({ words, unitMm, isClockwise }: ArcRequest, start: Flat, end: Flat): Flat {
  const word = words.R!;
  const radius = word.value * unitMm;
  const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
  const chord = Math.hypot(dx, dy);
  if (chord < SAME_PLACE_MM) throw new MachineAlarm('an arc by R must not end where it starts, use I J K', word);
  if (Math.abs(radius) < chord / 2 - ARC_RADIUS_TOLERANCE_MM / 2) {
    throw new MachineAlarm(`the radius must be at least half the chord, ${round(chord / 2)} mm`, word);
  }
  const height = Math.sqrt(Math.max(0, radius ** 2 - (chord / 2) ** 2));
  const side = isClockwise === radius > 0 ? -height : height;
  return [start[0] + dx / 2 - (dy / chord) * side, start[1] + dy / 2 + (dx / chord) * side];
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
