import { dropoutCode } from '../advice/advise.ts';
import { spell } from '../api/titles.ts';
import type { CodeConfig, DetectionConfig } from './config.ts';
import type { Evidence, Finding, Severity } from './observation.ts';
import type { Frame, Plan } from './plan.ts';
import type { QualityVerdict } from './quality.ts';
import type { RunningCheck } from './running-check.ts';

/** One code as it stands on one sample: the checks that raised it and what it takes off the health. */
export interface RaisedCode {
  readonly code: string;
  readonly config: CodeConfig;
  component: string | null;
  penalty: number;
  readonly checks: RunningCheck[];
}

/** Codes every type knows; a type's own entry of the same name wins. Penalties are assumptions, of the scenario's order. */
const commonCodes: Readonly<Record<string, CodeConfig>> = {
  [dropoutCode]: codeOf('Values that cannot be trusted', 38),
  clock_skew: codeOf('The sender’s clock is ahead', 5),
  outside_limits: codeOf('Outside the normal limits', 20),
  unexpected_value: codeOf('Away from what this machine showed when healthy', 15),
};

function codeOf(title: string, penalty: number): CodeConfig {
  return { title, penalty, worstAtScore: 5, invalidProcess: false };
}

export const describeCode = (config: DetectionConfig, code: string): CodeConfig =>
  config.codes[code] ?? commonCodes[code] ?? codeOf(spell(code), 15);

export function severityOf(penalty: number, { warningFrom, criticalFrom }: DetectionConfig['severity']): Severity {
  if (penalty <= 0) return 'normal';
  if (penalty >= criticalFrom) return 'critical';
  return penalty >= warningFrom ? 'warning' : 'watch';
}

/** Joins the alarming checks of each code, in the order they come. */
export function raiseCodes(alarming: readonly RunningCheck[], plan: Plan): RaisedCode[] {
  const raised: RaisedCode[] = [];
  for (const check of alarming) {
    const known = raised.find((r) => r.code === check.code);
    if (known !== undefined) known.checks.push(check);
    else {
      const config = describeCode(plan.type.detection, check.code);
      raised.push({ code: check.code, config, component: null, penalty: 0, checks: [check] });
    }
  }
  for (const one of raised) weigh(one, plan);
  return raised;
}

/** By its loudest check. */
function weigh(raised: RaisedCode, plan: Plan): void {
  let loudest = raised.checks[0]!;
  for (const check of raised.checks) if (Math.abs(check.score) > Math.abs(loudest.score)) loudest = check;
  raised.component = raised.config.component ?? plan.quantities[loudest.of[0]!]!.component;
  raised.penalty = penaltyOf(raised.config, Math.abs(loudest.score));
}

function penaltyOf({ penalty, worstPenalty, worstAtScore }: CodeConfig, score: number): number {
  if (worstPenalty === undefined) return penalty;
  const share = Math.max(0, Math.min(1, (score - 1) / (worstAtScore - 1)));
  return Math.round(penalty + (worstPenalty - penalty) * share);
}

/** The sample in which a code was raised. */
interface Moment {
  readonly plan: Plan;
  readonly frame: Frame;
  readonly verdict: QualityVerdict;
}

export function findingOf(raised: RaisedCode, moment: Moment): Finding {
  const first = raised.checks[0]!;
  const evidence: Evidence[] = [];
  for (const check of raised.checks) {
    check.of.forEach((_, i) => {
      evidence.push(evidenceOf(i, check, moment));
    });
  }
  return {
    code: raised.code,
    component: raised.component,
    severity: severityOf(raised.penalty, moment.plan.type.detection.severity),
    detector: { name: first.detectorName, version: first.detectorVersion },
    evidence,
  };
}

function evidenceOf(i: number, check: RunningCheck, { plan, frame, verdict }: Moment): Evidence {
  const q = check.of[i]!;
  const { name, unit } = plan.quantities[q]!;
  const { seen, shares } = check;
  const observed = seen?.observed ?? frame.values[q]!;
  const expected = seen?.expected ?? frame.expected[q]!;
  return {
    signal: name,
    unit,
    observed: numberOrNull(observed),
    expected: numberOrNull(expected),
    residual: numberOrNull(observed - expected),
    limit: check.limit(frame, q),
    quality: verdict.qualities[q] ?? 'good',
    ageMs: (q < verdict.qualities.length ? (verdict.ageMs(q) ?? 0) : 0) + (seen === null ? 0 : frame.atMs - seen.atMs),
    score: thousandths(check.score),
    ...(shares && check.of.length > 1 ? { share: thousandths(shares[i]!) } : {}),
    ...(seen?.part === undefined ? {} : { part: seen.part }),
    detector: { name: check.detectorName, version: check.detectorVersion },
  };
}

/** The finding that names what cannot be trusted. */
export function dropoutFinding(plan: Plan, values: readonly number[], verdict: QualityVerdict): Finding {
  const config = describeCode(plan.type.detection, dropoutCode);
  return {
    code: dropoutCode,
    component: config.component ?? plan.quantities[verdict.untrusted[0]!]!.component,
    severity: severityOf(config.penalty, plan.type.detection.severity),
    detector: { name: 'quality', version: 1 },
    evidence: verdict.untrusted.map((i) => qualityEvidence(i, plan, values, verdict)),
  };
}

function qualityEvidence(i: number, plan: Plan, values: readonly number[], verdict: QualityVerdict): Evidence {
  const { min, max } = plan.type.signals[i]!.physicalRange;
  return {
    signal: plan.quantities[i]!.name,
    unit: plan.quantities[i]!.unit,
    observed: numberOrNull(values[i]!),
    expected: null,
    residual: null,
    limit: { min, max },
    quality: verdict.qualities[i]!,
    ageMs: verdict.ageMs(i) ?? 0,
  };
}

export function skewFinding(plan: Plan, skewMs: number): Finding {
  const evidence: Evidence = {
    signal: 'clock',
    unit: 'ms',
    observed: skewMs,
    expected: 0,
    residual: skewMs,
    limit: { max: plan.type.detection.quality.clockSkewS * 1000 },
    quality: 'uncertain',
    ageMs: 0,
  };
  return {
    code: 'clock_skew',
    component: null,
    severity: 'watch',
    detector: { name: 'quality', version: 1 },
    evidence: [evidence],
  };
}

const thousandths = (value: number): number => Math.round(value * 1000) / 1000;

/** Rounded: a residual of two-decimal values is no sixteen-digit number. The largest have no decimals to round. */
function numberOrNull(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  const rounded = Math.round(value * 1e6) / 1e6;
  return Number.isFinite(rounded) ? rounded : value;
}
