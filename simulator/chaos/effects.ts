/** One effect for each kind: it looks at a sample on its way out and changes its values, its clock or its delivery. */
import type { MachineType } from '../../core/machine-types/definition.ts';
import type { Random } from '../../core/random/random.ts';
import type { SimulatedSample } from '../machine.ts';
import {
  allFields,
  type Field,
  namedField,
  readField,
  temperatureFields,
  vibrationField,
  withField,
} from './fields.ts';
import type { ChaosKind, ChaosSpec } from './plan.ts';

/** Which chaos a sample met; signals where values were changed. */
export interface AppliedChaos {
  readonly kind: ChaosKind;
  readonly signals?: readonly string[];
}

/** A sample between machine and sink. */
export interface Draft {
  payload: SimulatedSample['payload'];
  publishAtMs: number;
  readonly sampledAtMs: number;
  readonly elapsedS: number;
  readonly applied: AppliedChaos[];
  /** When its copies arrive. */
  readonly copiesAtMs: number[];
  /** For how long the connection is to be cut just before it. */
  readonly disconnectsMs: number[];
}

export interface EffectOptions {
  readonly spec: ChaosSpec;
  readonly type: MachineType;
  readonly random: Random;
  readonly intervalMs: number;
}

export type Effect = (draft: Draft) => void;

export const createEffect = (options: EffectOptions): Effect => effectFactories[options.spec.kind](options);

const effectFactories: Readonly<Record<ChaosKind, (options: EffectOptions) => Effect>> = {
  'vibration-glitch': createGlitch,
  heatwave: createHeatwave,
  stuck: createStuck,
  dropout: createDropout,
  'clock-skew': createClockSkew,
  late: createLate,
  'out-of-order': createOutOfOrder,
  burst: createBurst,
  duplicate: createDuplicate,
  disconnect: createDisconnect,
};

function isInside({ window }: ChaosSpec, elapsedS: number): boolean {
  return window === null || (elapsedS >= window.onsetS && elapsedS < window.onsetS + window.durationS);
}

/** Draws for every sample, in the window or not, so that moving a window moves no later draw. */
function strikes({ spec, random }: EffectOptions, draft: Draft): boolean {
  return random.next() < spec.probability && isInside(spec, draft.elapsedS);
}

/** Changes the numbers among the fields; nulls and absent values stay as they are. */
function changeNumbers(draft: Draft, kind: ChaosKind, fields: readonly Field[], change: (value: number) => number) {
  const signals: string[] = [];
  for (const field of fields) {
    const value = readField(draft.payload, field);
    if (typeof value !== 'number') continue;
    const changed = Math.min(field.highest, Math.max(field.lowest, change(value)));
    draft.payload = withField(draft.payload, field, Math.round(changed * 1e4) / 1e4);
    signals.push(field.name);
  }
  if (signals.length > 0) draft.applied.push({ kind, signals });
}

const chosenField = ({ spec, type }: EffectOptions): Field =>
  spec.signal === null ? vibrationField(type) : namedField(type, spec.signal);

function createGlitch(options: EffectOptions): Effect {
  const fields = [chosenField(options)];
  const { factor } = options.spec;
  return (draft) => {
    const share = options.random.uniform(0.5, 1);
    if (!strikes(options, draft)) return;
    changeNumbers(draft, 'vibration-glitch', fields, (value) => value + (factor - 1) * share * Math.max(1, value));
  };
}

function createHeatwave(options: EffectOptions): Effect {
  const { spec, type } = options;
  const fields = spec.signal === null ? temperatureFields(type) : [namedField(type, spec.signal)];
  return (draft) => {
    const share = heatwaveShare(spec, draft.elapsedS);
    if (share > 0) changeNumbers(draft, 'heatwave', fields, (value) => value + share * spec.riseC);
  };
}

const rampShareOfWindow = 0.1;

/** A trapezium over the window: up, hold, down. Without an end it stays up. */
function heatwaveShare(spec: ChaosSpec, elapsedS: number): number {
  if (!isInside(spec, elapsedS)) return 0;
  if (spec.window === null) return spec.rampS === null ? 1 : Math.min(1, elapsedS / spec.rampS);
  const { onsetS, durationS } = spec.window;
  const rampS = spec.rampS ?? (Number.isFinite(durationS) ? rampShareOfWindow * durationS : 0);
  if (rampS === 0) return 1;
  return Math.min(1, (elapsedS - onsetS) / rampS, (onsetS + durationS - elapsedS) / rampS);
}

/** The value kept is the last one from before the window, or its first. */
function createStuck(options: EffectOptions): Effect {
  const field = chosenField(options);
  let last: unknown;
  return (draft) => {
    const value = readField(draft.payload, field);
    if (value === undefined) return;
    if (last === undefined || !isInside(options.spec, draft.elapsedS)) {
      last = value;
      return;
    }
    draft.payload = withField(draft.payload, field, last);
    draft.applied.push({ kind: 'stuck', signals: [field.name] });
  };
}

function createDropout(options: EffectOptions): Effect {
  const { spec, type } = options;
  const fields = spec.signal === null ? allFields(type) : [namedField(type, spec.signal)];
  return (draft) => {
    if (!strikes(options, draft)) return;
    const present = fields.filter((field) => readField(draft.payload, field) !== undefined);
    for (const field of present) draft.payload = withField(draft.payload, field, null);
    if (present.length > 0) draft.applied.push({ kind: 'dropout', signals: present.map(({ name }) => name) });
  };
}

function createClockSkew({ spec }: EffectOptions): Effect {
  return (draft) => {
    if (!isInside(spec, draft.elapsedS)) return;
    const timestamp = new Date(draft.sampledAtMs + Math.round(spec.offsetS * 1000)).toISOString();
    draft.payload = { ...draft.payload, timestamp };
    draft.applied.push({ kind: 'clock-skew' });
  };
}

function createLate(options: EffectOptions): Effect {
  return (draft) => {
    if (!strikes(options, draft)) return;
    draft.publishAtMs += Math.round(options.spec.delayS * 1000);
    draft.applied.push({ kind: 'late' });
  };
}

/** Just behind the next sample; never two in a row, or both would be in order again. */
function createOutOfOrder(options: EffectOptions): Effect {
  let previousHeld = false;
  return (draft) => {
    const held = strikes(options, draft) && !previousHeld;
    previousHeld = held;
    if (!held) return;
    draft.publishAtMs += Math.ceil(1.25 * options.intervalMs);
    draft.applied.push({ kind: 'out-of-order' });
  };
}

function createBurst({ spec }: EffectOptions): Effect {
  return (draft) => {
    if (spec.window === null || !isInside(spec, draft.elapsedS)) return;
    const leftS = spec.window.onsetS + spec.window.durationS - draft.elapsedS;
    draft.publishAtMs = Math.max(draft.publishAtMs, draft.sampledAtMs + Math.round(leftS * 1000));
    draft.applied.push({ kind: 'burst' });
  };
}

function createDuplicate(options: EffectOptions): Effect {
  return (draft) => {
    const waitMs = Math.round(options.random.next() * options.spec.delayS * 1000);
    if (!strikes(options, draft)) return;
    draft.copiesAtMs.push(draft.publishAtMs + waitMs);
    draft.applied.push({ kind: 'duplicate' });
  };
}

/** A window is one cut as long as itself; without one each sample may bring a cut. */
function createDisconnect(options: EffectOptions): Effect {
  const { spec } = options;
  let done = false;
  return (draft) => {
    if (!strikes(options, draft) || done) return;
    done = spec.window !== null;
    draft.disconnectsMs.push(Math.round((spec.window?.durationS ?? spec.durationS) * 1000));
    draft.applied.push({ kind: 'disconnect' });
  };
}
