import { type Advise, createAdvisor, type Situation } from '../advice/advise.ts';
import { createDiagnosis, type Diagnosis } from '../diagnosis/causes.ts';
import type { MachineType } from '../machine-types/definition.ts';
import type { Sample } from '../telemetry/sample.ts';
import { admit, createAdmission } from './admission.ts';
import { Episodes, type Standing } from './episodes.ts';
import { Examination } from './examination.ts';
import {
  describeCode,
  dropoutFinding,
  findingOf,
  type RaisedCode,
  raiseCodes,
  severityOf,
  skewFinding,
} from './findings.ts';
import { HealthMeter } from './health.ts';
import type { Advice, EpisodeTransition, Finding, Observation, ProbableCause } from './observation.ts';
import { createFrame, type Frame, type Plan, planFor } from './plan.ts';
import { createQualityJudge, type QualityVerdict } from './quality.ts';
import type { RunningCheck } from './running-check.ts';
import { openState, type TwinState, twinStateVersion } from './state.ts';

/**
 * One machine's twin: quality first, then expectation, checks, fusion, diagnosis, advice. It reads no clock; the moment
 * of receipt comes with the sample, where the caller knows it. What it remembers is `save()`, plain versioned JSON.
 */
export interface Twin {
  observe(sample: Sample, receivedAtMs?: number): Observation;
  /** After a tool change or a repair: the component's models and checks start anew; null means the whole machine. */
  renew(component: string | null, part?: string | null): readonly EpisodeTransition[];
  /** No further sample will come: whatever is open is over, what is about data too. */
  end(): readonly EpisodeTransition[];
  save(): TwinState;
}

export function createTwin(type: MachineType, saved?: TwinState): Twin {
  return new MachineTwin(planFor(type), openState(saved, planFor(type)));
}

const noFindings: readonly Finding[] = Object.freeze([]);
const noCauses: readonly ProbableCause[] = Object.freeze([]);
const noTransitions: readonly EpisodeTransition[] = Object.freeze([]);
const noCodes: readonly string[] = Object.freeze([]);

const quiet: Situation = Object.freeze({ codes: noCodes, severity: 'normal', causes: noCauses, isUncertain: false });
const quietButUncertain: Situation = Object.freeze({ ...quiet, isUncertain: true });

/** What all twins of a type share. */
interface Expertise {
  readonly diagnosis: Diagnosis;
  readonly advise: Advise;
}
const expertises = new WeakMap<Plan, Expertise>();

function expertiseOf(plan: Plan): Expertise {
  let expertise = expertises.get(plan);
  if (expertise === undefined) {
    expertise = { diagnosis: createDiagnosis(plan), advise: createAdvisor(plan.type) };
    expertises.set(plan, expertise);
  }
  return expertise;
}

class MachineTwin implements Twin {
  private readonly plan: Plan;
  private readonly frame: Frame;
  private readonly admission;
  private readonly judge;
  private readonly examination: Examination;
  private readonly diagnosis: Diagnosis;
  private readonly advise: Advise;
  private readonly episodes: Episodes;
  private readonly health: HealthMeter;
  /** Where the last sample left the machine, for those that say nothing themselves. */
  private standing: Situation;
  /** Of the sample in hand. */
  private raised: readonly RaisedCode[] = [];
  private readonly quietAdvice: Advice;
  private readonly componentNames: readonly string[];
  private machineId: string;

  constructor(plan: Plan, saved: Partial<TwinState>) {
    const config = plan.type.detection;
    this.plan = plan;
    this.frame = createFrame(plan);
    this.machineId = saved.machineId ?? '';
    this.admission = copyOf(saved.admission ?? createAdmission());
    this.judge = createQualityJudge(plan, saved.quality);
    this.examination = new Examination(plan, this.frame, saved);
    const { diagnosis, advise } = expertiseOf(plan);
    this.diagnosis = diagnosis;
    this.advise = advise;
    this.episodes = new Episodes(config, (mode, seen) => this.isExplained(seen, mode), saved.episodes);
    const components = plan.type.components.map((c) => c.name);
    this.health = new HealthMeter(config.health.windowSamples, components, saved.health);
    this.standing = saved.standing ?? quiet;
    this.quietAdvice = this.advise(quiet);
    this.componentNames = components;
  }

  observe(sample: Sample, receivedAtMs?: number): Observation {
    const { frame } = this;
    const lastAtMs = this.admission.lastAtMs;
    this.machineId = sample.machineId;
    const disposition = admit(sample, this.admission, this.plan.type.detection.quality);
    if (disposition !== 'used') return this.echo(sample, disposition);
    frame.phase = sample.phase;
    frame.context = sample.context;
    frame.atMs = sample.sampledAtMs;
    frame.elapsedS = lastAtMs === 0 ? 0 : Math.max(0, (sample.sampledAtMs - lastAtMs) / 1000);
    const verdict = this.judge.judge(sample, receivedAtMs, frame);
    const isAlone = verdict.untrusted.length > 0 && this.plan.type.detection.quality.dropoutStandsAlone;
    const alarming = isAlone ? this.examination.expectOnly() : this.examination.run(this.episodes.anyOpen);
    return this.conclude(sample, verdict, alarming);
  }

  renew(component: string | null, part: string | null = null): readonly EpisodeTransition[] {
    const codes = this.examination.renew(component, part);
    return this.episodes.clearAll(this.machineId, (code) => codes.has(code));
  }

  end(): readonly EpisodeTransition[] {
    return this.episodes.clearAll(this.machineId, () => true);
  }

  save(): TwinState {
    return {
      schema: 'twin',
      version: twinStateVersion,
      machineId: this.machineId,
      machineType: this.plan.type.name,
      fingerprint: this.plan.fingerprint,
      admission: copyOf(this.admission),
      quality: this.judge.save(),
      ...this.examination.save(),
      episodes: this.episodes.save(),
      health: this.health.save(),
      standing: this.standing,
    };
  }

  private conclude(sample: Sample, verdict: QualityVerdict, alarming: readonly RunningCheck[]): Observation {
    const isQuiet = alarming.length === 0 && verdict.untrusted.length === 0 && verdict.skewMs === 0;
    if (isQuiet) {
      this.standing = verdict.isUncertain ? quietButUncertain : quiet;
      const health = this.health.update(0, null);
      const transitions = this.episodes.update(sample, noStanding, false);
      return this.report(sample, verdict, { findings: noFindings, causes: noCauses, health, transitions });
    }
    return this.judgeTrouble(sample, verdict, alarming);
  }

  private judgeTrouble(sample: Sample, verdict: QualityVerdict, alarming: readonly RunningCheck[]): Observation {
    const { plan, frame } = this;
    const config = plan.type.detection;
    const raised = raiseCodes(alarming, plan);
    const findings = raised.map((r) => findingOf(r, { plan, frame, verdict }));
    let total = 0;
    const byComponent = new Array<number>(this.componentNames.length).fill(0);
    const take = (component: string | null, penalty: number): void => {
      total += penalty;
      const at = component === null ? -1 : this.componentNames.indexOf(component);
      if (at >= 0) byComponent[at]! += penalty;
    };
    for (const { component, penalty } of raised) take(component, penalty);
    for (const finding of this.findDataTrouble(sample, verdict)) {
      findings.push(finding);
      take(finding.component, describeCode(config, finding.code).penalty);
    }
    const codes = findings.map((f) => f.code);
    const causes = this.diagnosis.rank(frame, codes);
    const severity = severityOf(total, config.severity);
    this.standing = { codes, severity, causes, isUncertain: verdict.isUncertain };
    const health = this.health.update(total, byComponent);
    const cause = causes[0]?.failureMode ?? null;
    this.raised = raised;
    const standing = findings.map(({ code, severity: own }) => ({ code, severity: own, cause }));
    const transitions = this.episodes.update(sample, standing, verdict.untrusted.length > 0);
    return this.report(sample, verdict, { findings, causes, health, transitions });
  }

  private findDataTrouble(sample: Sample, verdict: QualityVerdict): readonly Finding[] {
    if (verdict.untrusted.length === 0 && verdict.skewMs === 0) return noFindings;
    const findings: Finding[] = [];
    if (verdict.untrusted.length > 0) findings.push(dropoutFinding(this.plan, sample.values, verdict));
    if (verdict.skewMs > 0) findings.push(skewFinding(this.plan, verdict.skewMs));
    return findings;
  }

  /** By its quantities; or because, all evidence taken together, the mode is still the first cause. */
  private isExplained({ code, cause }: Standing, mode: string): boolean {
    const raised = this.raised.find((one) => one.code === code);
    if (raised === undefined) return false;
    const speaksFor = raised.config.suggests;
    if (speaksFor !== undefined) return speaksFor === mode;
    return cause === mode || raised.checks.some((check) => this.diagnosis.explains(mode, check.of));
  }

  private report(
    sample: Sample,
    verdict: QualityVerdict,
    found: Pick<Observation, 'findings' | 'causes' | 'health' | 'transitions'>,
  ): Observation {
    return {
      machineId: sample.machineId,
      machineType: sample.machineType,
      sampledAtMs: sample.sampledAtMs,
      sequence: sample.sequence,
      phase: sample.phase,
      values: sample.values,
      expected: copyOfFirst(this.frame.expected, sample.values.length),
      quality: verdict.qualities,
      agesMs: verdict.agesMs,
      findings: found.findings,
      causes: found.causes,
      severity: this.standing.severity,
      health: found.health,
      advice: this.standing === quiet ? this.quietAdvice : this.advise(this.standing),
      transitions: found.transitions,
      warmingUp: this.examination.warmingUp,
      disposition: 'used',
    };
  }

  /** Told, and nothing concluded: the machine stands as it stood. */
  private echo(sample: Sample, disposition: Observation['disposition']): Observation {
    return {
      machineId: sample.machineId,
      machineType: sample.machineType,
      sampledAtMs: sample.sampledAtMs,
      sequence: sample.sequence,
      phase: sample.phase,
      values: sample.values,
      expected: sample.values.map(() => Number.NaN),
      quality: sample.values.map((value) => (Number.isNaN(value) ? 'missing' : 'uncertain')),
      agesMs: sample.values.map(() => null),
      findings: noFindings,
      causes: noCauses,
      severity: this.standing.severity,
      health: this.health.current,
      advice: this.advise(this.standing),
      transitions: noTransitions,
      warmingUp: this.examination.warmingUp,
      disposition,
    };
  }
}

const noStanding: readonly Standing[] = Object.freeze([]);

function copyOfFirst(source: Float64Array, length: number): number[] {
  const copy = new Array<number>(length);
  for (let i = 0; i < length; i++) copy[i] = source[i]!;
  return copy;
}

const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
