/**
 * The border between the part that moves the machine (G-code in, motion out) and the part that cuts (motion in,
 * forces, heat and wear out). Lengths are millimetres in machine coordinates, times seconds.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** A straight piece of the tool tip's way; arcs arrive as chords within the executor's tolerance. */
export interface PathPiece {
  readonly from: Point;
  readonly to: Point;
  readonly durationS: number;
  readonly kind: 'rapid' | 'feed';
}

export const motionModes = ['idle', 'rapid', 'cutting', 'tool_change', 'dwell', 'hold', 'alarm'] as const;
export type MotionMode = (typeof motionModes)[number];

export interface MotionState {
  readonly mode: MotionMode;
  readonly position: Point;
  /** Per axis, signed. */
  readonly velocityMmPerMin: Point;
  readonly feedMmPerMin: number;
  /** Positive clockwise (M3), negative counter-clockwise (M4), 0 when stopped. */
  readonly spindleRpm: number;
  readonly coolant: 'off' | 'mist' | 'flood';
  readonly toolNumber: number;
  /** `O1234` and `N0150`; the block's line number, as `L17`, where the program has no N word. */
  readonly program: string;
  readonly block: string;
  readonly cycleTimeS: number;
  /** Parts finished: rises when M30 or M2 is reached. */
  readonly partCount: number;
  /** Why the machine holds, naming program, block and word; null while it runs. */
  readonly alarm: string | null;
}

export interface MotionExecutor {
  /** Moves the machine on by this time; the pieces cover exactly the way travelled in it, in order. */
  advance(durationS: number): { readonly state: MotionState; readonly path: readonly PathPiece[] };
}

export interface ToolGeometry {
  readonly number: number;
  readonly diameterMm: number;
  readonly lengthMm: number;
  readonly cornerRadiusMm: number;
  readonly teeth: number;
}

/** What the machine can do. */
export interface MachineKinematics {
  readonly rapidMmPerMin: Point;
  readonly accelerationMmPerS2: Point;
  readonly maxFeedMmPerMin: number;
  readonly maxSpindleRpm: number;
  readonly toolChangeS: number;
  /** How far a corner may be rounded in velocity planning. */
  readonly junctionDeviationMm: number;
  readonly arcToleranceMm: number;
}
