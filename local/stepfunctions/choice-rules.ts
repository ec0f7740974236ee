/**
 * The rules of a Choice state. A comparison of another type is false; a variable that is not there is an error, except for
 * IsPresent. Source: states-language.net/spec.html, "Choice State".
 */
import { findAt, pathPattern, readPath } from './data-flow.ts';

type Fields = Readonly<Record<string, unknown>>;

/** As in the definition; checked by `checkRule`. */
export type Rule = Fields;

interface Kind {
  readonly read: (value: unknown) => number | string | boolean | undefined;
}

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const readTimestamp = (value: unknown): number | undefined =>
  typeof value === 'string' && timestamp.test(value) ? Date.parse(value) : undefined;

const kinds: Readonly<Record<string, Kind>> = {
  String: { read: (value) => (typeof value === 'string' ? value : undefined) },
  Numeric: { read: (value) => (typeof value === 'number' ? value : undefined) },
  Timestamp: { read: readTimestamp },
};
const orders: Readonly<Record<string, (order: number) => boolean>> = {
  Equals: (order) => order === 0,
  LessThan: (order) => order < 0,
  GreaterThan: (order) => order > 0,
  LessThanEquals: (order) => order <= 0,
  GreaterThanEquals: (order) => order >= 0,
};
const tests: Readonly<Record<string, (value: unknown) => boolean>> = {
  IsNull: (value) => value === null,
  IsPresent: (value) => value !== undefined,
  IsNumeric: (value) => typeof value === 'number',
  IsString: (value) => typeof value === 'string',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => readTimestamp(value) !== undefined,
};

type Compare = (value: unknown, operand: unknown) => boolean;

interface Comparison {
  readonly takes: (operand: unknown) => boolean;
  readonly compare: Compare;
}

const comparisons: ReadonlyMap<string, Comparison> = new Map([
  ...Object.entries(kinds).flatMap(([kind, { read }]) =>
    Object.entries(orders).map(([order, isMet]): [string, Comparison] => [
      `${kind}${order}`,
      { takes: (operand) => read(operand) !== undefined, compare: compareBy(read, isMet) },
    ]),
  ),
  [
    'BooleanEquals',
    { takes: (operand) => typeof operand === 'boolean', compare: (value, operand) => value === operand },
  ],
  ['StringMatches', { takes: (operand) => typeof operand === 'string', compare: matchesPattern }],
]);

function compareBy(read: Kind['read'], isMet: (order: number) => boolean): Compare {
  return (value, operand) => {
    const [left, right] = [read(value), read(operand)];
    if (left === undefined || right === undefined) return false;
    return isMet(left < right ? -1 : left > right ? 1 : 0);
  };
}

/** `*` stands for any text, `\*` for itself. */
function matchesPattern(value: unknown, pattern: unknown): boolean {
  const parts = String(pattern).split(/(\\[*\\]|\*)/);
  const quote = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const source = parts.map((part) => (part === '*' ? '[\\s\\S]*' : quote(part.replace(/^\\(?=[*\\]$)/, ''))));
  return typeof value === 'string' && new RegExp(`^${source.join('')}$`).test(value);
}

export function holds(rule: Rule, input: unknown, context: Fields): boolean {
  if (rule.And !== undefined) return (rule.And as Rule[]).every((part) => holds(part, input, context));
  if (rule.Or !== undefined) return (rule.Or as Rule[]).some((part) => holds(part, input, context));
  if (rule.Not !== undefined) return !holds(rule.Not as Rule, input, context);
  const { name, operand } = readComparison(rule);
  const variable = String(rule.Variable);
  if (name === 'IsPresent') return tests.IsPresent!(findAt(variable, input, context)) === operand;
  const value = readPath(variable, input, context);
  if (tests[name] !== undefined) return tests[name](value) === operand;
  const byPath = !comparisons.has(name);
  const { compare } = comparisons.get(byPath ? name.slice(0, -'Path'.length) : name)!;
  return compare(value, byPath ? readPath(String(operand), input, context) : operand);
}

function readComparison({ Variable: _, Next: __, Comment: ___, ...rest }: Rule): { name: string; operand: unknown } {
  const [[name, operand] = ['', undefined], ...more] = Object.entries(rest);
  if (name === '' || more.length > 0) throw new Error(`a rule has one comparison, got ${Object.keys(rest).join(', ')}`);
  return { name, operand };
}

/** Throws an Error with one sentence. */
export function checkRule(rule: Rule): void {
  for (const list of [rule.And, rule.Or]) {
    if (list !== undefined && (!Array.isArray(list) || list.length === 0))
      throw new Error('And and Or take a list of rules');
    for (const part of (list ?? []) as Rule[]) checkRule(part);
  }
  if (rule.Not !== undefined) checkRule(rule.Not as Rule);
  if (rule.And !== undefined || rule.Or !== undefined || rule.Not !== undefined) return;
  const { name, operand } = readComparison(rule);
  if (!pathPattern.test(String(rule.Variable)))
    throw new Error(`Variable: got ${JSON.stringify(rule.Variable)}, allowed is a path`);
  if (!takes(name, operand))
    throw new Error(`${name}: got ${JSON.stringify(operand)}, which is no such comparison or no value for it`);
}

function takes(name: string, operand: unknown): boolean {
  if (tests[name] !== undefined) return typeof operand === 'boolean';
  const direct = comparisons.get(name);
  if (direct !== undefined) return direct.takes(operand);
  const isByPath =
    name.endsWith('Path') && name !== 'StringMatchesPath' && comparisons.has(name.slice(0, -'Path'.length));
  return isByPath && pathPattern.test(String(operand));
}
