import type { Situation } from '../advice/advise.ts';
import type { AdmissionState } from './admission.ts';
import type { EpisodeState } from './episodes.ts';
import type { ExaminationState } from './examination.ts';
import type { HealthState } from './health.ts';
import type { Plan } from './plan.ts';
import type { QualityState } from './quality.ts';

/**
 * What a twin remembers between samples, as it lies in a checkpoint. A new version adds a mapper to `mappers` and a
 * golden file of the version before to test/fixtures/twin-states.
 */
export const twinStateVersion = 1;

export interface TwinState extends ExaminationState {
  readonly schema: 'twin';
  readonly version: number;
  readonly machineId: string;
  readonly machineType: string;
  /** Of the detection section the numbers below belong to. */
  readonly fingerprint: string;
  readonly admission: AdmissionState;
  readonly quality: QualityState;
  readonly episodes: readonly EpisodeState[];
  readonly health: HealthState;
  readonly standing: Situation;
}

/** From version n (the key) to n + 1. */
const mappers: Readonly<Record<number, (state: TwinState) => TwinState>> = {};

/**
 * Throws on a state of another type or of a version from the future: going on from it would be guessing. A state whose
 * detection section has changed since keeps the order of samples and the open episodes; learning begins anew.
 */
export function openState(saved: TwinState | undefined, plan: Plan): Partial<TwinState> {
  if (saved === undefined) return {};
  if (saved.schema !== 'twin' || saved.machineType !== plan.type.name) {
    throw new Error(`twin state: got one of "${saved.machineType}", allowed is "${plan.type.name}"`);
  }
  let state = saved;
  while (state.version < twinStateVersion && mappers[state.version] !== undefined) {
    state = mappers[state.version]!(state);
  }
  if (state.version !== twinStateVersion) {
    throw new Error(`twin state: got version ${saved.version}, allowed are 1 to ${twinStateVersion}`);
  }
  if (state.fingerprint === plan.fingerprint) return state;
  return { machineId: state.machineId, admission: state.admission, episodes: state.episodes };
}
