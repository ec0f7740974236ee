import type { MachineType } from '../machine-types/definition.ts';
import type { Condition, LearnedExpectation } from './config.ts';
import { completeDetection } from './defaults.ts';
import { type CompiledTerm, compileTerms } from './formula.ts';

/** A machine type's detection section with every name resolved to a position: made once per type, shared by its twins. */
export interface Plan {
  readonly type: MachineType;
  /** Signals first, in the type's order, then derived quantities. */
  readonly quantities: readonly Quantity[];
  readonly indexOf: ReadonlyMap<string, number>;
  readonly derived: readonly CompiledDerived[];
  readonly known: readonly { readonly of: number; readonly terms: readonly CompiledTerm[]; readonly when: number }[];
  readonly learned: readonly CompiledModel[];
  readonly conditions: readonly CompiledCondition[];
  /** Changes when anything changes that a saved state depends on. */
  readonly fingerprint: string;
  findCondition(condition: Condition | undefined): number;
}

export interface Quantity {
  readonly name: string;
  readonly unit: string;
  readonly component: string | null;
}

export interface CompiledDerived {
  readonly index: number;
  readonly terms: readonly CompiledTerm[];
  readonly lagS: number;
  readonly when: number;
}

export interface CompiledModel {
  readonly name: string;
  readonly targets: readonly number[];
  readonly terms: readonly CompiledTerm[];
  readonly fromEachOther: boolean;
  /** Per target the columns it must not be expected from: itself and what is derived from it. */
  readonly ownColumns: readonly ReadonlySet<number>[];
  readonly when: number;
  readonly samples: number;
  readonly everyMs: number;
}

export interface CompiledCondition {
  readonly phases: ReadonlySet<string> | null;
  readonly bounds: readonly { readonly index: number; readonly min: number; readonly max: number }[];
  readonly settleSamples: number;
}

const plans = new WeakMap<MachineType, Plan>();

/** The condition that always holds stands first. */
export const always = 0;

export function planFor(type: MachineType): Plan {
  let plan = plans.get(type);
  if (plan === undefined) {
    plan = compile({ ...type, detection: completeDetection(type) });
    plans.set(type, plan);
  }
  return plan;
}

function compile(type: MachineType): Plan {
  const config = type.detection;
  const quantities = listQuantities(type);
  const indexOf = new Map(quantities.map((q, i) => [q.name, i]));
  const conditions: CompiledCondition[] = [{ phases: null, bounds: [], settleSamples: 0 }];
  const known = new Map<string, number>();
  const findCondition = (condition: Condition | undefined): number => {
    if (condition === undefined) return always;
    const key = JSON.stringify(condition);
    const found = known.get(key);
    if (found !== undefined) return found;
    conditions.push(compileCondition(condition, indexOf));
    known.set(key, conditions.length - 1);
    return conditions.length - 1;
  };
  for (const check of config.checks) findCondition(check.when);
  findCondition(config.quality.noisyWhen);
  return {
    type,
    quantities,
    indexOf,
    conditions,
    findCondition,
    fingerprint: fingerprintOf(type),
    derived: config.derived.map((d) => ({
      index: indexOf.get(d.name)!,
      terms: compileTerms(d.terms, indexOf),
      lagS: d.lagS ?? 0,
      when: findCondition(d.when),
    })),
    known: config.expectations.flatMap((e) =>
      e.kind === 'known'
        ? [{ of: indexOf.get(e.of)!, terms: compileTerms(e.terms, indexOf), when: findCondition(e.when) }]
        : [],
    ),
    learned: config.expectations.flatMap((e) =>
      e.kind === 'learned' ? [compileModel(e, type, indexOf, findCondition(e.when))] : [],
    ),
  };
}

function compileModel(
  model: LearnedExpectation,
  type: MachineType,
  indexOf: ReadonlyMap<string, number>,
  when: number,
): CompiledModel {
  const sources = findSources(type);
  const columns = [...model.terms.map((term) => Object.keys(term.of)), ...model.of.map((name) => [name])];
  const isOwn = (target: string, column: readonly string[]): boolean =>
    column.some((name) => name === target || sources.get(name)?.has(target) === true);
  return {
    name: model.name,
    targets: model.of.map((name) => indexOf.get(name)!),
    terms: compileTerms(model.terms, indexOf),
    fromEachOther: model.fromEachOther,
    ownColumns: model.of.map((target) => new Set(columns.flatMap((column, i) => (isOwn(target, column) ? [i] : [])))),
    when,
    samples: model.samples,
    everyMs: model.everyS * 1000,
  };
}

/** For each derived quantity all that it is computed from, near and far. */
function findSources(type: MachineType): ReadonlyMap<string, ReadonlySet<string>> {
  const sources = new Map<string, Set<string>>();
  for (const { name, terms } of type.detection.derived) {
    const direct = terms.flatMap((term) => Object.keys(term.of));
    sources.set(name, new Set(direct.flatMap((source) => [source, ...(sources.get(source) ?? [])])));
  }
  return sources;
}

function listQuantities(type: MachineType): Quantity[] {
  const signals = type.signals.map((s) => ({ name: s.name, unit: s.unit, component: s.component ?? null }));
  const derived = type.detection.derived.map((d) => ({
    name: d.name,
    unit: d.unit,
    component: d.component ?? null,
  }));
  return [...signals, ...derived];
}

function compileCondition(condition: Condition, indexOf: ReadonlyMap<string, number>): CompiledCondition {
  return {
    phases: condition.phases === undefined ? null : new Set(condition.phases),
    bounds: Object.entries(condition.quantities).map(([name, limits]) => ({
      index: indexOf.get(name)!,
      min: limits.min ?? Number.NEGATIVE_INFINITY,
      max: limits.max ?? Number.POSITIVE_INFINITY,
    })),
    settleSamples: condition.settleSamples,
  };
}

/** FNV-1a over what positions and learned numbers depend on. */
function fingerprintOf(type: MachineType): string {
  const { derived, expectations, checks } = type.detection;
  const text = JSON.stringify([type.name, type.signals.map((s) => s.name), derived, expectations, checks]);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

/** Writes 1 where a condition holds and has settled; a bound on a missing value does not hold. */
export function judgeConditions(plan: Plan, frame: Frame, settled: Uint32Array): void {
  for (let i = 0; i < plan.conditions.length; i++) {
    const condition = plan.conditions[i]!;
    const holds = holdsNow(condition, frame);
    settled[i] = holds ? Math.min(settled[i]! + 1, condition.settleSamples + 1) : 0;
    frame.holds[i] = holds && settled[i]! > condition.settleSamples ? 1 : 0;
  }
}

function holdsNow(condition: CompiledCondition, frame: Frame): boolean {
  if (condition.phases !== null && (frame.phase === null || !condition.phases.has(frame.phase))) return false;
  for (let i = 0; i < condition.bounds.length; i++) {
    const bound = condition.bounds[i]!;
    const value = frame.values[bound.index]!;
    if (!(value >= bound.min && value <= bound.max)) return false;
  }
  return true;
}

/** What is known of the sample in hand; one per twin, overwritten by each sample. */
export interface Frame {
  /** Trusted values only: NaN where a value is missing or must not be believed. */
  readonly values: Float64Array;
  readonly expected: Float64Array;
  /** Measured − expected; NaN where either is missing. */
  readonly residuals: Float64Array;
  /** The residual in units of its healthy deviation; NaN unless a learned model is ready. */
  readonly standardised: Float64Array;
  /** The healthy deviation of the residual, in the quantity's unit. */
  readonly noise: Float64Array;
  /** Signed, in units of the strongest check's threshold: what diagnosis looks at. */
  readonly deviations: Float64Array;
  /** As deviations, for noise that grew; never negative. */
  readonly unrest: Float64Array;
  readonly holds: Uint8Array;
  phase: string | null;
  context: Readonly<Record<string, string | number>>;
  atMs: number;
  elapsedS: number;
  /** An episode is open: nothing that is learned once and kept may learn now. */
  isFrozen: boolean;
}

export function createFrame(plan: Plan): Frame {
  const n = plan.quantities.length;
  const empty = (): Float64Array => new Float64Array(n).fill(Number.NaN);
  return {
    values: empty(),
    expected: empty(),
    residuals: empty(),
    standardised: empty(),
    noise: empty(),
    deviations: new Float64Array(n),
    unrest: new Float64Array(n),
    holds: Uint8Array.from(plan.conditions, (_, i) => (i === always ? 1 : 0)),
    phase: null,
    context: {},
    atMs: 0,
    elapsedS: 0,
    isFrozen: false,
  };
}
