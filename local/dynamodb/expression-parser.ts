/**
 * DynamoDB's expressions as trees. Source: DynamoDB developer guide, "Condition and filter expressions, operators, and
 * functions" and "Update expressions". Placeholders are resolved while parsing, so an undefined or unused one is found.
 */
import type { ServiceError } from '../engine.ts';
import { invalid } from './invalid.ts';
import { isReservedWord } from './reserved-words.ts';
import type { AttributeValue } from './values.ts';

export type Path = readonly (string | number)[];

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'size'; readonly path: Path }
  | { readonly kind: 'if_not_exists'; readonly path: Path; readonly otherwise: Operand }
  | { readonly kind: 'list_append'; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'add' | 'subtract'; readonly left: Operand; readonly right: Operand };

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly value: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly value: Operand; readonly list: readonly Operand[] }
  | { readonly kind: 'call'; readonly name: string; readonly path: Path; readonly argument: Operand | null };

export interface Update {
  readonly set: readonly { readonly path: Path; readonly value: Operand }[];
  readonly remove: readonly Path[];
  readonly add: readonly { readonly path: Path; readonly value: AttributeValue }[];
  readonly delete: readonly { readonly path: Path; readonly value: AttributeValue }[];
}

export interface Placeholders {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
  /** Filled while parsing: an unused placeholder is an error on AWS. */
  readonly used: Set<string>;
}

const tokenPattern = /\s*(:\w+|#\w+|[A-Za-z_]\w*|\d+|<>|<=|>=|[=<>(),.[\]+-])/y;
const comparators = new Set(['=', '<>', '<', '<=', '>', '>=']);
const conditionFunctions = new Set([
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
]);

export const parseCondition = (text: string, placeholders: Placeholders): Condition =>
  new Parser(text, placeholders).wholeCondition();

export const parseUpdate = (text: string, placeholders: Placeholders): Update =>
  new Parser(text, placeholders).wholeUpdate();

export const parseProjection = (text: string, placeholders: Placeholders): Path[] =>
  new Parser(text, placeholders).wholeProjection();

class Parser {
  readonly #text: string;
  readonly #tokens: string[] = [];
  readonly #placeholders: Placeholders;
  #at = 0;

  constructor(text: string, placeholders: Placeholders) {
    this.#text = text;
    this.#placeholders = placeholders;
    tokenPattern.lastIndex = 0;
    while (text.slice(tokenPattern.lastIndex).trim() !== '') {
      const start = tokenPattern.lastIndex;
      const match = tokenPattern.exec(text);
      if (match === null) throw invalid(`syntax error in "${text}" at "${text.slice(start).trim().slice(0, 20)}"`);
      this.#tokens.push(match[1]!);
    }
  }

  wholeCondition(): Condition {
    const condition = this.#or();
    this.#expectEnd();
    return condition;
  }

  wholeProjection(): Path[] {
    const paths = this.#list(() => this.#path());
    this.#expectEnd();
    return paths;
  }

  wholeUpdate(): Update {
    const set: Update['set'][number][] = [];
    const remove: Path[] = [];
    const add: Update['add'][number][] = [];
    const deleted: Update['delete'][number][] = [];
    while (this.#at < this.#tokens.length) {
      const clause = this.#take().toUpperCase();
      if (clause === 'SET') set.push(...this.#list(() => ({ path: this.#assigned(), value: this.#sum() })));
      else if (clause === 'REMOVE') remove.push(...this.#list(() => this.#path()));
      else if (clause === 'ADD') add.push(...this.#list(() => ({ path: this.#path(), value: this.#value() })));
      else if (clause === 'DELETE') deleted.push(...this.#list(() => ({ path: this.#path(), value: this.#value() })));
      else throw this.#unexpected(clause);
    }
    return { set, remove, add, delete: deleted };
  }

  #or(): Condition {
    let left = this.#and();
    while (this.#skipWord('OR')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Condition {
    let left = this.#not();
    while (this.#skipWord('AND')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Condition {
    if (this.#skipWord('NOT')) return { kind: 'not', condition: this.#not() };
    if (this.#skip('(')) {
      const condition = this.#or();
      this.#expect(')');
      return condition;
    }
    const name = this.#peek() ?? '';
    return conditionFunctions.has(name) ? this.#call() : this.#comparison();
  }

  #call(): Condition {
    const name = this.#take();
    this.#expect('(');
    const path = this.#path();
    const argument = this.#skip(',') ? this.#operand() : null;
    this.#expect(')');
    return { kind: 'call', name, path, argument };
  }

  #comparison(): Condition {
    const left = this.#operand();
    if (this.#skipWord('BETWEEN')) {
      const low = this.#operand();
      if (!this.#skipWord('AND')) throw this.#unexpected(this.#peek());
      return { kind: 'between', value: left, low, high: this.#operand() };
    }
    if (this.#skipWord('IN')) {
      this.#expect('(');
      const list = this.#list(() => this.#operand());
      this.#expect(')');
      return { kind: 'in', value: left, list };
    }
    const operator = this.#take();
    if (!comparators.has(operator)) throw this.#unexpected(operator);
    return { kind: 'compare', operator, left, right: this.#operand() };
  }

  #sum(): Operand {
    const left = this.#operand();
    if (this.#skip('+')) return { kind: 'add', left, right: this.#operand() };
    if (this.#skip('-')) return { kind: 'subtract', left, right: this.#operand() };
    return left;
  }

  #operand(): Operand {
    const token = this.#peek() ?? '';
    if (token.startsWith(':')) return { kind: 'value', value: this.#value() };
    if (this.#tokens[this.#at + 1] !== '(') return { kind: 'path', path: this.#path() };
    this.#at += 2;
    const operand = this.#operandCall(token);
    this.#expect(')');
    return operand;
  }

  #operandCall(name: string): Operand {
    if (name === 'size') return { kind: 'size', path: this.#path() };
    if (name === 'if_not_exists') {
      const path = this.#path();
      this.#expect(',');
      return { kind: 'if_not_exists', path, otherwise: this.#operand() };
    }
    if (name === 'list_append') {
      const left = this.#operand();
      this.#expect(',');
      return { kind: 'list_append', left, right: this.#operand() };
    }
    throw invalid(`function ${name} in "${this.#text}" is not known`);
  }

  #assigned(): Path {
    const path = this.#path();
    this.#expect('=');
    return path;
  }

  #path(): Path {
    const path: (string | number)[] = [this.#name()];
    for (;;) {
      if (this.#skip('.')) path.push(this.#name());
      else if (this.#skip('[')) {
        path.push(Number(this.#take()));
        this.#expect(']');
      } else return path;
    }
  }

  #name(): string {
    const token = this.#take();
    if (token.startsWith('#')) return this.#lookUp(this.#placeholders.names, token, 'name');
    if (!/^[A-Za-z_]/.test(token)) throw this.#unexpected(token);
    if (isReservedWord(token)) throw invalid(`"${token}" in "${this.#text}" is a reserved keyword: use a #placeholder`);
    return token;
  }

  #value(): AttributeValue {
    return this.#lookUp(this.#placeholders.values, this.#take(), 'value');
  }

  #lookUp<T>(table: Readonly<Record<string, T>>, token: string, what: string): T {
    const found = table[token];
    if (found === undefined) throw invalid(`attribute ${what} ${token} used in "${this.#text}" is not defined`);
    this.#placeholders.used.add(token);
    return found;
  }

  #list<T>(parse: () => T): T[] {
    const items = [parse()];
    while (this.#skip(',')) items.push(parse());
    return items;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#unexpected(undefined);
    return token;
  }

  #skip(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at += 1;
    return true;
  }

  #skipWord(word: string): boolean {
    return this.#peek()?.toUpperCase() === word && this.#skip(this.#peek()!);
  }

  #expect(token: string): void {
    if (!this.#skip(token)) throw this.#unexpected(this.#peek());
  }

  #expectEnd(): void {
    if (this.#peek() !== undefined) throw this.#unexpected(this.#peek());
  }

  #unexpected(token: string | undefined): ServiceError {
    return invalid(`syntax error in "${this.#text}" at ${token === undefined ? 'its end' : `"${token}"`}`);
  }
}
