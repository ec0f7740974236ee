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

const isValue = (value: unknown): boolean => value !== undefined && value !== null;

/** Conversion to Int rounds down. */
const toInt = (value: unknown): number | undefined => {
  const number = toDecimal(value);
  return number === undefined ? undefined : Math.floor(number);
};

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
  fixed(1, ([arg]) => (isValue(arg) ? operate(toText(arg)) : undefined));

const onTexts = (operate: (text: string, other: string) => unknown): SqlFunction =>
  fixed(2, ([left, right]) => (isValue(left) && isValue(right) ? operate(toText(left), toText(right)) : undefined));

const hash = (algorithm: string): SqlFunction => onText((text) => createHash(algorithm).update(text).digest('hex'));

function topicPart([position]: readonly unknown[], message: RuleMessage): unknown {
  const topic = message.topic;
  if (position === undefined) return topic;
  const index = toDecimal(position);
  return index === undefined ? undefined : topic.split('/')[index - 1];
}

function get([container, key]: readonly unknown[]): unknown {
  if (Array.isArray(container) || typeof container === 'string') return container[toInt(key) ?? -1];
  if (typeof container !== 'object' || container === null || typeof key !== 'string') return undefined;
  return Object.hasOwn(container, key) ? (container as Record<string, unknown>)[key] : undefined;
}

const fromBoolean = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value);
const castToText = (value: unknown): unknown => (isValue(value) ? toText(value) : undefined);
const castToDecimal = (value: unknown): unknown => toDecimal(fromBoolean(value));
const castToInt = (value: unknown): unknown => toInt(fromBoolean(value));
const castToBoolean = (value: unknown): unknown => (typeof value === 'number' ? value !== 0 : toBoolean(value));

const casts: ReadonlyMap<string, (value: unknown) => unknown> = new Map([
  ...['string', 'nvarchar', 'text', 'ntext', 'varchar'].map((type) => [type, castToText] as const),
  ...['decimal', 'double'].map((type) => [type, castToDecimal] as const),
  ...['int', 'integer'].map((type) => [type, castToInt] as const),
  ...['boolean', 'bool'].map((type) => [type, castToBoolean] as const),
]);

export const isCastType = (type: string): boolean => casts.has(type.toLowerCase());

const cast = ([value, type]: readonly unknown[]): unknown => casts.get(toText(type).toLowerCase())?.(value);

/** `*` stands for the whole message; other values for their own text. */
function encode([value, scheme]: readonly unknown[], message: RuleMessage): unknown {
  if (toText(scheme) !== 'base64' || value === undefined) return undefined;
  const bytes = value === '*' ? message.payload : Buffer.from(toText(value));
  return Buffer.from(bytes).toString('base64');
}

/** A JSON document becomes a value again; what is no base64 becomes null. */
function decode([value, scheme]: readonly unknown[]): unknown {
  if (toText(scheme) !== 'base64' || typeof value !== 'string') return undefined;
  if (!/^[\w+/-]*={0,2}$/.test(value)) return null;
  const text = Buffer.from(value, 'base64').toString();
  try {
    return JSON.parse(text);
  } catch {
    return text; // any text may be encoded
  }
}

function substring([text, start, end]: readonly unknown[]): unknown {
  const [from, until] = [toInt(start), toInt(end)];
  if (!isValue(text) || from === undefined || (end !== undefined && until === undefined)) return undefined;
  return until !== undefined && from >= until ? '' : toText(text).substring(from, until);
}

/** Halves go away from zero, as in the guide's examples. */
const round = (x: number): number => Math.sign(x) * Math.round(Math.abs(x));

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
  ['round', onNumber(round)],
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
  ['bitand', onNumbers((x, y) => Math.floor(x) & Math.floor(y))],
  ['bitor', onNumbers((x, y) => Math.floor(x) | Math.floor(y))],
  ['bitxor', onNumbers((x, y) => Math.floor(x) ^ Math.floor(y))],
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
      [text, from, to].every(isValue) ? toText(text).replaceAll(toText(from), toText(to)) : undefined,
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
  ['nanvl', fixed(2, ([value, other]) => (isValue(value) && !Number.isNaN(value) ? value : other))],
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
