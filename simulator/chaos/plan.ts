/**
 * What may go wrong between a machine's sensors and its messages' arrival. The table is the grammar: the parser, the help text and
 * the effects read it. Values are changed first, then the clock, then the delivery; the order here is the order of application.
 */
export const chaosKinds = [
  'vibration-glitch',
  'heatwave',
  'stuck',
  'dropout',
  'clock-skew',
  'late',
  'out-of-order',
  'burst',
  'duplicate',
  'disconnect',
] as const;
export type ChaosKind = (typeof chaosKinds)[number];

const parameterNames = ['p', 'signal', 'factor', 'rise', 'ramp', 'offset', 'delay', 'duration'] as const;
export type ParameterName = (typeof parameterNames)[number];

/** One kind of chaos, when, and how much. Outside its window a kind does nothing; without one the whole run is its window. */
export interface ChaosSpec {
  readonly kind: ChaosKind;
  readonly window: { readonly onsetS: number; readonly durationS: number } | null;
  /** The chance for each sample inside the window. */
  readonly probability: number;
  readonly signal: string | null;
  /** The kind's own amounts, defaults filled in: factor (times), rise (°C), ramp, offset, delay and duration (s). */
  readonly factor: number;
  readonly riseC: number;
  readonly rampS: number | null;
  readonly offsetS: number;
  readonly delayS: number;
  readonly durationS: number;
}

export interface ChaosPlan {
  readonly specs: readonly ChaosSpec[];
}

interface KindRule {
  readonly parameters: readonly ParameterName[];
  /** Where no window and no `p` is given. */
  readonly defaultProbability: number;
  /** A window with an end is the kind's whole meaning. */
  readonly needsWindow: boolean;
  readonly about: string;
}

/** Amounts where the spec gives none (assumptions); +15 °C is the heatwave the project's owner asks for. */
export const defaultAmounts = { factor: 6, riseC: 15, offsetS: 90, delayS: 30, durationS: 10 } as const;

export const chaosRules: Readonly<Record<ChaosKind, KindRule>> = {
  'vibration-glitch': {
    parameters: ['p', 'factor', 'signal'],
    defaultProbability: 0.01,
    needsWindow: false,
    about: 'single spikes on the vibration signal (vibration_x of a pump), up to factor times its value',
  },
  heatwave: {
    parameters: ['rise', 'ramp', 'signal'],
    defaultProbability: 1,
    needsWindow: false,
    about: 'every temperature rises by 15 °C, in and out over a tenth of the window',
  },
  stuck: {
    parameters: ['signal'],
    defaultProbability: 1,
    needsWindow: false,
    about: 'a sensor keeps its last value (the vibration signal, or the one named)',
  },
  dropout: {
    parameters: ['p', 'signal'],
    defaultProbability: 0.01,
    needsWindow: false,
    about: 'values become null (all of a sample, or of the one signal named)',
  },
  'clock-skew': {
    parameters: ['offset'],
    defaultProbability: 1,
    needsWindow: false,
    about: "the machine's clock is wrong by 90 s, or by the offset",
  },
  late: { parameters: ['p', 'delay'], defaultProbability: 0.02, needsWindow: false, about: 'samples arrive 30 s late' },
  'out-of-order': {
    parameters: ['p'],
    defaultProbability: 0.02,
    needsWindow: false,
    about: 'a sample arrives after the one behind it',
  },
  burst: {
    parameters: [],
    defaultProbability: 1,
    needsWindow: true,
    about: "samples are held back and all arrive at the window's end",
  },
  duplicate: {
    parameters: ['p', 'delay'],
    defaultProbability: 0.05,
    needsWindow: false,
    about: 'samples arrive twice, the second within the delay',
  },
  disconnect: {
    parameters: ['p', 'duration'],
    defaultProbability: 0.001,
    needsWindow: false,
    about: 'the connection is cut: once for the window, or by chance for the duration',
  },
};
