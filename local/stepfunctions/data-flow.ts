/** How data goes in and out of a state: paths, payload templates and where a result is put. */
import { callIntrinsic, isIntrinsic } from './intrinsic-functions.ts';
import { StatesError } from './states-error.ts';

type Fields = Readonly<Record<string, unknown>>;

/** `$.a.b`, `$.list[0]` or `$['a b']` of the input, `$$.Task.Token` of the context. */
export const pathPattern = /^\$\$?(\.[A-Za-z_][\w-]*|\[\d+\]|\['[^']+'\])*$/;

const partsOf = (path: string): string[] =>
  [...path.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(
    ([, field, index, quoted]) => field ?? index ?? quoted!,
  );

/** Undefined where the path leads to nothing. */
export function findAt(path: string, input: unknown, context: Fields): unknown {
  let value: unknown = path.startsWith('$$') ? context : input;
  for (const part of partsOf(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Fields)[part];
  }
  return value;
}

export function readPath(path: string, input: unknown, context: Fields): unknown {
  const value = findAt(path, input, context);
  if (value !== undefined) return value;
  const text = JSON.stringify(input).slice(0, 200);
  throw new StatesError('States.ParameterPathFailure', `The path "${path}" leads to nothing in ${text}`);
}

/** Of InputPath and OutputPath: null stands for an empty object. */
export const readWhole = (path: string | null, input: unknown, context: Fields): unknown =>
  path === null ? {} : readPath(path, input, context);

/** A field whose name ends in `.$` takes its value from a path or an intrinsic function. */
export function fillTemplate(template: unknown, input: unknown, context: Fields): unknown {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, input, context));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith('.$')
        ? [name.slice(0, -2), readValue(String(value), input, context)]
        : [name, fillTemplate(value, input, context)],
    ),
  );
}

const readValue = (text: string, input: unknown, context: Fields): unknown =>
  isIntrinsic(text) ? callIntrinsic(text, (path) => readPath(path, input, context)) : readPath(text, input, context);

/** Onto the state's input as it came; null throws the result away. */
export function putResult(resultPath: string | null, input: unknown, result: unknown): unknown {
  return resultPath === null ? input : putAt(input, partsOf(resultPath), result);
}

function putAt(target: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value;
  if (target !== undefined && (typeof target !== 'object' || target === null || Array.isArray(target))) {
    throw new StatesError('States.ResultPathMatchFailure', `a result at "${first}" does not fit into the input`);
  }
  const fields = (target ?? {}) as Fields;
  return { ...fields, [first]: putAt(fields[first], rest, value) };
}
