import { quoteGot, sayAllowed } from '../allowed.ts';
import { findDetectionProblems } from '../detection/config-problems.ts';
import { failure, type Result, success } from '../result.ts';
import { type MachineType, machineTypeSchema } from './definition.ts';
import { signalsOfDrawings } from './drawings.ts';

/** Checks a machine type read from JSON; every problem names its field, the value got and what is allowed. */
export function loadMachineType(input: unknown): Result<MachineType, readonly string[]> {
  const parsed = machineTypeSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) return failure(parsed.error.issues.map(describeIssue));
  const problems = findDanglingNames(parsed.data);
  return problems.length > 0 ? failure(problems) : success(parsed.data);
}

interface Issue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly input?: unknown;
}

function describeIssue({ code, path, message, input }: Issue): string {
  const where = formatPath(path);
  if (code === 'unrecognized_keys') return `${where}: ${sayAllowed(message)}`;
  const got = input === undefined ? 'missing' : `got ${quoteGot(input)}`;
  return `${where}: ${sayAllowed(message)} (${got})`;
}

const formatPath = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'machine type'
    : path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`)).join('');

/** The names one part of a type uses for another must exist, and must be unique where they are defined. */
function findDanglingNames(type: MachineType): string[] {
  const signals = type.signals.map((s) => s.name);
  const components = type.components.map((c) => c.name);
  const actions = type.actions.map((a) => a.name);
  const problems = [
    ...findRepeats('signals', signals),
    ...findRepeats('components', components),
    ...findRepeats('actions', actions),
    ...findRepeats(
      'phases',
      type.phases.map((p) => p.name),
    ),
    ...findRepeats(
      'failureModes',
      type.failureModes.map((m) => m.name),
    ),
  ];
  const expect = (where: string, value: string | undefined, allowed: readonly string[]): void => {
    if (value !== undefined && !allowed.includes(value)) {
      problems.push(`${where}: got "${value}", allowed are ${allowed.join(', ') || 'none'}`);
    }
  };
  type.signals.forEach((s, i) => {
    expect(`signals[${i}].component`, s.component, components);
  });
  for (const p of type.phases) {
    for (const key of Object.keys(p.limits)) expect(`phases "${p.name}" limits`, key, signals);
  }
  for (const m of type.failureModes) {
    expect(`failureModes "${m.name}" component`, m.component, components);
    for (const key of Object.keys(m.signature)) expect(`failureModes "${m.name}" signature`, key, signals);
    for (const action of m.actions) expect(`failureModes "${m.name}" actions`, action, actions);
  }
  type.prognosis.wears.forEach((wear, i) => {
    expect(`prognosis.wears[${i}].signal`, wear.signal, signals);
    expect(`prognosis.wears[${i}].component`, wear.component, components);
    expect(
      `prognosis.wears[${i}].failureMode`,
      wear.failureMode,
      type.failureModes.map((m) => m.name),
    );
  });
  for (const a of type.actions) expect(`actions "${a.name}" component`, a.component, components);
  for (const [field, signal] of signalsOfDrawings(type.drawings)) expect(`drawings.${field}`, signal, signals);
  return [...problems, ...findDetectionProblems(type)];
}

function findRepeats(where: string, names: readonly string[]): string[] {
  const repeated = names.filter((name, i) => names.indexOf(name) !== i);
  return [...new Set(repeated)].map((name) => `${where}: "${name}" stands more than once`);
}
