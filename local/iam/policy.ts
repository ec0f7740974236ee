/**
 * Whether a policy's statements allow or deny an access, as IAM evaluates them: a deny wins, then an allow, else nothing.
 * Covers Action/NotAction, Resource/NotResource, wildcards, principals, and the condition operators below; another
 * operator is refused when the policy is read. A condition whose key the call does not carry is false, but for
 * `…IfExists` and the negated operators. Source: IAM User Guide, "Policy evaluation logic" and "Condition operators".
 */
import type { Access, Json } from '../engine.ts';
import { toPattern } from './wildcard.ts';

export type Verdict = 'allow' | 'deny' | 'nothing';

export interface Request extends Access {
  /** `arn:…:role/x`, or a service's name. */
  readonly principal: string;
  readonly context: Readonly<Record<string, string>>;
}

type Test = (request: Request) => boolean;

export interface Policy {
  evaluate(request: Request): Verdict;
}

export function compilePolicy(document: Json): Policy {
  const statements = asList(document.Statement).map((statement) => compileStatement(statement as Json));
  return {
    evaluate: (request) => {
      let verdict: Verdict = 'nothing';
      for (const statement of statements) {
        if (!statement.matches(request)) continue;
        if (statement.denies) return 'deny';
        verdict = 'allow';
      }
      return verdict;
    },
  };
}

function compileStatement(statement: Json): { matches: Test; denies: boolean } {
  const tests: Test[] = [];
  const denies = statement.Effect === 'Deny';
  for (const [key, value] of Object.entries(statement)) {
    if (key === 'Sid' || key === 'Effect') continue;
    const compile = clauses[key];
    if (compile === undefined) throw new Error(`policy element ${key} is not modelled`);
    tests.push(compile(value, denies));
  }
  return { denies, matches: (request) => tests.every((test) => test(request)) };
}

const clauses: Readonly<Record<string, (value: unknown, denies: boolean) => Test>> = {
  Action: (value) => matchAny(value, (request) => request.action, 'i'),
  NotAction: (value) => negate(matchAny(value, (request) => request.action, 'i')),
  Resource: (value) => matchAny(value, (request) => request.resource),
  NotResource: (value) => negate(matchAny(value, (request) => request.resource)),
  Principal: (value, denies) => matchAny(listPrincipals(value, denies), (request) => request.principal),
  NotPrincipal: (value, denies) => negate(matchAny(listPrincipals(value, denies), (request) => request.principal)),
  Condition: (value) => compileConditions(value as Readonly<Record<string, Json>>),
};

function listPrincipals(value: unknown, denies: boolean): unknown[] {
  if (value === '*') return ['*'];
  const principals = Object.values(value as Json).flat();
  // An allow for the account's root lets the account's own policies decide: by itself it gives nobody anything.
  return principals.flatMap((principal) => {
    if (!/^arn:aws:iam::\d+:root$/.test(String(principal))) return [principal];
    return denies ? ['arn:*'] : [];
  });
}

type Compare = (got: string, wanted: string) => boolean;

const like: Compare = (got, wanted) => toPattern(wanted).test(got);
const numeric =
  (compare: (a: number, b: number) => boolean): Compare =>
  (got, wanted) =>
    compare(Number(got), Number(wanted));

const operators: Readonly<Record<string, Compare>> = {
  StringEquals: (got, wanted) => got === wanted,
  StringEqualsIgnoreCase: (got, wanted) => got.toLowerCase() === wanted.toLowerCase(),
  StringLike: like,
  ArnEquals: like,
  ArnLike: like,
  Bool: (got, wanted) => got === wanted,
  NumericEquals: numeric((a, b) => a === b),
  NumericLessThan: numeric((a, b) => a < b),
  NumericLessThanEquals: numeric((a, b) => a <= b),
  NumericGreaterThan: numeric((a, b) => a > b),
  NumericGreaterThanEquals: numeric((a, b) => a >= b),
};

const negatedOperators: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
};

function compileConditions(conditions: Readonly<Record<string, Json>>): Test {
  const tests = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, wanted]) => compileCondition(operator, key, asList(wanted).map(String))),
  );
  return (request) => tests.every((test) => test(request));
}

function compileCondition(operator: string, key: string, wanted: string[]): Test {
  const read = (request: Request): string | undefined => request.context[key.toLowerCase()];
  if (operator === 'Null') return (request) => (read(request) === undefined) === (wanted[0] === 'true');
  const ifExists = operator.endsWith('IfExists');
  const name = ifExists ? operator.slice(0, -'IfExists'.length) : operator;
  const positive = negatedOperators[name];
  const compare = operators[positive ?? name];
  if (compare === undefined) throw new Error(`condition operator ${operator} is not modelled`);
  return (request) => {
    const got = read(request);
    if (got === undefined) return ifExists || positive !== undefined;
    return wanted.some((value) => compare(got, value)) === (positive === undefined);
  };
}

function matchAny(values: unknown, read: (request: Request) => string, flags = ''): Test {
  const patterns = asList(values).map((value) => toPattern(String(value), flags));
  return (request) => {
    const text = read(request);
    return patterns.some((pattern) => pattern.test(text));
  };
}

const negate =
  (test: Test): Test =>
  (request) =>
    !test(request);

const asList = (value: unknown): unknown[] => (value === undefined ? [] : [value].flat());
