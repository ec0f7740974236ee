import { createChecks } from './checks.ts';
import { Derivation } from './derivation.ts';
import { evaluateTerms } from './formula.ts';
import { LearnedModel, type LearnedModelState } from './learned-model.ts';
import { type Frame, judgeConditions, type Plan } from './plan.ts';
import type { CheckState, RunningCheck } from './running-check.ts';

const noCodes: readonly string[] = Object.freeze([]);
const noChecks: readonly RunningCheck[] = Object.freeze([]);

export interface ExaminationState {
  readonly settled: readonly number[];
  readonly lags: readonly (number | null)[];
  readonly models: readonly LearnedModelState[];
  readonly checks: readonly CheckState[];
}

/** From trusted values to alarming checks: derived quantities, conditions, expectations, checks, in this order. */
export class Examination {
  /** Codes of checks that can't speak yet. */
  warmingUp: readonly string[] = noCodes;
  private warmingCount = 0;
  private readonly plan: Plan;
  private readonly frame: Frame;
  private readonly settled: Uint32Array;
  private readonly derivation: Derivation;
  private readonly models: readonly LearnedModel[];
  private readonly checks: readonly RunningCheck[];

  constructor(plan: Plan, frame: Frame, saved: Partial<ExaminationState>) {
    this.plan = plan;
    this.frame = frame;
    // A type may have another number of conditions than when this was saved: those settle within some samples.
    this.settled = Uint32Array.from(plan.conditions, (_, i) => saved.settled?.[i] ?? 0);
    this.derivation = new Derivation(plan, saved.lags);
    this.models = plan.learned.map((model, i) => new LearnedModel(model, saved.models?.[i]));
    this.checks = createChecks(plan, saved.checks);
    this.listWarming();
  }

  /** What may still be said of a sample that can't be trusted: nothing but what was expected. */
  expectOnly(): readonly RunningCheck[] {
    this.derivation.derive(this.frame);
    judgeConditions(this.plan, this.frame, this.settled);
    this.frame.expected.fill(Number.NaN);
    this.expectKnown();
    this.frame.deviations.fill(0);
    this.frame.unrest.fill(0);
    return noChecks;
  }

  /** The checks that alarm; while an episode is open (`isFrozen`) nothing is learned. */
  run(isFrozen: boolean): readonly RunningCheck[] {
    const { frame } = this;
    frame.isFrozen = isFrozen;
    this.derivation.derive(frame);
    judgeConditions(this.plan, frame, this.settled);
    frame.expected.fill(Number.NaN);
    frame.residuals.fill(Number.NaN);
    frame.standardised.fill(Number.NaN);
    this.expectKnown();
    for (const model of this.models) {
      model.predict(frame);
      if (!isFrozen) model.learn(frame);
    }
    return this.runChecks();
  }

  private expectKnown(): void {
    const { frame } = this;
    for (const { of, terms, when } of this.plan.known) {
      if (frame.holds[when] === 0) continue;
      const expected = evaluateTerms(terms, frame.values);
      frame.expected[of] = expected;
      frame.residuals[of] = frame.values[of]! - expected;
    }
  }

  private runChecks(): readonly RunningCheck[] {
    const { frame, checks } = this;
    let alarming: RunningCheck[] | null = null;
    let warming = 0;
    frame.deviations.fill(0);
    frame.unrest.fill(0);
    for (let i = 0; i < checks.length; i++) {
      const check = checks[i]!;
      if (frame.holds[check.when] === 1) check.run(frame);
      else check.pause();
      if (check.isWarmingUp) warming++;
      if (check.alarm) {
        alarming ??= [];
        alarming.push(check);
      }
      note(check, check.detectorName === 'spread' ? frame.unrest : frame.deviations);
    }
    if (warming !== this.warmingCount) this.listWarming();
    return alarming ?? noChecks;
  }

  private listWarming(): void {
    const warming = this.checks.filter((check) => check.isWarmingUp);
    this.warmingCount = warming.length;
    this.warmingUp = [...new Set(warming.map((check) => check.code))];
  }

  /** Starts a component's models and checks anew (all for null); the codes they may raise, but for those that another part goes on with. */
  renew(component: string | null, part: string | null): ReadonlySet<string> {
    const touches = (q: number): boolean => component === null || this.plan.quantities[q]!.component === component;
    this.models.forEach((model, i) => {
      if (this.plan.learned[i]!.targets.some(touches)) model.reset();
    });
    const touched = this.checks.filter((check) => check.of.some(touches));
    for (const check of touched) check.reset(part);
    this.listWarming();
    const quiet = part === null ? touched : touched.filter((check) => !check.alarm);
    return new Set(quiet.map((check) => check.code));
  }

  save(): ExaminationState {
    return {
      settled: [...this.settled],
      lags: this.derivation.save(),
      models: this.models.map((model) => model.save()),
      checks: this.checks.map((check) => check.save()),
    };
  }
}

/** Keeps the loudest word on each quantity. Where a check looks at several, the one that adds most stands for all its score. */
function note({ of, score, shares }: RunningCheck, into: Float64Array): void {
  const most = shares && of.length > 1 ? Math.max(...shares) : 0;
  for (let i = 0; i < of.length; i++) {
    const own = most > 0 ? (score * shares![i]!) / most : score;
    if (Math.abs(own) > Math.abs(into[of[i]!]!)) into[of[i]!] = own;
  }
}
