import type { DecisionRule } from '../detection/config.ts';
import type { Advice, ProbableCause, Severity } from '../detection/observation.ts';
import { severities } from '../detection/observation.ts';
import type { MachineType } from '../machine-types/definition.ts';

/**
 * From findings to what a person should do next. The gate stands before all configuration: untrusted data or work
 * outside its declared window give do_not_proceed, whatever a machine type's rules say.
 */
export interface Situation {
  /** Codes that stand, sensor_dropout among them where values cannot be trusted. */
  readonly codes: readonly string[];
  readonly severity: Severity;
  readonly causes: readonly ProbableCause[];
  /** Some value is only declared uncertain. */
  readonly isUncertain: boolean;
}

export type Advise = (situation: Situation) => Advice;

export const dropoutCode = 'sensor_dropout';

/** Advice is worded once per situation; a machine that finds more situations than this is in none of them for long. */
const mostWorded = 200;

/** How much an uncertain value takes off the confidence (assumption). */
const uncertainShare = 0.8;

export function createAdvisor(type: MachineType): Advise {
  const { decisions, codes } = type.detection;
  const made = new Map<string, Advice>();
  const isBlocking = (code: string): boolean => code === dropoutCode || codes[code]?.invalidProcess === true;
  const wordOnce = (situation: Situation): Advice => {
    const cause = situation.causes[0]?.failureMode ?? '';
    const key = `${situation.codes.join()}|${cause}|${situation.severity}|${situation.isUncertain}`;
    let advice = made.get(key);
    if (advice === undefined) {
      const rule = decisions.find((r) => applies(r, situation));
      advice = word(type, rule, situation, situation.codes.find(isBlocking));
      if (made.size >= mostWorded) made.clear();
      made.set(key, advice);
    }
    return advice;
  };
  let last: { readonly situation: Situation; readonly advice: Advice } | undefined;
  return (situation) => {
    if (last === undefined || !isSame(last.situation, situation)) last = { situation, advice: wordOnce(situation) };
    return last.advice;
  };
}

/** All that advice depends on. */
function isSame(a: Situation, b: Situation): boolean {
  if (a === b) return true;
  if (a.severity !== b.severity || a.isUncertain !== b.isUncertain || a.codes.length !== b.codes.length) return false;
  return a.causes[0]?.failureMode === b.causes[0]?.failureMode && a.codes.every((code, i) => code === b.codes[i]);
}

function applies(rule: DecisionRule, { codes, causes, severity }: Situation): boolean {
  if (!rule.codes.every((code) => codes.includes(code))) return false;
  if (rule.cause !== undefined && causes[0]?.failureMode !== rule.cause) return false;
  return rule.atLeast === undefined || severities.indexOf(severity) >= severities.indexOf(rule.atLeast);
}

function word(type: MachineType, rule: DecisionRule | undefined, situation: Situation, blocking?: string): Advice {
  const matched = rule === undefined ? defaultAdvice(type, situation) : adviceOf(rule);
  const gated = blocking === undefined || matched.decision === 'do_not_proceed' ? matched : blockedBy(blocking);
  if (!situation.isUncertain) return Object.freeze(gated);
  const confidence = Math.round(gated.confidence * uncertainShare * 100) / 100;
  return Object.freeze({ ...gated, confidence });
}

const adviceOf = ({ decision, action, requiredCheck, rationale, confidence, wouldChange }: DecisionRule): Advice => ({
  decision,
  action,
  requiredCheck,
  rationale,
  confidence,
  wouldChange,
});

function blockedBy(code: string): Advice {
  if (code === dropoutCode) {
    return {
      decision: 'do_not_proceed',
      action: 'Hold the work and restore the signals named',
      requiredCheck: 'Sensors, cabling and gateway, then a sample with all values good',
      rationale: 'What cannot be measured cannot be judged: no step may rest on these values',
      confidence: 0.98,
      wouldChange: ['All signals relied upon are present, fresh and in their physical range again'],
    };
  }
  return {
    decision: 'do_not_proceed',
    action: 'Stop the work and compare program and machine parameters',
    requiredCheck: 'The parameter named is inside its window for this phase',
    rationale: `The process runs outside its declared window (${code})`,
    confidence: 0.95,
    wouldChange: ['The parameter returns into its window'],
  };
}

const decisionBySeverity = {
  normal: 'proceed',
  watch: 'watch',
  warning: 'schedule_intervention',
  critical: 'human_review',
} as const;

/** Told where a rule is silent (assumption: from 0.97 for nothing found down to 0.6 for an early sign). */
const confidenceBySeverity = { normal: 0.97, watch: 0.6, warning: 0.75, critical: 0.85 } as const;

function defaultAdvice(type: MachineType, { severity, causes, codes }: Situation): Advice {
  const cause = type.failureModes.find((mode) => mode.name === causes[0]?.failureMode);
  const titles = codes.map((code) => type.detection.codes[code]?.title ?? code);
  const action = type.actions.find((a) => a.name === cause?.actions[0])?.title;
  const confidence = confidenceBySeverity[severity];
  const decision = decisionBySeverity[severity];
  if (severity === 'normal') {
    return {
      decision,
      action: 'Continue',
      requiredCheck: 'None',
      rationale: 'All values are trusted and as expected',
      confidence,
      wouldChange: ['Any value leaves its expectation or its limits'],
    };
  }
  return {
    decision,
    action: severity === 'watch' ? 'Keep watching' : (action ?? 'Inspect the machine'),
    requiredCheck: cause === undefined ? 'Look at the signals in the evidence' : `Confirm or rule out: ${cause.title}`,
    rationale: `${titles.join(', ')}${cause === undefined ? '' : `; most probable cause: ${cause.title}`}`,
    confidence,
    wouldChange: ['The deviation grows or goes away', 'An inspection confirms or rules out the cause'],
  };
}
