import { failure, type Result, success } from '../../core/result.ts';
import { contains, parseCidr } from './cidr.ts';

/**
 * EventBridge event patterns: which events a rule takes. A pattern is compiled once, and a misspelt operator is found
 * there: CloudFormation accepts `{"numericc": …}` and the rule then never fires.
 * Semantics as AWS documents them for EventBridge and in the open-source event-ruler (README, "Rules").
 */
export type EventMatcher = (event: unknown) => boolean;

export function compileEventPattern(pattern: unknown): Result<EventMatcher, string> {
  try {
    if (!isObject(pattern) || Object.keys(pattern).length === 0)
      throw new PatternProblem('', 'a pattern is an object with at least one field');
    return success(compileObject(pattern, ''));
  } catch (error) {
    if (error instanceof PatternProblem) return failure(error.message);
    throw error;
  }
}

class PatternProblem extends Error {
  constructor(path: string, message: string) {
    super(`event pattern${path === '' ? '' : ` at ${path}`}: ${message}`);
  }
}

type Json = Readonly<Record<string, unknown>>;
/** Whether one value of a field matches; a field that is absent is asked with undefined. */
type ValueMatcher = (value: unknown) => boolean;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every field must match. In an array of objects one element must match the whole of the sub-pattern. */
function compileObject(pattern: Json, path: string): EventMatcher {
  const fields = Object.entries(pattern).map(([key, value]) =>
    key === '$or' ? compileOr(value, `${path}$or`) : compileField(key, value, `${path}${key}`),
  );
  return (event) => fields.every((matches) => matches(event));
}

function compileOr(value: unknown, path: string): EventMatcher {
  if (!Array.isArray(value) || value.length < 2 || !value.every(isObject)) {
    throw new PatternProblem(path, 'is a list of at least two patterns');
  }
  const branches = value.map((branch, i) => compileObject(branch, `${path}[${i}].`));
  return (event) => branches.some((matches) => matches(event));
}

function compileField(key: string, value: unknown, path: string): EventMatcher {
  const read = (event: unknown): unknown => (isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined);
  if (isObject(value)) {
    if (Object.keys(value).length === 0) throw new PatternProblem(path, 'an object needs at least one field');
    const inner = compileObject(value, `${path}.`);
    return (event) => {
      const found = read(event);
      const elements = Array.isArray(found) ? flatten(found) : [];
      return elements.some(isObject) ? elements.some(inner) : inner(found);
    };
  }
  if (!Array.isArray(value) || value.length === 0) {
    throw new PatternProblem(path, `got ${JSON.stringify(value)}, allowed is a list of values or an object`);
  }
  const matchers = value.map((item) => compileValue(item, path));
  return (event) => {
    const found = read(event);
    // An empty list is as good as none; lists in lists are one list.
    const values =
      Array.isArray(found) && found.length > 0 ? flatten(found) : [Array.isArray(found) ? undefined : found];
    return matchers.some((matches) => values.some(matches));
  };
}

const flatten = (list: readonly unknown[]): unknown[] => list.flat(Number.POSITIVE_INFINITY);

function compileValue(item: unknown, path: string): ValueMatcher {
  if (Array.isArray(item)) throw new PatternProblem(path, 'a list may not hold a list');
  if (!isObject(item)) return (value) => value === item;
  const [[operator, argument] = ['', undefined], ...rest] = Object.entries(item);
  if (rest.length > 0) throw new PatternProblem(path, `one operator at a time, got ${Object.keys(item).join(', ')}`);
  const compile = operators.get(operator);
  if (compile === undefined) {
    throw new PatternProblem(
      path,
      `operator "${operator}" is unknown, allowed are ${[...operators.keys()].join(', ')}`,
    );
  }
  return compile(argument, path);
}

type Operator = (argument: unknown, path: string) => ValueMatcher;

const onText = (name: string, compile: (wanted: string) => (text: string) => boolean): Operator => {
  return (argument, path) => {
    const folded = isObject(argument) ? argument['equals-ignore-case'] : undefined;
    if (typeof folded === 'string' && (name === 'prefix' || name === 'suffix')) {
      const matches = compile(folded.toLowerCase());
      return (value) => typeof value === 'string' && matches(value.toLowerCase());
    }
    if (typeof argument !== 'string')
      throw new PatternProblem(path, `${name} takes a string, got ${JSON.stringify(argument)}`);
    const matches = compile(argument);
    return (value) => typeof value === 'string' && matches(value);
  };
};

const prefix = onText('prefix', (wanted) => (text) => text.startsWith(wanted));
const suffix = onText('suffix', (wanted) => (text) => text.endsWith(wanted));
const equalsIgnoreCase = onText(
  'equals-ignore-case',
  (wanted) => (text) => text.toLowerCase() === wanted.toLowerCase(),
);
const wildcard: Operator = (argument, path) => {
  if (typeof argument === 'string' && /(?<!\\)\*\*/.test(argument))
    throw new PatternProblem(path, 'wildcard may not hold "**"');
  if (typeof argument === 'string' && /^(?:[^\\]|\\[*\\])*\\(?![*\\])/.test(argument))
    throw new PatternProblem(path, `a backslash stands before * or another backslash, got ${argument}`);
  return onText('wildcard', (wanted) => {
    const expression = wildcardExpression(wanted);
    return (text) => expression.test(text);
  })(argument, path);
};

/** `*` stands for any text, `\*` for itself. */
function wildcardExpression(text: string): RegExp {
  const parts = text.split(/(\\[*\\]|\*)/).map((part) => {
    if (part === '*') return '[\\s\\S]*';
    return (part.startsWith('\\') && part.length === 2 ? part[1]! : part).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

function anythingBut(argument: unknown, path: string): ValueMatcher {
  if (isObject(argument)) {
    const [[operator, inner] = ['', undefined]] = Object.entries(argument);
    const compile = excludable.get(operator);
    if (compile === undefined) {
      throw new PatternProblem(
        path,
        `anything-but takes values or one of ${[...excludable.keys()].join(', ')}, got "${operator}"`,
      );
    }
    const excluded = (Array.isArray(inner) ? inner : [inner]).map((one) => compile(one, path));
    return (value) => value !== undefined && !excluded.some((matches) => matches(value));
  }
  const excluded = Array.isArray(argument) ? argument : [argument];
  if (excluded.length === 0) throw new PatternProblem(path, 'anything-but takes at least one value');
  if (!excluded.every((v) => typeof v === 'string' || typeof v === 'number')) {
    throw new PatternProblem(path, 'anything-but takes strings or numbers');
  }
  return (value) => value !== undefined && !excluded.includes(value as string | number);
}

const excludable: ReadonlyMap<string, Operator> = new Map([
  ['prefix', prefix],
  ['suffix', suffix],
  ['wildcard', wildcard],
  ['equals-ignore-case', equalsIgnoreCase],
]);

const numericTests: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function numeric(argument: unknown, path: string): ValueMatcher {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) {
    throw new PatternProblem(path, `numeric takes ["<", 5] or [">=", 0, "<", 5], got ${JSON.stringify(argument)}`);
  }
  const tests: { readonly test: (value: number, bound: number) => boolean; readonly bound: number }[] = [];
  for (let i = 0; i < argument.length; i += 2) {
    const test = Object.hasOwn(numericTests, String(argument[i])) ? numericTests[String(argument[i])] : undefined;
    const bound: unknown = argument[i + 1];
    if (test === undefined || typeof bound !== 'number') {
      throw new PatternProblem(
        path,
        `numeric compares by =, <, <=, > or >= with a number, got ${JSON.stringify(argument)}`,
      );
    }
    tests.push({ test, bound });
  }
  if (argument.length === 4 && !isRange(argument)) {
    throw new PatternProblem(path, `a numeric range goes up, like [">=", 0, "<", 5], got ${JSON.stringify(argument)}`);
  }
  return (value) => typeof value === 'number' && tests.every(({ test, bound }) => test(value, bound));
}

const isRange = ([from, low, to, high]: readonly unknown[]): boolean =>
  String(from).startsWith('>') && String(to).startsWith('<') && Number(low) < Number(high);

function cidr(argument: unknown, path: string): ValueMatcher {
  const range = typeof argument === 'string' ? parseCidr(argument) : undefined;
  if (range === undefined)
    throw new PatternProblem(path, `cidr takes a range like "10.0.0.0/24", got ${JSON.stringify(argument)}`);
  return (value) => typeof value === 'string' && contains(range, value);
}

function exists(argument: unknown, path: string): ValueMatcher {
  if (typeof argument !== 'boolean')
    throw new PatternProblem(path, `exists takes true or false, got ${JSON.stringify(argument)}`);
  return (value) => (value !== undefined && !isObject(value)) === argument;
}

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['prefix', prefix],
  ['suffix', suffix],
  ['equals-ignore-case', equalsIgnoreCase],
  ['wildcard', wildcard],
  ['anything-but', anythingBut],
  ['numeric', numeric],
  ['cidr', cidr],
  ['exists', exists],
]);
