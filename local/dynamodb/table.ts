import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { invalid } from './invalid.ts';
import { readNumber } from './numbers.ts';
import { type AttributeValue, type Item, toStored, typeOf, withCanonicalNumbers } from './values.ts';

export interface KeySchema {
  readonly hash: string;
  readonly range: string | null;
}

export interface TableDefinition {
  readonly name: string;
  readonly arn: string;
  readonly key: KeySchema;
  readonly attributeTypes: Readonly<Record<string, string>>;
  readonly indexes: Readonly<Record<string, KeySchema>>;
  readonly ttlAttribute: string | null;
}

interface Listing {
  /** Null for the whole table. */
  readonly hash: AttributeValue | null;
  readonly forward: boolean;
  readonly after?: Item | undefined;
}

const maxItemBytes = 400 * 1024;

/** A table's items as JSON in one SQLite table; each key schema has an index on its attributes inside the JSON. */
export class DynamoTable {
  readonly definition: TableDefinition;
  readonly #database: DatabaseSync;
  readonly #sqlName: string;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync, definition: TableDefinition) {
    this.definition = definition;
    this.#database = database;
    this.#sqlName = `"${definition.name}"`;
    const name = this.#sqlName;
    database.exec(`CREATE TABLE IF NOT EXISTS ${name} (key TEXT PRIMARY KEY, item TEXT)`);
    for (const [index, schema] of [['', definition.key] as const, ...Object.entries(definition.indexes)]) {
      if (this.#isWholeKey(schema)) continue;
      const columns = [schema.hash, ...(schema.range === null ? [] : [schema.range])].map((a) => this.#column(a));
      database.exec(`CREATE INDEX IF NOT EXISTS "${definition.name}/${index}" ON ${name} (${columns.join(', ')})`);
    }
    this.#get = database.prepare(`SELECT item FROM ${name} WHERE key = ?`);
    this.#put = database.prepare(`INSERT OR REPLACE INTO ${name} VALUES (?, ?)`);
    this.#remove = database.prepare(`DELETE FROM ${name} WHERE key = ?`);
  }

  count(): number {
    return Number(this.#database.prepare(`SELECT count(*) AS items FROM ${this.#sqlName}`).get()!.items);
  }

  get(key: Item): Item | undefined {
    const row = this.#get.get(this.#keyOf(key)) as { item: string } | undefined;
    return row === undefined ? undefined : (JSON.parse(row.item) as Item);
  }

  /** Gives the item as it is stored. */
  put(given: Item): Item {
    const { value: item, text } = toStored(given);
    if (text.length > maxItemBytes)
      throw invalid(`Item size has exceeded the maximum allowed size: ${text.length} bytes`);
    for (const name of Object.keys(this.definition.attributeTypes))
      if (item[name] !== undefined) this.#keyValue(item, name);
    this.#put.run(this.#keyOf(item), text);
    return item;
  }

  remove(key: Item): void {
    this.#remove.run(this.#keyOf(key));
  }

  /** Items under a hash key in the order of the range key, or all items; `after` is a place in that order, its item gone or not. */
  *list(schema: KeySchema, { hash, forward, after }: Listing): Iterable<Item> {
    if (hash !== null && this.#isWholeKey(schema)) {
      const item = after === undefined ? this.get({ [schema.hash]: hash }) : undefined;
      if (item !== undefined) yield item;
      return;
    }
    const by = hash === null || schema.range === null ? [] : [schema.range];
    const columns = [...by.map((name) => this.#column(name)), 'key'];
    const conditions: string[] = [];
    const values: (string | number)[] = [];
    if (hash !== null) {
      conditions.push(`${this.#column(schema.hash)} = ?`);
      values.push(sqlValue(hash));
    } else if (schema !== this.definition.key) conditions.push(`${this.#column(schema.hash)} IS NOT NULL`);
    if (after !== undefined) {
      conditions.push(`(${columns.join(', ')}) ${forward ? '>' : '<'} (${columns.map(() => '?').join(', ')})`);
      values.push(...by.map((name) => sqlValue(this.#keyValue(after, name))), this.#keyOf(after));
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const order = columns.map((column) => `${column}${forward ? '' : ' DESC'}`).join(', ');
    const rows = this.#database.prepare(`SELECT item FROM ${this.#sqlName} ${where} ORDER BY ${order}`);
    for (const row of rows.iterate(...values)) yield JSON.parse((row as { item: string }).item) as Item;
  }

  expire(nowS: number): number {
    const { ttlAttribute } = this.definition;
    if (ttlAttribute === null) return 0;
    const due = `CAST(json_extract(item, '$."${ttlAttribute}".N') AS REAL) <= ?`;
    return Number(this.#database.prepare(`DELETE FROM ${this.#sqlName} WHERE ${due}`).run(nowS).changes);
  }

  /** Of a request that names an item by its key and nothing more. */
  readWholeKey(given: Item): Item {
    const key = this.readKey(given);
    if (Object.keys(given).length === Object.keys(key).length) return key;
    throw invalid('The provided key element does not match the schema');
  }

  readKey(item: Item, schema: KeySchema = this.definition.key): Item {
    const names = [schema.hash, ...(schema.range === null ? [] : [schema.range])];
    return Object.fromEntries(names.map((name) => [name, this.#keyValue(item, name)]));
  }

  /** Then it finds one item, by the primary key, and needs no index: each costs a look into the JSON of old and new item. */
  #isWholeKey(schema: KeySchema): boolean {
    return schema === this.definition.key && schema.range === null;
  }

  #keyOf(item: Item): string {
    return JSON.stringify(Object.values(this.readKey(item)));
  }

  #keyValue(item: Item, name: string): AttributeValue {
    const value = item[name];
    const wanted = this.definition.attributeTypes[name];
    if (value === undefined || typeOf(value) !== wanted) {
      const got = value === undefined ? 'nothing' : `type ${typeOf(value)}`;
      throw invalid(`key ${name} of table ${this.definition.name}: got ${got}, allowed is type ${wanted}`);
    }
    if (value.S === '' || value.B === '') throw invalid(`key ${name} of table ${this.definition.name}: it is empty`);
    if (value.N === undefined) return value;
    const key = withCanonicalNumbers(value);
    if (!isDouble(String(key.N)))
      throw invalid(`key ${name}: got ${key.N}; the laptop orders keys as doubles, which do not hold it exactly`);
    return key;
  }

  #column(attribute: string): string {
    const type = this.definition.attributeTypes[attribute];
    const value = `json_extract(item, '$."${attribute}".${type}')`;
    return type === 'N' ? `CAST(${value} AS REAL)` : value;
  }
}

const isDouble = (number: string): boolean => readNumber(String(Number(number))) === number;

const sqlValue = (value: AttributeValue): string | number =>
  typeOf(value) === 'N' ? Number(value.N) : String(value[typeOf(value)]);
