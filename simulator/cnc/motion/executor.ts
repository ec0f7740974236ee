import { isRapid, type Setting } from './action.ts';
import { compensateCutter } from './cutter-compensation.ts';
import { longestChordMm, nextDivision, pointAt, tangentAt } from './element.ts';
import { interpretProgram } from './interpreter.ts';
import { createAxisLimits } from './limits.ts';
import { planMotion, type TimedAction, type TimedMove } from './look-ahead.ts';
import type { MotionExecutor, MotionMode, MotionState, PathPiece, Point } from './motion.ts';
import type { MotionExecutorOptions } from './setup.ts';
import { toPoint, toVector, type Vector } from './vector.ts';
import { elapsedAt, speedAt, travelledAt } from './velocity-profile.ts';

export interface ResumableExecutor extends MotionExecutor {
  /** The operator's start button: ends a hold of M0, M1 or G88; does nothing otherwise. */
  resume(): void;
}

export function createMotionExecutor(options: MotionExecutorOptions): ResumableExecutor {
  return new Executor(options);
}

/** Time differences below this are rounding, not motion: a nanosecond. */
const LEAST_TIME_S = 1e-9;

class Executor implements ResumableExecutor {
  private readonly options: MotionExecutorOptions;
  private readonly timed: Iterator<TimedAction>;
  private setting: Setting;
  private current: TimedAction | null = null;
  private elapsedS = 0;
  private travelledMm = 0;
  private position: Vector;
  private mode: MotionMode = 'idle';
  private alarm: string | null = null;
  private cycleTimeS = 0;
  private partCount = 0;
  private isResumed = false;

  constructor(options: MotionExecutorOptions) {
    this.options = options;
    const start = toVector(options.referencePoints?.[0] ?? { x: 0, y: 0, z: 0 });
    this.position = start;
    this.setting = {
      feedMmPerMin: 0,
      spindleRpm: 0,
      coolant: 'off',
      toolNumber: options.toolInSpindle ?? 0,
      program: options.mainProgram,
      block: '',
    };
    const actions = compensateCutter(interpretProgram({ ...options, start }), start);
    this.timed = planMotion(actions, createAxisLimits(options.kinematics));
  }

  resume(): void {
    if (this.current?.kind === 'hold') this.isResumed = true;
  }

  advance(durationS: number): { readonly state: MotionState; readonly path: readonly PathPiece[] } {
    if (!(durationS >= 0 && durationS < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`a step of the machine must be 0 s or longer, got ${durationS}`);
    }
    const path: PathPiece[] = [];
    let leftS = durationS;
    while (leftS > LEAST_TIME_S) {
      if (this.current === null && !this.begin()) break;
      leftS -= this.run(leftS, path);
    }
    return { state: this.describe(), path };
  }

  /** Takes up the next action; false when there is none. */
  private begin(): boolean {
    const next = this.timed.next();
    if (next.done) return false;
    if (this.mode === 'idle' && next.value.kind !== 'end') this.cycleTimeS = 0;
    this.current = next.value;
    this.elapsedS = 0;
    this.travelledMm = 0;
    this.setting = next.value.kind === 'move' ? next.value.move.setting : next.value.setting;
    this.mode = modeOf(next.value);
    if (next.value.kind === 'alarm') this.alarm = next.value.message;
    return true;
  }

  /** Spends up to `leftS` on the current action and says how much it took. */
  private run(leftS: number, path: PathPiece[]): number {
    const action = this.current!;
    const spentS = Math.max(0, Math.min(leftS, this.durationOf(action) - this.elapsedS));
    const beforeS = this.elapsedS;
    this.elapsedS += spentS;
    if (action.kind !== 'alarm' && action.kind !== 'end') this.cycleTimeS += spentS;
    if (action.kind === 'move') this.travel(action, beforeS, path);
    if (this.elapsedS >= this.durationOf(action)) this.finish(action);
    return spentS;
  }

  private durationOf(action: TimedAction): number {
    if (action.kind === 'move') return action.profile.durationS;
    if (action.kind === 'wait') return action.durationS;
    if (action.kind === 'hold') return this.isResumed ? 0 : (this.options.autoResumeS ?? Number.POSITIVE_INFINITY);
    if (action.kind === 'alarm') return Number.POSITIVE_INFINITY;
    return 0;
  }

  private finish(action: TimedAction): void {
    this.current = null;
    this.isResumed = false;
    if (action.kind !== 'end') return;
    this.partCount++;
    this.mode = 'idle';
  }

  /** Follows the element to where the elapsed time leads, in chords that keep the tolerance. */
  private travel({ move, profile }: TimedMove, beforeS: number, path: PathPiece[]): void {
    const { element } = move;
    const from = this.travelledMm;
    const to = travelledAt(profile, this.elapsedS);
    if (to <= from) return;
    const chordMm = longestChordMm(element, this.options.kinematics.arcToleranceMm);
    const kind = isRapid(move) ? 'rapid' : 'feed';
    let passedS = beforeS;
    let start = toPoint(this.position);
    for (let at = from; at < to; ) {
      at = Math.min(to, nextDivision(element, at, chordMm));
      const untilS = at === to ? this.elapsedS : elapsedAt(profile, at);
      this.position = pointAt(element, at);
      const end = toPoint(this.position);
      path.push({ from: start, to: end, durationS: Math.max(0, untilS - passedS), kind });
      passedS = untilS;
      start = end;
    }
    this.travelledMm = to;
  }

  private describe(): MotionState {
    const { velocity, spindleRpm } = this.measureMotion();
    return {
      ...this.setting,
      spindleRpm,
      mode: this.mode,
      position: toPoint(this.position),
      velocityMmPerMin: velocity,
      cycleTimeS: this.cycleTimeS,
      partCount: this.partCount,
      alarm: this.alarm,
    };
  }

  private measureMotion(): { readonly velocity: Point; readonly spindleRpm: number } {
    const { current: action, setting } = this;
    if (action?.kind !== 'move') return { velocity: { x: 0, y: 0, z: 0 }, spindleRpm: setting.spindleRpm };
    const speed = speedAt(action.profile, this.elapsedS) * 60;
    const [x, y, z] = tangentAt(action.move.element, this.travelledMm);
    const { pitchMm } = action.move;
    const spindleRpm = pitchMm > 0 ? (Math.sign(setting.spindleRpm) * speed) / pitchMm : setting.spindleRpm;
    return { velocity: { x: x * speed, y: y * speed, z: z * speed }, spindleRpm };
  }
}

function modeOf(action: TimedAction): MotionMode {
  switch (action.kind) {
    case 'move':
      return isRapid(action.move) ? 'rapid' : 'cutting';
    case 'wait':
      return action.mode;
    case 'stand':
      return 'dwell';
    case 'end':
      return 'idle';
    default:
      return action.kind;
  }
}
