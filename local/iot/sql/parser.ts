import { isCastType } from './functions.ts';
import { SqlProblem, type Token, tokenize } from './lexer.ts';
import {
  arithmetics,
  type BinaryOperator,
  type CaseBranch,
  comparisons,
  type Expression,
  type Select,
  type SelectItem,
} from './syntax.ts';

const reserved = new Set('SELECT FROM WHERE AS AND OR NOT IN CASE WHEN THEN ELSE END VALUE SET'.split(' '));

/** How tightly each operator binds; NOT stands between AND and the comparisons. */
const precedence: Readonly<Record<string, number>> = {
  OR: 1,
  AND: 2,
  IN: 4,
  ...Object.fromEntries(comparisons.map((c) => [c, 4])),
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
};
const notPrecedence = 3;
const unaryPrecedence = 7;

/** Parses a rule's statement; throws SqlProblem naming the column and what was expected. */
export function parseStatement(sql: string): Select {
  const parser = new Parser(tokenize(sql));
  const select = parser.parseSelect('rule');
  parser.expectEnd();
  return select;
}

/** Parses one expression: the inside of a `${…}` in an action's field. */
export function parseExpression(text: string): Expression {
  const parser = new Parser(tokenize(text));
  const expression = parser.parseOperators(0);
  parser.expectEnd();
  return expression;
}

class Parser {
  private readonly tokens: readonly Token[];
  private index = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  parseSelect(place: 'rule' | 'nested'): Select {
    this.expectWord('SELECT');
    const asValue = this.takeWord('VALUE');
    const items = [this.parseItem()];
    while (this.take(',')) items.push(this.parseItem());
    const from = this.takeWord('FROM') ? this.parseFrom(place) : null;
    if (from === null && place === 'nested') this.fail('FROM');
    const where = this.takeWord('WHERE') ? this.parseOperators(0) : null;
    return { items, asValue, from, where };
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') this.fail('the end of the statement');
  }

  parseOperators(minimum: number): Expression {
    let left = this.parsePrefix();
    for (;;) {
      const operator = this.peekOperator();
      const binding = precedence[operator] ?? 0;
      if (binding === 0 || binding <= minimum) return left;
      this.index++;
      const right = this.parseOperators(binding);
      left =
        operator === 'IN'
          ? { kind: 'in', value: left, list: right }
          : { kind: 'binary', operator: operator as BinaryOperator, left, right };
    }
  }

  private parseItem(): SelectItem {
    const expression = this.take('*') ? 'star' : this.parseOperators(0);
    if (!this.takeWord('AS')) return { expression, alias: null };
    const alias = [this.expectName()];
    while (this.take('.')) alias.push(this.expectName());
    return { expression, alias };
  }

  private parseFrom(place: 'rule' | 'nested'): string | Expression {
    if (place === 'nested') return this.parsePostfix(this.parseAtom());
    const token = this.peek();
    if (token.kind !== 'string') this.fail("a topic filter in quotes, like 'factory/+/telemetry'");
    this.index++;
    return token.text;
  }

  private parsePrefix(): Expression {
    if (this.takeWord('NOT')) return { kind: 'not', operand: this.parseOperators(notPrecedence) };
    if (this.take('-')) return { kind: 'negate', operand: this.parseOperators(unaryPrecedence) };
    return this.parsePostfix(this.parseAtom());
  }

  private parsePostfix(start: Expression): Expression {
    let expression = start;
    while (this.take('.')) expression = { kind: 'member', object: expression, name: this.expectName() };
    return expression;
  }

  private parseAtom(): Expression {
    const token = this.peek();
    if (token.kind === 'number') return this.advance({ kind: 'literal', value: Number(token.text) });
    if (token.kind === 'string') return this.advance({ kind: 'literal', value: token.text });
    if (token.kind === 'word') return this.parseWord(token);
    if (this.take('(')) return this.parseParenthesis();
    if (this.take('[')) return { kind: 'array', items: this.parseList(']') };
    if (this.take('{')) return this.parseObject();
    return this.fail('an expression');
  }

  private parseWord(token: Token): Expression {
    const upper = token.text.toUpperCase();
    if (upper === 'CASE') return this.parseCase();
    if (upper === 'TRUE' || upper === 'FALSE') return this.advance({ kind: 'literal', value: upper === 'TRUE' });
    if (upper === 'NULL') return this.advance({ kind: 'literal', value: null });
    if (upper === 'UNDEFINED') return this.advance({ kind: 'literal', value: undefined });
    if (reserved.has(upper)) this.fail('an expression');
    this.index++;
    if (!this.take('(')) return { kind: 'name', name: token.text };
    if (upper === 'CAST') return this.parseCast(token.column);
    return { kind: 'call', name: token.text.toLowerCase(), args: this.parseList(')'), column: token.column };
  }

  /** `cast(value as Int)` */
  private parseCast(column: number): Expression {
    const value = this.parseOperators(0);
    this.expectWord('AS');
    const type = this.expectName();
    if (!isCastType(type)) throw new SqlProblem(`column ${column}: cast() knows no type ${type}`);
    this.expect(')');
    return { kind: 'call', name: 'cast', args: [value, { kind: 'literal', value: type }], column };
  }

  /** A parenthesis, a nested query, or a list of values after IN. */
  private parseParenthesis(): Expression {
    if (this.peekWord('SELECT')) {
      const select = this.parseSelect('nested');
      this.expect(')');
      return { kind: 'query', select };
    }
    const items = this.parseList(')');
    return items.length === 1 ? items[0]! : { kind: 'array', items };
  }

  private parseList(close: string): Expression[] {
    if (this.take(close)) return [];
    const items = [this.parseOperators(0)];
    while (this.take(',')) items.push(this.parseOperators(0));
    this.expect(close);
    return items;
  }

  private parseObject(): Expression {
    const entries: { key: string; value: Expression }[] = [];
    if (this.take('}')) return { kind: 'object', entries };
    do {
      const token = this.peek();
      if (token.kind !== 'string') this.fail('a key in quotes');
      this.index++;
      this.expect(':');
      entries.push({ key: token.text, value: this.parseOperators(0) });
    } while (this.take(','));
    this.expect('}');
    return { kind: 'object', entries };
  }

  private parseCase(): Expression {
    this.expectWord('CASE');
    const subject = this.peekWord('WHEN') ? null : this.parseOperators(0);
    const branches: CaseBranch[] = [];
    while (this.takeWord('WHEN')) {
      const when = this.parseOperators(0);
      this.expectWord('THEN');
      branches.push({ when, result: this.parseOperators(0) });
    }
    if (branches.length === 0) this.fail('WHEN');
    const otherwise = this.takeWord('ELSE') ? this.parseOperators(0) : null;
    this.expectWord('END');
    return { kind: 'case', subject, branches, otherwise };
  }

  private peekOperator(): string {
    const token = this.peek();
    if (token.kind === 'symbol') return isOperatorSymbol(token.text) ? token.text : '';
    return token.kind === 'word' ? token.text.toUpperCase() : '';
  }

  private peek(): Token {
    return this.tokens[this.index]!;
  }

  private advance(expression: Expression): Expression {
    this.index++;
    return expression;
  }

  private peekWord(word: string): boolean {
    const token = this.peek();
    return token.kind === 'word' && token.text.toUpperCase() === word;
  }

  private takeWord(word: string): boolean {
    const found = this.peekWord(word);
    if (found) this.index++;
    return found;
  }

  private expectWord(word: string): void {
    if (!this.takeWord(word)) this.fail(word);
  }

  private take(symbol: string): boolean {
    const token = this.peek();
    const found = token.kind === 'symbol' && token.text === symbol;
    if (found) this.index++;
    return found;
  }

  private expect(symbol: string): void {
    if (!this.take(symbol)) this.fail(`"${symbol}"`);
  }

  private expectName(): string {
    const token = this.peek();
    if (token.kind !== 'word' && token.kind !== 'string') this.fail('a name');
    this.index++;
    return token.text;
  }

  private fail(expected: string): never {
    const token = this.peek();
    const got = token.kind === 'end' ? 'the end' : `"${token.text}"`;
    throw new SqlProblem(`column ${token.column}: expected ${expected}, got ${got}`);
  }
}

const isOperatorSymbol = (text: string): boolean =>
  (comparisons as readonly string[]).includes(text) || (arithmetics as readonly string[]).includes(text);
