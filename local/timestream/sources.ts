import { ServiceError } from '../engine.ts';

/** Words that end a FROM clause, or begin what stands in parentheses instead of a table. */
const clauses = new Set(
  'select with values where group having order limit offset fetch union intersect except window qualify'.split(' '),
);

export const unquote = (token: string): string =>
  token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : token;

/** `database/table` of what stands after FROM and JOIN and the commas between; the tokens are without space and comments. */
export function findTables(tokens: readonly string[]): string[] {
  const expressions = findCommonExpressions(tokens);
  const found = new Set<string>();
  const outer: boolean[] = [];
  let isInFrom = false;
  let isTableNext = false;
  for (const [i, token] of tokens.entries()) {
    const word = token.toLowerCase();
    if (token === '(') {
      outer.push(isInFrom);
      isInFrom = isTableNext;
    } else if (token === ')') {
      isInFrom = outer.pop() ?? false;
      isTableNext = false;
    } else if (word === 'join' || (word === 'from' && !isComparison(tokens, i))) {
      isInFrom = true;
      isTableNext = true;
    } else if (token === ',') isTableNext = isInFrom;
    else if (clauses.has(word)) {
      isInFrom = false;
      isTableNext = false;
    } else if (isTableNext) {
      isTableNext = false;
      const parts = readParts(tokens, i);
      if (parts.length === 2) found.add(parts.join('/'));
      else if (parts.length > 2 || !expressions.has(parts[0]!.toLowerCase()))
        throw new ServiceError('ValidationException', `table ${parts.join('.')}: a table is named "database"."table"`);
    }
  }
  return [...found];
}

/** Every `a.b` of the query as `a/b` in small letters, a table or not. */
export const findDottedNames = (tokens: readonly string[]): string[] =>
  tokens.flatMap((token, i) =>
    token === '.' ? [`${unquote(tokens[i - 1] ?? '')}/${unquote(tokens[i + 1] ?? '')}`.toLowerCase()] : [],
  );

/** `x AS (…)` */
const findCommonExpressions = (tokens: readonly string[]): ReadonlySet<string> =>
  new Set(
    tokens.flatMap((token, i) =>
      tokens[i + 1]?.toLowerCase() === 'as' && tokens[i + 2] === '(' ? [unquote(token).toLowerCase()] : [],
    ),
  );

/** `a IS DISTINCT FROM b` */
const isComparison = (tokens: readonly string[], i: number): boolean =>
  tokens[i - 1]?.toLowerCase() === 'distinct' && /^(is|not)$/i.test(tokens[i - 2] ?? '');

function readParts(tokens: readonly string[], i: number): string[] {
  const parts = [unquote(tokens[i]!)];
  for (let at = i + 1; tokens[at] === '.'; at += 2) parts.push(unquote(tokens[at + 1] ?? ''));
  return parts;
}
