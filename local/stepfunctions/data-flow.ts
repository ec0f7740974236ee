/** How data goes in and out of a state: paths, payload templates and where a result is put. */
export class StatesError extends Error {
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** `$.a.b` of the input, `$$.Task.Token` of the context; a path that leads nowhere is a runtime error. */
export function readPath(path: string, input: unknown, context: Fields = {}): unknown {
  const isOfContext = path.startsWith('$$');
  let value: unknown = isOfContext ? context : input;
  for (const part of path
    .replace(/^\$+/, '')
    .split(/[.[\]]+/)
    .filter((p) => p !== '')) {
    if (typeof value !== 'object' || value === null || !(part in value)) {
      throw new StatesError(
        'States.Runtime',
        `The path "${path}" leads to nothing in ${JSON.stringify(input).slice(0, 200)}`,
      );
    }
    value = (value as Fields)[part];
  }
  return value;
}

/** A field whose name ends in `.$` takes its value from a path. */
export function fillTemplate(template: unknown, input: unknown, context: Fields): unknown {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, input, context));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith('.$')
        ? [name.slice(0, -2), readPath(String(value), input, context)]
        : [name, fillTemplate(value, input, context)],
    ),
  );
}

export function putResult(resultPath: string | null, input: unknown, result: unknown): unknown {
  if (resultPath === null) return input;
  const parts = resultPath.split('.').slice(1);
  return parts.length === 0 ? result : putAt(input, parts, result);
}

function putAt(target: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  const fields = typeof target === 'object' && target !== null ? (target as Fields) : {};
  return { ...fields, [first!]: rest.length === 0 ? value : putAt(fields[first!], rest, value) };
}
