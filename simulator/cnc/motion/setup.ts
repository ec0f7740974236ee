import type { Program } from '../../../core/gcode/program.ts';
import type { MachineKinematics, Point, ToolGeometry } from './motion.ts';
import type { Vector } from './vector.ts';

export type WorkOffsetName = 'G54' | 'G55' | 'G56' | 'G57' | 'G58' | 'G59';
export type WorkOffsets = Readonly<Partial<Record<WorkOffsetName, Point>>>;

/** What is to be run, on which machine, and how its switches stand. */
export interface MotionExecutorOptions {
  /** Every program the control holds; subprograms that stand in the same file come with their program. */
  readonly programs: readonly Program[];
  /** `O1234`: the one that the start button runs. */
  readonly mainProgram: string;
  readonly kinematics: MachineKinematics;
  readonly tools: readonly ToolGeometry[];
  /** Zero points in machine coordinates; those not given lie at machine zero. */
  readonly workOffsets?: WorkOffsets;
  /** Length and radius by H and D number where they differ from the tool of that number. */
  readonly toolOffsets?: Readonly<Record<number, { readonly lengthMm: number; readonly radiusMm: number }>>;
  /** Where G28 and G30 go, and where the machine starts (the first). Default: machine zero. */
  readonly referencePoints?: readonly [Point, Point];
  /** The tool in the spindle at the start; 0, the default, is none. */
  readonly toolInSpindle?: number;
  /** After M30 the next part is begun at once. Default: false, the machine idles. */
  readonly repeat?: boolean;
  /** M0, M1 and G88 go on by themselves after this time; null, the default, waits for `resume()`. */
  readonly autoResumeS?: number | null;
  /** The block-skip switch: passes over blocks that begin with `/`. Default: false. */
  readonly blockSkip?: boolean;
  /** The optional-stop switch: M1 holds. Default: true. */
  readonly optionalStop?: boolean;
}

/** What the interpreter needs: the same, and where the tool tip stands. */
export interface InterpreterSetup extends MotionExecutorOptions {
  readonly start: Vector;
}
