import type { Sample } from '../telemetry/sample.ts';
import type { DetectionConfig } from './config.ts';
import type { Observation } from './observation.ts';

/**
 * Decides whether a sample may be concluded from: each moment once, and time only forwards. Delivery is at least
 * once and over several ways, so duplicates and stragglers are ordinary.
 * A clock that was set back would make everything out of order until it has caught up; a running number that goes on
 * rising, or `clockSetBackAfter` samples in order among themselves, tell it from stragglers: samples without a number, or
 * numbered as after a restart, from the beginning.
 */
export interface AdmissionState {
  lastAtMs: number;
  lastSequence: number | null;
  /** The moments last used, in a ring: what a straggler is compared with. */
  recentAtMs: number[];
  /** Where the next one goes. */
  ringAt: number;
  /** Where a run of older samples stands, and how long it is. */
  behindAtMs: number;
  behindCount: number;
}

export type Disposition = Observation['disposition'];

const remembered = 5;
const clockSetBackAfter = 10;
/** Stragglers are numbered little below the last (assumption). */
const restartedBelow = 0.5;

export const createAdmission = (): AdmissionState => ({
  lastAtMs: 0,
  lastSequence: null,
  recentAtMs: [],
  ringAt: 0,
  behindAtMs: 0,
  behindCount: 0,
});

export function admit(sample: Sample, state: AdmissionState, quality: DetectionConfig['quality']): Disposition {
  const atMs = sample.sampledAtMs;
  if (state.recentAtMs.length > 0 && atMs <= state.lastAtMs && !wasClockSetBack(sample, state)) {
    if (state.recentAtMs.includes(atMs)) return 'duplicate';
    return state.lastAtMs - atMs > quality.lateAfterS * 1000 ? 'late' : 'out_of_order';
  }
  if (atMs <= state.lastAtMs) forget(state);
  state.lastAtMs = atMs;
  state.lastSequence = sample.sequence;
  state.behindCount = 0;
  state.recentAtMs[state.ringAt] = atMs;
  state.ringAt = state.ringAt + 1 === remembered ? 0 : state.ringAt + 1;
  return 'used';
}

/** After the clock was set back, moments already used may rightly come again. */
function forget(state: AdmissionState): void {
  state.recentAtMs.length = 0;
  state.ringAt = 0;
}

function wasClockSetBack(sample: Sample, state: AdmissionState): boolean {
  const { sampledAtMs, sequence } = sample;
  if (state.recentAtMs.includes(sampledAtMs)) return false;
  if (sequence !== null && state.lastSequence !== null) {
    if (sequence > state.lastSequence) return true;
    if (sequence > state.lastSequence * restartedBelow) return false;
  }
  state.behindCount = sampledAtMs > state.behindAtMs ? state.behindCount + 1 : 1;
  state.behindAtMs = sampledAtMs;
  return state.behindCount > clockSetBackAfter;
}
