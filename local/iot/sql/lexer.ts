/** Words of the AWS IoT rule SQL (version 2016-03-23), each with the column it begins at. */
export type TokenKind = 'word' | 'number' | 'string' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Words keep their spelling; strings are without quotes. */
  readonly text: string;
  readonly column: number;
}

export class SqlProblem extends Error {}

const pattern =
  /\s*(?:([A-Za-z_$][A-Za-z0-9_$]*)|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|(<>|!=|<=|>=|[-+*/%=<>(),.[\]{}:]))/y;

export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  for (;;) {
    const start = pattern.lastIndex;
    const match = pattern.exec(sql);
    if (match === null) {
      const rest = sql.slice(start).trimStart();
      const column = sql.length - rest.length + 1;
      if (rest !== '') throw new SqlProblem(`column ${column}: "${rest.slice(0, 12)}" is not SQL`);
      tokens.push({ kind: 'end', text: '', column });
      return tokens;
    }
    tokens.push(toToken(match, pattern.lastIndex));
  }
}

function toToken(match: RegExpExecArray, end: number): Token {
  const [whole, word, number, single, double, symbol] = match;
  const column = end - whole.trimStart().length + 1;
  if (word !== undefined) return { kind: 'word', text: word, column };
  if (number !== undefined) return { kind: 'number', text: number, column };
  if (symbol !== undefined) return { kind: 'symbol', text: symbol, column };
  const text = single !== undefined ? single.replaceAll("''", "'") : double!.replaceAll('""', '"');
  return { kind: 'string', text, column };
}
