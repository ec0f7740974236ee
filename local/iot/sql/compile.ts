import { isEqual, toBoolean, toDecimal, toText } from './conversion.ts';
import { findFunction } from './functions.ts';
import { SqlProblem } from './lexer.ts';
import type { RuleMessage } from './message.ts';
import type { BinaryOperator, Expression, Select, SelectItem } from './syntax.ts';

/** The message a rule looks at, and where names are looked up: the payload, or an element in a nested query. */
export interface Scope {
  readonly root: unknown;
  readonly message: RuleMessage;
}

export type Evaluate = (scope: Scope) => unknown;

/** Turns an expression into a function; unknown functions are found here, not when the first message comes. */
export function compileExpression(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'literal':
      return () => expression.value;
    case 'name':
      return (scope) => readMember(scope.root, expression.name);
    case 'member': {
      const object = compileExpression(expression.object);
      return (scope) => readMember(object(scope), expression.name);
    }
    case 'call':
      return compileCall(expression.name, expression.args, expression.column);
    case 'not': {
      const operand = compileExpression(expression.operand);
      return (scope) => {
        const value = toBoolean(operand(scope));
        return value === undefined ? undefined : !value;
      };
    }
    case 'negate': {
      const operand = compileExpression(expression.operand);
      return (scope) => {
        const value = toDecimal(operand(scope));
        return value === undefined ? undefined : -value;
      };
    }
    case 'binary':
      return compileBinary(
        expression.operator,
        compileExpression(expression.left),
        compileExpression(expression.right),
      );
    case 'in':
      return compileIn(compileExpression(expression.value), compileExpression(expression.list));
    case 'case':
      return compileCase(expression);
    case 'array': {
      const items = expression.items.map(compileExpression);
      return (scope) => items.map((item) => item(scope));
    }
    case 'object': {
      const entries = expression.entries.map((e) => [e.key, compileExpression(e.value)] as const);
      return (scope) => Object.fromEntries(entries.map(([key, value]) => [key, value(scope)]));
    }
    case 'query':
      return compileQuery(expression.select);
  }
}

export function readMember(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, name)) return undefined;
  return (object as Record<string, unknown>)[name];
}

function compileCall(name: string, args: readonly Expression[], column: number): Evaluate {
  const found = findFunction(name);
  if (found === undefined) throw new SqlProblem(`column ${column}: function ${name}() is not modelled`);
  const [least, most] = found.arity;
  if (args.length < least || args.length > most) {
    const allowed = least === most ? `${least}` : `${least} to ${most}`;
    throw new SqlProblem(`column ${column}: ${name}() takes ${allowed} arguments, got ${args.length}`);
  }
  const compiled = args.map(compileExpression);
  return (scope) =>
    found.call(
      compiled.map((arg) => arg(scope)),
      scope.message,
    );
}

function compileBinary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  switch (operator) {
    case 'AND':
      return logical(left, right, (a, b) => a && b);
    case 'OR':
      return logical(left, right, (a, b) => a || b);
    case '=':
      return (scope) => isEqual(left(scope), right(scope));
    case '<>':
    case '!=':
      return (scope) => {
        const equal = isEqual(left(scope), right(scope));
        return equal === undefined ? undefined : !equal;
      };
    case '+':
      return (scope) => add(left(scope), right(scope));
    case '/':
      return (scope) => divide(left(scope), right(scope));
    default:
      return numeric(left, right, numericOperators[operator]);
  }
}

function logical(left: Evaluate, right: Evaluate, combine: (a: boolean, b: boolean) => boolean): Evaluate {
  return (scope) => {
    const a = toBoolean(left(scope));
    const b = toBoolean(right(scope));
    return a === undefined || b === undefined ? undefined : combine(a, b);
  };
}

const numericOperators: Readonly<Record<'<' | '<=' | '>' | '>=' | '-' | '*' | '%', (a: number, b: number) => unknown>> =
  {
    '<': (a, b) => a < b,
    '<=': (a, b) => a <= b,
    '>': (a, b) => a > b,
    '>=': (a, b) => a >= b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '%': (a, b) => (b === 0 ? undefined : a % b),
  };

function numeric(left: Evaluate, right: Evaluate, operate: (a: number, b: number) => unknown): Evaluate {
  return (scope) => {
    const a = toDecimal(left(scope));
    const b = toDecimal(right(scope));
    return a === undefined || b === undefined ? undefined : operate(a, b);
  };
}

/** Adds numbers; a string on either side makes it a concatenation. */
function add(left: unknown, right: unknown): unknown {
  if (left === undefined || right === undefined) return undefined;
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  return typeof left === 'string' || typeof right === 'string' ? toText(left) + toText(right) : undefined;
}

/**
 * Two Ints give an Int (developer guide, "/ operator"; towards zero is taken from the other languages, it is not said
 * there). In SQL version 2016-03-23 a whole number is an Int however it is written; a string always is a Decimal.
 */
function divide(left: unknown, right: unknown): unknown {
  const [a, b] = [toDecimal(left), toDecimal(right)];
  if (a === undefined || b === undefined || b === 0) return undefined;
  return Number.isInteger(left) && Number.isInteger(right) ? Math.trunc(a / b) : a / b;
}

function compileIn(value: Evaluate, list: Evaluate): Evaluate {
  return (scope) => {
    const items = list(scope);
    if (!Array.isArray(items)) return undefined;
    const wanted = value(scope);
    return items.some((item) => isEqual(wanted, item) === true);
  };
}

function compileCase(expression: Expression & { kind: 'case' }): Evaluate {
  const subject = expression.subject === null ? null : compileExpression(expression.subject);
  const branches = expression.branches.map((b) => ({
    when: compileExpression(b.when),
    result: compileExpression(b.result),
  }));
  const otherwise = expression.otherwise === null ? () => undefined : compileExpression(expression.otherwise);
  return (scope) => {
    const value = subject?.(scope);
    const matches = (when: unknown): boolean =>
      subject === null ? toBoolean(when) === true : isEqual(value, when) === true;
    const branch = branches.find((b) => matches(b.when(scope)));
    return (branch?.result ?? otherwise)(scope);
  };
}

function compileQuery(select: Select): Evaluate {
  if (select.from === null || typeof select.from === 'string')
    throw new SqlProblem('a nested SELECT reads FROM a path');
  const from = compileExpression(select.from);
  const where = select.where === null ? null : compileExpression(select.where);
  const project = compileProjection(select);
  return (scope) => {
    const source = from(scope);
    if (source === undefined) return undefined;
    const rows = Array.isArray(source) ? source : [source];
    return rows
      .map((root) => ({ root, message: scope.message }))
      .filter((row) => where === null || toBoolean(where(row)) === true)
      .map(project);
  };
}

/** The SELECT list: an object of named values, or the bare value of SELECT VALUE. */
export function compileProjection(select: Select): Evaluate {
  if (select.asValue) {
    const [item] = select.items;
    if (select.items.length !== 1 || item === undefined) throw new SqlProblem('SELECT VALUE takes one expression');
    return item.expression === 'star' ? (scope) => scope.root : compileExpression(item.expression);
  }
  const items = select.items.map(compileItem);
  return (scope) => {
    const output: Record<string, unknown> = {};
    for (const assign of items) assign(output, scope);
    return output;
  };
}

function compileItem(item: SelectItem): (output: Record<string, unknown>, scope: Scope) => void {
  if (item.expression === 'star') {
    return (output, scope) => {
      const value = item.alias === null ? scope.root : nest(item.alias, scope.root);
      Object.assign(output, value);
    };
  }
  const evaluate = compileExpression(item.expression);
  const alias = item.alias ?? [nameOf(item.expression)];
  return (output, scope) => {
    const value = evaluate(scope);
    if (value !== undefined) assignPath(output, alias, value);
  };
}

const nest = (path: readonly string[], value: unknown): Record<string, unknown> => {
  const output: Record<string, unknown> = {};
  assignPath(output, path, value);
  return output;
};

function assignPath(output: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let target = output;
  for (const part of path.slice(0, -1)) {
    const next = target[part];
    if (typeof next !== 'object' || next === null) target[part] = {};
    target = target[part] as Record<string, unknown>;
  }
  target[path.at(-1)!] = value;
}

/** A value without an alias is called after its last name, or after the function. */
function nameOf(expression: Expression): string {
  if (expression.kind === 'name' || expression.kind === 'member' || expression.kind === 'call') return expression.name;
  throw new SqlProblem(`give the ${expression.kind} expression in the SELECT list a name with AS`);
}
