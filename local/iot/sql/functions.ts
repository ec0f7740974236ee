import { createHash, randomUUID } from 'node:crypto';
import { toBoolean, toDecimal, toText } from './conversion.ts';
import type { RuleMessage } from './message.ts';

/** A function of the rule SQL. Wrong argument types give Undefined, as the developer guide says. */
export interface SqlFunction {
  readonly arity: readonly [least: number, most: number];
  readonly call: (args: readonly unknown[], message: RuleMessage) => unknown;
}

export const findFunction = (name: string): SqlFunction | undefined => functions.get(name);

const fixed = (count: number, call: SqlFunction['call']): SqlFunction => ({ arity: [count, count], call });

const onNumber = (operate: (x: number) => number): SqlFunction =>
  fixed(1, ([arg]) => {
    const value = toDecimal(arg);
    const result = value === undefined ? Number.NaN : operate(value);
    return Number.isFinite(result) ? result : undefined;
  });

const onNumbers = (operate: (x: number, y: number) => number): SqlFunction =>
  fixed(2, ([left, right]) => {
    const x = toDecimal(left);
    const y = toDecimal(right);
    const result = x === undefined || y === undefined ? Number.NaN : operate(x, y);
    return Number.isFinite(result) ? result : undefined;
  });

const onText = (operate: (text: string) => unknown): SqlFunction =>
  fixed(1, ([arg]) => (arg === undefined || arg === null ? undefined : operate(toText(arg))));

const onTexts = (operate: (text: string, other: string) => unknown): SqlFunction =>
  fixed(2, ([left, right]) =>
    left === undefined || right === undefined ? undefined : operate(toText(left), toText(right)),
  );

const hash = (algorithm: string): SqlFunction => onText((text) => createHash(algorithm).update(text).digest('hex'));

function topicPart([position]: readonly unknown[], message: RuleMessage): unknown {
  const topic = message.topic;
  if (position === undefined) return topic;
  const index = toDecimal(position);
  return index === undefined ? undefined : topic.split('/')[index - 1];
}

function get([container, key]: readonly unknown[]): unknown {
  if (Array.isArray(container)) return typeof key === 'number' ? container[key] : undefined;
  if (typeof container === 'string') return typeof key === 'number' ? container[key] : undefined;
  if (typeof container !== 'object' || container === null) return undefined;
  const name = toText(key);
  return Object.hasOwn(container, name) ? (container as Record<string, unknown>)[name] : undefined;
}

function cast([value, type]: readonly unknown[]): unknown {
  switch (toText(type).toLowerCase()) {
    case 'string':
      return value === undefined ? undefined : toText(value);
    case 'decimal':
      return typeof value === 'boolean' ? Number(value) : toDecimal(value);
    case 'int': {
      const number = typeof value === 'boolean' ? Number(value) : toDecimal(value);
      return number === undefined ? undefined : Math.trunc(number);
    }
    case 'boolean':
    case 'bool':
      return typeof value === 'number' ? value !== 0 : toBoolean(value);
    default:
      return undefined;
  }
}

/** `*` stands for the whole message; other values for their own text. */
function encode([value, scheme]: readonly unknown[], message: RuleMessage): unknown {
  if (toText(scheme) !== 'base64' || value === undefined) return undefined;
  const bytes = value === '*' ? message.payload : Buffer.from(toText(value));
  return Buffer.from(bytes).toString('base64');
}

function decode([value, scheme]: readonly unknown[]): unknown {
  return toText(scheme) === 'base64' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : undefined;
}

function substring([text, start, end]: readonly unknown[]): unknown {
  const from = toDecimal(start);
  if (text === undefined || from === undefined) return undefined;
  return toText(text).substring(from, toDecimal(end) ?? undefined);
}

function matchText(text: string, pattern: string): RegExpExecArray | null | undefined {
  try {
    return new RegExp(pattern).exec(text);
  } catch {
    return undefined; // the pattern comes with the message: a wrong one is Undefined, like any wrong argument
  }
}

const functions: ReadonlyMap<string, SqlFunction> = new Map<string, SqlFunction>([
  ['topic', { arity: [0, 1], call: topicPart }],
  ['timestamp', fixed(0, (_, message) => message.receivedAtMs)],
  ['clientid', fixed(0, (_, message) => message.clientId)],
  ['principal', { arity: [0, 1], call: (_, message) => message.principal }],
  ['accountid', fixed(0, (_, message) => message.accountId)],
  ['newuuid', fixed(0, () => randomUUID())],
  ['traceid', fixed(0, () => randomUUID())],
  ['abs', onNumber(Math.abs)],
  ['ceil', onNumber(Math.ceil)],
  ['floor', onNumber(Math.floor)],
  ['round', onNumber(Math.round)],
  ['sqrt', onNumber(Math.sqrt)],
  ['sign', onNumber(Math.sign)],
  ['exp', onNumber(Math.exp)],
  ['ln', onNumber(Math.log)],
  ['log', onNumber(Math.log10)],
  ['sin', onNumber(Math.sin)],
  ['cos', onNumber(Math.cos)],
  ['tan', onNumber(Math.tan)],
  ['mod', onNumbers((x, y) => x % y)],
  ['power', onNumbers((x, y) => x ** y)],
  ['bitand', onNumbers((x, y) => x & y)],
  ['bitor', onNumbers((x, y) => x | y)],
  ['bitxor', onNumbers((x, y) => x ^ y)],
  ['trunc', onNumbers((x, places) => Math.trunc(x * 10 ** places) / 10 ** places)],
  ['lower', onText((text) => text.toLowerCase())],
  ['upper', onText((text) => text.toUpperCase())],
  ['length', onText((text) => text.length)],
  ['trim', onText((text) => text.trim())],
  ['ltrim', onText((text) => text.trimStart())],
  ['rtrim', onText((text) => text.trimEnd())],
  ['numbytes', onText((text) => Buffer.byteLength(text))],
  ['startswith', onTexts((text, start) => text.startsWith(start))],
  ['endswith', onTexts((text, end) => text.endsWith(end))],
  ['indexof', onTexts((text, part) => text.indexOf(part))],
  ['concat', { arity: [1, 100], call: concat }],
  ['substring', { arity: [2, 3], call: substring }],
  [
    'replace',
    fixed(3, ([text, from, to]) =>
      text === undefined ? undefined : toText(text).replaceAll(toText(from), toText(to)),
    ),
  ],
  ['regexp_matches', onTexts((text, pattern) => matchOrUndefined(text, pattern, (match) => match !== null))],
  ['regexp_substr', onTexts((text, pattern) => matchOrUndefined(text, pattern, (match) => match?.[0]))],
  ['md5', hash('md5')],
  ['sha1', hash('sha1')],
  ['sha256', hash('sha256')],
  ['sha512', hash('sha512')],
  ['get', fixed(2, get)],
  ['cast', fixed(2, cast)],
  ['encode', fixed(2, encode)],
  ['decode', fixed(2, decode)],
  ['isnull', fixed(1, ([value]) => value === null)],
  ['isundefined', fixed(1, ([value]) => value === undefined)],
  ['nanvl', fixed(2, ([value, other]) => toDecimal(value) ?? other)],
]);

/** Arrays join into an array; anything else into text. */
function concat(args: readonly unknown[]): unknown {
  if (args.some((arg) => arg === undefined)) return undefined;
  if (args.some(Array.isArray)) return args.flat(1);
  return args.map(toText).join('');
}

function matchOrUndefined(text: string, pattern: string, read: (match: RegExpExecArray | null) => unknown): unknown {
  const match = matchText(text, pattern);
  return match === undefined ? undefined : read(match);
}
