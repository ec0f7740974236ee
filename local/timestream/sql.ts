import { ServiceError } from '../engine.ts';
import { findDottedNames, findTables, unquote } from './sources.ts';
import { timeLiteral } from './store.ts';

/**
 * Timestream's query language, as far as this application uses it, in DuckDB's words. Functions are listed: one that
 * DuckDB has and Timestream has not must fail here too.
 */
export interface TranslatedQuery {
  readonly sql: string;
  /** `database/table` of everything it reads. */
  readonly tables: readonly string[];
  /** Every `a.b` in it, as `a/b` in small letters: a table among them that is not one of the above is read by stealth. */
  readonly dottedNames: readonly string[];
}

const tokenPattern =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\s+|'(?:[^']|'')*'|"(?:[^"]|"")*"|\d+(?:\.\d+)?(?:ns|us|ms|[smhd])?\b|[A-Za-z_][A-Za-z0-9_]*|<>|!=|<=|>=|\|\||::|[-+*/%=<>(),.[\];]/y;
const intervalPattern = /^(\d+)(ns|us|ms|[smhd])$/;

const intervalUnits: Readonly<Record<string, string>> = {
  us: 'microseconds',
  ms: 'milliseconds',
  s: 'seconds',
  m: 'minutes',
  h: 'hours',
  d: 'days',
};

/** Timestream function name to the DuckDB one that means the same. */
const functions: Readonly<Record<string, string>> = Object.fromEntries([
  ...`abs avg bin ceil coalesce concat count count_if date_diff date_trunc first_value floor from_milliseconds greatest
      if lag last_value lead least length lower max max_by min min_by nullif power rank regexp_like replace round row_number
      sign split_part sqrt stddev stddev_pop substr sum trim upper variance cast try_cast bool_and bool_or`
    .split(/\s+/)
    .map((name) => [name, name]),
  ['ago', 'twin_ago'],
  ['now', 'twin_now'],
  // Whole units gone by, where DuckDB's own of the name counts the borders passed.
  ['date_diff', 'date_sub'],
  ['approx_percentile', 'approx_quantile'],
  ['approx_distinct', 'approx_count_distinct'],
  ['regexp_like', 'regexp_matches'],
  ['to_milliseconds', 'epoch_ms'],
]);

/** Words that stand before a parenthesis and are no function. */
const keywords = new Set(
  'select from where and or not in as on over by union all values with when then else exists between case partition order group having limit filter distinct any join'.split(
    ' ',
  ),
);

export function translateQuery(query: string, nowMs: number): TranslatedQuery {
  const tokens = tokenize(query);
  const first = tokens.find((t) => t.trim() !== '')?.toLowerCase();
  if (first !== 'select' && first !== 'with') refuse(`a query begins with SELECT or WITH, got "${first ?? ''}"`);
  if (tokens.includes(';')) refuse('a query is one statement, without ";"');
  const sql = tokens.map((token, i) => translateToken(token, tokens, i)).join('');
  const solid = tokens.filter((token) => token.trim() !== '');
  return { sql: fillMoment(sql, nowMs), tables: findTables(solid), dottedNames: findDottedNames(solid) };
}

function tokenize(query: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < query.length) {
    const start = tokenPattern.lastIndex;
    const match = tokenPattern.exec(query);
    if (match === null) return refuse(`line 1:${start + 1}: "${query.slice(start, start + 12)}" is not SQL`);
    tokens.push(/^(--|\/\*)/.test(match[0]) ? ' ' : match[0]);
  }
  return tokens;
}

function translateToken(token: string, tokens: readonly string[], i: number): string {
  const interval = intervalPattern.exec(token);
  if (interval !== null) return translateInterval(interval[1]!, interval[2]!);
  // In DuckDB's `E'…'` a quote ends elsewhere than it does here.
  if (/^[a-z]$/i.test(token) && tokens[i + 1]?.startsWith("'")) refuse(`${token}'…': a text has no letter before it`);
  if (!/^[A-Za-z_"]/.test(token) || !isBeforeParenthesis(tokens, i)) return token;
  if (keywords.has(token.toLowerCase())) return token;
  const name = unquote(token).toLowerCase();
  if (!Object.hasOwn(functions, name))
    refuse(`function ${name}() is not modelled, allowed are ${Object.keys(functions).sort().join(', ')}`);
  return functions[name]!;
}

/** A query sees one moment, and the laptop's clock may run faster than the real one: so now is written into it. */
function fillMoment(sql: string, nowMs: number): string {
  const moment = timeLiteral(nowMs);
  return sql.replace(/twin_now\s*\(\s*\)/g, moment).replace(/twin_ago\s*\(/g, `twin_ago(${moment}, `);
}

function translateInterval(count: string, unit: string): string {
  const duckUnit = intervalUnits[unit];
  if (duckUnit === undefined) refuse(`interval ${count}${unit}: nanoseconds are not modelled`);
  return `INTERVAL '${count} ${duckUnit}'`;
}

function isBeforeParenthesis(tokens: readonly string[], i: number): boolean {
  let next = i + 1;
  while (tokens[next]?.trim() === '') next++;
  return tokens[next] === '(';
}

function refuse(message: string): never {
  throw new ServiceError('ValidationException', message);
}
