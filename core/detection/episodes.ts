import type { DetectionConfig } from './config.ts';
import { type EpisodeTransition, type Severity, severities } from './observation.ts';

/**
 * Makes one alarm of one fault. A code opens an episode after it stood for some samples in a row, tells when it
 * worsens, and clears after it was away for long enough; then it stays shut for the refractory period, unless it comes
 * back more severe than it was. After a clock that ran ahead was set right, what it dated later counts from now.
 */
export interface EpisodeState {
  readonly code: string;
  /** Samples in a row with the code while shut, without it while open. */
  run: number;
  openedAtMs: number | null;
  lastSeenAtMs: number;
  clearedAtMs: number | null;
  worst: Severity;
  cause: string | null;
  /** Samples in a row in which what it explains stood graver than its worst; absent for none. */
  graver?: number;
}

export interface Standing {
  readonly code: string;
  readonly severity: Severity;
  /** The most probable cause at this moment. */
  readonly cause: string | null;
}

/** Would this failure mode move what the code saw? */
export type Explains = (failureMode: string, seen: Standing) => boolean;

const noTransitions: readonly EpisodeTransition[] = Object.freeze([]);

export class Episodes {
  private readonly config: DetectionConfig;
  private readonly states: Map<string, EpisodeState>;

  private readonly explains: Explains;

  constructor(config: DetectionConfig, explains: Explains, saved: readonly EpisodeState[] = []) {
    this.config = config;
    this.explains = explains;
    this.states = new Map(saved.map((state) => [state.code, { ...state }]));
  }

  get anyOpen(): boolean {
    for (const state of this.states.values()) if (state.openedAtMs !== null) return true;
    return false;
  }

  /** While data can't be trusted (`isBlind`) nothing recedes: not seeing a fault is not its end. */
  update(
    { machineId, sampledAtMs: atMs }: { readonly machineId: string; readonly sampledAtMs: number },
    standing: readonly Standing[],
    isBlind: boolean,
  ): readonly EpisodeTransition[] {
    if (standing.length === 0 && this.states.size === 0) return noTransitions;
    const transitions: EpisodeTransition[] = [];
    let explained: Map<EpisodeState, Severity> | null = null;
    for (let i = 0; i < standing.length; i++) {
      const seen = standing[i]!;
      const state = this.stateOf(seen.code);
      const isShut = state.openedAtMs === null;
      const explaining = isShut ? this.findExplaining(seen) : undefined;
      if (explaining !== undefined) {
        explained ??= new Map();
        explained.set(explaining, graverOf(seen.severity, explained.get(explaining)));
        continue;
      }
      state.cause = seen.cause;
      state.lastSeenAtMs = atMs;
      const kind = isShut ? this.approach(state, atMs, seen.severity) : worsen(state, seen.severity);
      if (kind !== null) transitions.push(transitionOf(kind, machineId, state));
    }
    for (const state of this.states.values()) {
      if (this.growsGraver(state, explained?.get(state))) transitions.push(transitionOf('changed', machineId, state));
    }
    if (!isBlind) {
      for (const state of this.states.values()) {
        if (state.lastSeenAtMs !== atMs) this.recede(state, machineId, atMs, transitions);
      }
    }
    return transitions.length === 0 ? noTransitions : transitions;
  }

  /** The part was changed: what was open is over. */
  clearAll(machineId: string, codes: (code: string) => boolean): readonly EpisodeTransition[] {
    const open = [...this.states.values()].filter((state) => state.openedAtMs !== null && codes(state.code));
    return open.map((state) => {
      const transition = transitionOf('cleared', machineId, state);
      this.states.delete(state.code);
      return transition;
    });
  }

  save(): EpisodeState[] {
    return [...this.states.values()].map((state) => ({ ...state }));
  }

  private stateOf(code: string): EpisodeState {
    let state = this.states.get(code);
    if (state === undefined) {
      state = { code, run: 0, openedAtMs: null, lastSeenAtMs: 0, clearedAtMs: null, worst: 'normal', cause: null };
      this.states.set(code, state);
    }
    return state;
  }

  /** One fault moves many signals: while its episode is open, those of its signature open no further one. */
  private findExplaining(seen: Standing): EpisodeState | undefined {
    if (isOfData(seen.code) || this.config.codes[seen.code]?.invalidProcess === true) return undefined;
    for (const state of this.states.values()) {
      const { cause, openedAtMs } = state;
      if (openedAtMs !== null && cause !== null && this.explains(cause, seen)) return state;
    }
    return undefined;
  }

  /** A graver sign of the same fault is no second alarm, but it worsens the one that stands once it lasts. */
  private growsGraver(state: EpisodeState, severity: Severity | undefined): boolean {
    if (severity === undefined || rank(severity) <= rank(state.worst)) {
      if (state.graver !== undefined) delete state.graver;
      return false;
    }
    state.graver = (state.graver ?? 0) + 1;
    if (state.graver < this.config.episodes.openAfterSamples) return false;
    state.worst = severity;
    delete state.graver;
    return true;
  }

  private approach(state: EpisodeState, atMs: number, severity: Severity): 'opened' | null {
    const { episodes, codes } = this.config;
    state.run++;
    if (state.run < (codes[state.code]?.openAfterSamples ?? episodes.openAfterSamples)) return null;
    dateBackTo(atMs, state);
    const since = state.clearedAtMs === null ? Number.POSITIVE_INFINITY : atMs - state.clearedAtMs;
    if (since < episodes.refractoryS * 1000 && rank(severity) <= rank(state.worst)) return null;
    state.openedAtMs = atMs;
    state.run = 0;
    state.worst = severity;
    return 'opened';
  }

  private recede(state: EpisodeState, machineId: string, atMs: number, transitions: EpisodeTransition[]): void {
    dateBackTo(atMs, state);
    if (state.openedAtMs === null) {
      state.run = 0;
      const isForgotten =
        state.clearedAtMs === null || atMs - state.clearedAtMs > this.config.episodes.refractoryS * 1000;
      if (isForgotten) this.states.delete(state.code);
      return;
    }
    const { episodes, codes } = this.config;
    state.run++;
    if (state.run < episodes.clearAfterSamples) return;
    if (atMs - state.lastSeenAtMs < (codes[state.code]?.clearAfterS ?? episodes.clearAfterS) * 1000) return;
    transitions.push(transitionOf('cleared', machineId, state));
    state.openedAtMs = null;
    state.clearedAtMs = atMs;
    state.run = 0;
  }
}

const isOfData = (code: string): boolean => code === 'sensor_dropout' || code === 'clock_skew';

const rank = (severity: Severity): number => severities.indexOf(severity);

const graverOf = (a: Severity, b: Severity | undefined): Severity => (b !== undefined && rank(b) > rank(a) ? b : a);

function dateBackTo(atMs: number, state: EpisodeState): void {
  if (state.lastSeenAtMs > atMs) state.lastSeenAtMs = atMs;
  if (state.clearedAtMs !== null && state.clearedAtMs > atMs) state.clearedAtMs = atMs;
}

function worsen(state: EpisodeState, severity: Severity): 'changed' | null {
  state.run = 0;
  if (rank(severity) <= rank(state.worst)) return null;
  state.worst = severity;
  return 'changed';
}

function transitionOf(kind: EpisodeTransition['kind'], machineId: string, state: EpisodeState): EpisodeTransition {
  const openedAtMs = state.openedAtMs ?? 0;
  const episodeId = `${machineId}/${state.code}/${openedAtMs}`;
  return { kind, episodeId, code: state.code, severity: state.worst, openedAtMs };
}
