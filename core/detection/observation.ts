/** What the twin concludes from one sample: the words every later part (events, store, page) is written in. */
export const severities = ['normal', 'watch', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

export const decisions = ['proceed', 'watch', 'human_review', 'schedule_intervention', 'do_not_proceed'] as const;
export type Decision = (typeof decisions)[number];

/** How far a value may be trusted once its history is known. */
export const valueQualities = ['good', 'uncertain', 'missing', 'stuck', 'out_of_range', 'stale', 'bad'] as const;
export type ValueQuality = (typeof valueQualities)[number];

/** One signal's part in a finding. Numbers are in the signal's unit; null where there is none. */
export interface Evidence {
  readonly signal: string;
  readonly unit: string;
  readonly observed: number | null;
  readonly expected: number | null;
  readonly residual: number | null;
  readonly limit: { readonly min?: number; readonly max?: number } | null;
  readonly quality: ValueQuality;
  readonly ageMs: number;
  /** The detector's own measure, 1 being its threshold, where it has one. */
  readonly score?: number;
  /** This signal's part of that score, 0 to 1, where the detector looks at several together. */
  readonly share?: number;
  /** Which of several like parts the value is of: the tool in the magazine. */
  readonly part?: string;
  /** Which detector says so, where several speak for one finding. */
  readonly detector?: { readonly name: string; readonly version: number };
}

export interface Finding {
  readonly code: string;
  readonly component: string | null;
  readonly severity: Severity;
  readonly detector: { readonly name: string; readonly version: number };
  readonly evidence: readonly Evidence[];
}

export interface ProbableCause {
  readonly failureMode: string;
  readonly component: string;
  /** 0 to 1; the causes of one observation add up to at most 1. */
  readonly weight: number;
}

export interface Advice {
  readonly decision: Decision;
  readonly action: string;
  readonly requiredCheck: string;
  readonly rationale: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly wouldChange: readonly string[];
}

/** An episode's life: one fault opens once, changes when it worsens, clears once. This is what alerts are made of. */
export interface EpisodeTransition {
  readonly kind: 'opened' | 'changed' | 'cleared';
  /** Stable over a replay: machine, code and the moment it opened. */
  readonly episodeId: string;
  readonly code: string;
  readonly severity: Severity;
  readonly openedAtMs: number;
}

export interface Observation {
  readonly machineId: string;
  readonly machineType: string;
  readonly sampledAtMs: number;
  readonly sequence: number | null;
  readonly phase: string | null;
  /** Per signal, in the machine type's order. */
  readonly values: readonly number[];
  readonly expected: readonly number[];
  readonly quality: readonly ValueQuality[];
  /** How old each value is, at receipt where that is known: of one that can't be believed, the last that could; null where there was none. */
  readonly agesMs: readonly (number | null)[];
  readonly findings: readonly Finding[];
  readonly causes: readonly ProbableCause[];
  readonly severity: Severity;
  /** 0 to 100, of the machine and of each component. */
  readonly health: { readonly machine: number; readonly components: Readonly<Record<string, number>> };
  readonly advice: Advice;
  readonly transitions: readonly EpisodeTransition[];
  /** Codes whose checks still learn this machine and so cannot speak yet; the others already do. */
  readonly warmingUp?: readonly string[];
  /** Late, duplicate and out-of-order samples are told, and nothing is concluded from them. */
  readonly disposition: 'used' | 'duplicate' | 'out_of_order' | 'late';
}
