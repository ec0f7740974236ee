/**
 * The part of jq that picks partition keys out of a record: an object of alternatives between paths and texts,
 * `{machine_type: (.machine_type // .samples[0].machine_type // "unknown")}`. Anything else is refused at the start.
 */
import type { Json } from '../engine.ts';

export type PickKeys = (record: unknown) => Readonly<Record<string, unknown>>;

type Pick = (record: unknown) => unknown;

const tokenPattern = /\s*(\/\/|[{}():,]|"(?:[^"\\]|\\.)*"|(?:\.[A-Za-z_]\w*|\.?\[\d+\])+|[A-Za-z_]\w*)/y;

export function compileQuery(query: string): PickKeys {
  const tokens = tokenize(query);
  const refuse = (token: string | undefined): Error =>
    new Error(
      `MetadataExtractionQuery: "${query}" at ${token === undefined ? 'its end' : `"${token}"`} is not modelled here`,
    );
  const expect = (wanted: string): void => {
    const token = tokens.shift();
    if (token !== wanted) throw refuse(token);
  };
  const atom = (): Pick => {
    const token = tokens.shift();
    if (token === '(') {
      const inside = alternatives();
      expect(')');
      return inside;
    }
    if (token?.startsWith('"')) {
      const text: unknown = JSON.parse(token);
      return () => text;
    }
    if (token?.startsWith('.')) return compilePath(token);
    throw refuse(token);
  };
  /** `a // b` is b where a is null, false or absent. */
  const alternatives = (): Pick => {
    const picks = [atom()];
    while (tokens[0] === '//') {
      tokens.shift();
      picks.push(atom());
    }
    return (record) => {
      const values = picks.map((pick) => pick(record));
      return values.find((value) => value !== null && value !== undefined && value !== false) ?? null;
    };
  };
  const fields: [string, Pick][] = [];
  expect('{');
  do {
    const name = tokens.shift();
    if (name === undefined || !/^[A-Za-z_]/.test(name)) throw refuse(name);
    expect(':');
    fields.push([name, alternatives()]);
  } while (tokens[0] === ',' && tokens.shift() !== undefined);
  expect('}');
  if (tokens.length > 0) throw refuse(tokens[0]);
  return (record) => Object.fromEntries(fields.map(([name, pick]) => [name, pick(record)]));
}

function tokenize(query: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (query.slice(tokenPattern.lastIndex).trim() !== '') {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(query);
    if (match === null)
      throw new Error(`MetadataExtractionQuery: "${query}" at "${query.slice(at)}" is not modelled here`);
    tokens.push(match[1]!);
  }
  return tokens;
}

function compilePath(path: string): Pick {
  const parts = path.split(/[.[\]]+/).filter((part) => part !== '');
  return (record) => {
    let value = record;
    for (const part of parts) {
      if (typeof value !== 'object' || value === null) return null;
      value = (value as Json)[part];
    }
    return value;
  };
}
