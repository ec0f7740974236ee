/**
 * Intrinsic functions in payload templates: `States.Format('{} at {}', $.machineId, $.site)`. The commoner ones; another
 * name stops the start. Source: states-language.net/spec.html, "Intrinsic Functions" and appendix B.
 */
import { randomUUID } from 'node:crypto';
import { StatesError } from './states-error.ts';

type ReadPath = (path: string) => unknown;
type Intrinsic = (args: readonly unknown[]) => unknown;

type Argument =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'call'; readonly call: Call };

interface Call {
  readonly name: string;
  readonly args: readonly Argument[];
}

export const isIntrinsic = (text: string): boolean => text.startsWith('States.');

/** Throws an Error with one sentence on a text that is no call of a known function. */
export function checkIntrinsic(text: string): void {
  parse(text);
}

export function callIntrinsic(text: string, readPath: ReadPath): unknown {
  return evaluate(parse(text), readPath);
}

function evaluate({ name, args }: Call, readPath: ReadPath): unknown {
  const values = args.map((argument) => {
    if (argument.kind === 'value') return argument.value;
    return argument.kind === 'path' ? readPath(argument.path) : evaluate(argument.call, readPath);
  });
  try {
    return functions[name]!(values);
  } catch (error) {
    throw new StatesError('States.IntrinsicFailure', `${name}: ${(error as Error).message}`);
  }
}

/** A quote, a brace or a backslash in a text has a backslash before it; those of braces are Format's to take. */
const token =
  /\s*(?:(States\.\w+)\(|('(?:[^'\\]|\\.)*')|(\$[^\s,()]*)|(-?\d+(?:\.\d+)?|true|false|null)(?![\w.])|([,)]))/y;

function parse(text: string): Call {
  let at = 0;
  const next = (): RegExpExecArray => {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) throw new Error(`"${text}" is no call of an intrinsic function, at character ${at + 1}`);
    at = token.lastIndex;
    return found;
  };
  const readCall = (name: string): Call => {
    if (functions[name] === undefined)
      throw new Error(`${name}: not modelled; modelled are ${Object.keys(functions).join(', ')}`);
    const args: Argument[] = [];
    for (let found = next(); found[5] !== ')' || args.length > 0; found = next()) {
      args.push(readArgument(found));
      if (next()[5] === ')') break;
    }
    return { name, args };
  };
  const readArgument = ([whole, name, quoted, path, literal]: RegExpExecArray): Argument => {
    if (name !== undefined) return { kind: 'call', call: readCall(name) };
    if (quoted !== undefined) return { kind: 'value', value: quoted.slice(1, -1).replace(/\\(['\\])/g, '$1') };
    if (path !== undefined) return { kind: 'path', path };
    if (literal !== undefined) return { kind: 'value', value: JSON.parse(literal) };
    throw new Error(`"${text}" has "${whole.trim()}" in the place of an argument`);
  };
  const call = readCall(next()[1] ?? text);
  if (at !== text.length) throw new Error(`"${text}" goes on behind its end`);
  return call;
}

const asList = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`got ${JSON.stringify(value)}, allowed is a list`);
};
const asNumber = (value: unknown): number => {
  if (typeof value === 'number') return value;
  throw new Error(`got ${JSON.stringify(value)}, allowed is a number`);
};
const asText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  throw new Error(`got ${JSON.stringify(value)}, allowed is a text`);
};
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const functions: Readonly<Record<string, Intrinsic>> = {
  'States.Format': ([template, ...values]) => {
    const places = asText(template).match(/(?<!\\)\{\}/g)?.length ?? 0;
    if (places !== values.length) throw new Error(`got ${values.length} values for ${places} places`);
    const rest = [...values];
    const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
    return asText(template)
      .replace(/(?<!\\)\{\}/g, () => show(rest.shift()))
      .replace(/\\([{}])/g, '$1');
  },
  'States.StringToJson': ([text]) => JSON.parse(asText(text)) as unknown,
  'States.JsonToString': ([value]) => JSON.stringify(value),
  'States.JsonMerge': ([left, right]) => ({ ...(left as object), ...(right as object) }),
  'States.Array': (values) => values,
  'States.ArrayLength': ([list]) => asList(list).length,
  'States.ArrayContains': ([list, value]) => asList(list).some((item) => isSame(item, value)),
  'States.ArrayGetItem': ([list, index]) => {
    const item = asList(list)[asNumber(index)];
    if (item === undefined) throw new Error(`there is no item ${String(index)}`);
    return item;
  },
  'States.MathAdd': ([left, right]) => asNumber(left) + asNumber(right),
  'States.StringSplit': ([text, separators]) =>
    asText(text).split(new RegExp(`[${asText(separators).replace(/[\\\]^-]/g, '\\$&')}]`)),
  'States.UUID': () => randomUUID(),
};
