import type { MachineType } from '../machine-types/definition.ts';
import type { Condition, Term } from './config.ts';
import { anyDetectorKinds } from './detectors/catalogue.ts';

/** Names in a type's detection section that stand for nothing; each sentence tells where, what was got, what is allowed. */
export function findDetectionProblems(type: MachineType): string[] {
  const names = new NameCheck(type);
  const { detection } = type;
  names.expectAll('detection.quality.noisySignals', detection.quality.noisySignals, names.signals);
  names.expectCondition('detection.quality.noisyWhen', detection.quality.noisyWhen);
  checkDerived(type, names);
  checkExpectations(type, names);
  checkChecks(type, names);
  checkCodes(type, names);
  return names.problems;
}

class NameCheck {
  readonly problems: string[] = [];
  readonly signals: readonly string[];
  readonly quantities: readonly string[];
  readonly modes: readonly string[];
  readonly components: readonly string[];
  readonly contexts: readonly string[];
  private readonly phases: readonly string[];

  constructor(type: MachineType) {
    this.signals = type.signals.map((s) => s.name);
    this.quantities = [...this.signals, ...type.detection.derived.map((d) => d.name)];
    this.modes = type.failureModes.map((m) => m.name);
    this.components = type.components.map((c) => c.name);
    this.contexts = type.context.map((c) => c.name);
    this.phases = type.phases.map((p) => p.name);
  }

  expect(where: string, value: string | undefined, allowed: readonly string[]): void {
    if (value === undefined || allowed.includes(value)) return;
    this.problems.push(`${where}: got "${value}", allowed are ${allowed.join(', ') || 'none'}`);
  }

  expectAll(where: string, values: readonly string[], allowed: readonly string[]): void {
    for (const value of values) this.expect(where, value, allowed);
  }

  expectTerms(where: string, terms: readonly Term[], allowed: readonly string[]): void {
    for (const term of terms) this.expectAll(`${where} terms`, Object.keys(term.of), allowed);
  }

  expectCondition(where: string, condition: Condition | undefined): void {
    this.expectAll(`${where} phases`, condition?.phases ?? [], this.phases);
    this.expectAll(`${where} quantities`, Object.keys(condition?.quantities ?? {}), this.quantities);
  }
}

/** A derived quantity may use what stands before it, so that none is computed from the sample before. */
function checkDerived(type: MachineType, names: NameCheck): void {
  const known = [...names.signals];
  for (const d of type.detection.derived) {
    const where = `detection.derived "${d.name}"`;
    if (known.includes(d.name)) names.problems.push(`${where}: the name stands more than once`);
    names.expectTerms(where, d.terms, known);
    names.expectCondition(where, d.when);
    names.expect(`${where} component`, d.component, names.components);
    known.push(d.name);
  }
}

function checkExpectations(type: MachineType, names: NameCheck): void {
  type.detection.expectations.forEach((e, i) => {
    const where = `detection.expectations[${i}]`;
    names.expectAll(`${where} of`, typeof e.of === 'string' ? [e.of] : e.of, names.quantities);
    names.expectTerms(where, e.terms, names.quantities);
    names.expectCondition(where, e.when);
  });
}

function checkChecks(type: MachineType, names: NameCheck): void {
  type.detection.checks.forEach((check, i) => {
    const where = `detection.checks[${i}]`;
    names.expectAll(`${where} of`, typeof check.of === 'string' ? [check.of] : check.of, names.quantities);
    names.expectCondition(where, check.when);
    if (check.kind === 'pace') {
      names.expect(`${where} per`, check.per, names.quantities);
      names.expect(`${where} partField`, check.partField, names.contexts);
      names.expect(`${where} workField`, check.workField, names.contexts);
    }
    if (check.kind === 'detector') names.expect(`${where} detector`, check.detector, Object.keys(anyDetectorKinds));
  });
}

function checkCodes(type: MachineType, names: NameCheck): void {
  const { codes, signatures, located, decisions } = type.detection;
  for (const [code, { component, suggests }] of Object.entries(codes)) {
    names.expect(`detection.codes "${code}" component`, component, names.components);
    names.expect(`detection.codes "${code}" suggests`, suggests, names.modes);
  }
  names.expectAll('detection.signatures', Object.keys(signatures), names.modes);
  for (const [mode, signature] of Object.entries(signatures)) {
    names.expectAll(`detection.signatures "${mode}"`, Object.keys(signature), names.quantities);
  }
  names.expectAll('detection.located', located, names.modes);
  decisions.forEach((rule, i) => {
    names.expect(`detection.decisions[${i}] cause`, rule.cause, names.modes);
  });
}
