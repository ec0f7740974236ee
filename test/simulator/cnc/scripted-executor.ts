import type { MotionExecutor, MotionState, PathPiece, Point } from '../../../simulator/cnc/motion/motion.ts';

/** Moves in a straight line forever, or stands: a machine whose motion a test can compute by hand. */
export interface Script {
  readonly start: Point;
  readonly velocityMmPerMin: Point;
  readonly spindleRpm: number;
  readonly toolNumber: number;
  /** Turns back after this way; never where it is not given. */
  readonly turnAfterMm?: number;
  readonly coolant?: MotionState['coolant'];
}

export function createScriptedExecutor(script: Script): MotionExecutor {
  let position = script.start;
  let sign = 1;
  let travelledMm = 0;
  let cycleTimeS = 0;
  const { velocityMmPerMin: v } = script;
  const speedMmPerMin = Math.hypot(v.x, v.y, v.z);
  const advance: MotionExecutor['advance'] = (durationS) => {
    const stepS = sign * (durationS / 60);
    const to = { x: position.x + v.x * stepS, y: position.y + v.y * stepS, z: position.z + v.z * stepS };
    const path: PathPiece[] = speedMmPerMin === 0 ? [] : [{ from: position, to, durationS, kind: 'feed' }];
    position = to;
    cycleTimeS += durationS;
    travelledMm += (speedMmPerMin * durationS) / 60;
    const state = describe();
    if (script.turnAfterMm !== undefined && travelledMm >= script.turnAfterMm - 1e-9) {
      travelledMm = 0;
      sign = -sign;
    }
    return { state, path };
  };
  const describe = (): MotionState => ({
    mode: speedMmPerMin === 0 ? 'dwell' : 'cutting',
    position,
    velocityMmPerMin: { x: sign * v.x, y: sign * v.y, z: sign * v.z },
    feedMmPerMin: speedMmPerMin,
    spindleRpm: script.spindleRpm,
    coolant: script.coolant ?? 'flood',
    toolNumber: script.toolNumber,
    program: 'O1',
    block: 'N0010',
    cycleTimeS,
    partCount: 0,
    alarm: null,
  });
  return { advance };
}
