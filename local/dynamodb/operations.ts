/** What each DynamoDB operation does to a table; the caller has found the table and checked the permission. */
import { type Json, ServiceError } from '../engine.ts';
import { applyUpdate, evaluate, isTrue } from './evaluate.ts';
import {
  type Condition,
  type Path,
  type Placeholders,
  parseCondition,
  parseProjection,
  parseUpdate,
  type Update,
} from './expression-parser.ts';
import { invalid } from './invalid.ts';
import { pick } from './projection.ts';
import type { DynamoTable, KeySchema } from './table.ts';
import { type AttributeValue, type Item, isEqual, withCanonicalNumbers } from './values.ts';

const maxPageBytes = 1024 * 1024;

interface Expressions {
  readonly condition: Condition | null;
  readonly update: Update | null;
  readonly keyCondition: Condition | null;
  readonly filter: Condition | null;
  readonly projection: readonly Path[] | null;
}

function readExpressions(input: Json): Expressions {
  const placeholders: Placeholders = {
    names: (input.ExpressionAttributeNames ?? {}) as Record<string, string>,
    values: withCanonicalNumbers((input.ExpressionAttributeValues ?? {}) as Record<string, AttributeValue>),
    used: new Set(),
  };
  const parse = <T>(name: string, parser: (text: string, p: Placeholders) => T): T | null =>
    input[name] === undefined ? null : parser(String(input[name]), placeholders);
  const expressions = {
    condition: parse('ConditionExpression', parseCondition),
    update: parse('UpdateExpression', parseUpdate),
    keyCondition: parse('KeyConditionExpression', parseCondition),
    filter: parse('FilterExpression', parseCondition),
    projection: parse('ProjectionExpression', parseProjection),
  };
  const unused = [...Object.keys(placeholders.names), ...Object.keys(placeholders.values)].find(
    (p) => !placeholders.used.has(p),
  );
  if (unused !== undefined)
    throw invalid(`value provided in ExpressionAttributeNames or -Values unused in expressions: ${unused}`);
  return expressions;
}

export function getItem(table: DynamoTable, input: Json): Json {
  const { projection } = readExpressions(input);
  const item = table.get(table.readWholeKey(input.Key as Item));
  return item === undefined ? {} : { Item: projection === null ? item : pick(item, projection) };
}

const checkOldAlone = ({ ReturnValues = 'NONE' }: Json): void => {
  if (ReturnValues !== 'NONE' && ReturnValues !== 'ALL_OLD')
    throw invalid(`ReturnValues: got ${String(ReturnValues)}, allowed are NONE and ALL_OLD`);
};

export function putItem(table: DynamoTable, input: Json): Json {
  checkOldAlone(input);
  const { condition } = readExpressions(input);
  const item = input.Item as Item;
  const isAsked = condition !== null || input.ReturnValues === 'ALL_OLD';
  const before = isAsked ? table.get(item) : undefined;
  check(condition, before, input);
  table.put(item);
  return input.ReturnValues === 'ALL_OLD' && before !== undefined ? { Attributes: before } : {};
}

export function updateItem(table: DynamoTable, input: Json): Json {
  const { condition, update } = readExpressions(input);
  const key = table.readWholeKey(input.Key as Item);
  const before = table.get(key);
  check(condition, before, input);
  const after = update === null ? (before ?? key) : applyUpdate(update, before ?? key);
  for (const name of Object.keys(key)) {
    if (!isEqual(after[name], key[name])) throw invalid(`cannot update attribute ${name}: it is part of the key`);
  }
  return returnValues(input, update, before, table.put(after));
}

export function deleteItem(table: DynamoTable, input: Json): Json {
  checkOldAlone(input);
  const { condition } = readExpressions(input);
  const key = table.readWholeKey(input.Key as Item);
  const before = table.get(key);
  check(condition, before, input);
  table.remove(key);
  return input.ReturnValues === 'ALL_OLD' && before !== undefined ? { Attributes: before } : {};
}

/** Only looks: one leg of a transaction. */
export function conditionCheck(table: DynamoTable, input: Json): Json {
  check(readExpressions(input).condition, table.get(table.readWholeKey(input.Key as Item)), input);
  return {};
}

function check(condition: Condition | null, before: Item | undefined, input: Json): void {
  if (condition === null || isTrue(condition, before ?? {})) return;
  const withItem = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before !== undefined;
  throw new ServiceError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    400,
    withItem ? { Item: before } : {},
  );
}

function returnValues(input: Json, update: Update | null, before: Item | undefined, after: Item): Json {
  const attributes = findReturned(String(input.ReturnValues ?? 'NONE'), update, before, after);
  return attributes === undefined || Object.keys(attributes).length === 0 ? {} : { Attributes: attributes };
}

function findReturned(wanted: string, update: Update | null, before: Item | undefined, after: Item): Item | undefined {
  switch (wanted) {
    case 'NONE':
      return undefined;
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_NEW':
      return pick(after, listPaths(update));
    case 'UPDATED_OLD':
      return pick(before ?? {}, listPaths(update));
    default:
      throw invalid(`ReturnValues: got ${wanted}`);
  }
}

/** What an update names, whether it changes it or not. */
const listPaths = (update: Update | null): readonly Path[] =>
  update === null ? [] : [...update.set, ...update.add, ...update.delete].map(({ path }) => path).concat(update.remove);

export function query(table: DynamoTable, input: Json): Json {
  const { keyCondition, filter, projection } = readExpressions(input);
  if (keyCondition === null) throw invalid('KeyConditionExpression is missing');
  const schema = findSchema(table, input);
  const hash = readHash(keyCondition, schema);
  checkRange(keyCondition, schema);
  const items = table.list(schema, { hash, forward: input.ScanIndexForward !== false, after: readStart(input) });
  return readPage({ table, schema, items, input, keyCondition, filter, projection });
}

export function scan(table: DynamoTable, input: Json): Json {
  const { filter, projection } = readExpressions(input);
  const schema = findSchema(table, input);
  return readPage({
    table,
    schema,
    items: table.list(schema, { hash: null, forward: true, after: readStart(input) }),
    input,
    keyCondition: null,
    filter,
    projection,
  });
}

interface Page {
  readonly table: DynamoTable;
  readonly schema: KeySchema;
  readonly items: Iterable<Item>;
  readonly input: Json;
  readonly keyCondition: Condition | null;
  readonly filter: Condition | null;
  readonly projection: readonly Path[] | null;
}

/** The limit counts items before the filter; a page that reaches it tells where it ended, as on AWS, even at the end. */
function readPage({ table, schema, items, input, keyCondition, filter, projection }: Page): Json {
  const limit = Number(input.Limit ?? Number.POSITIVE_INFINITY);
  const found: Item[] = [];
  let scanned = 0;
  let bytes = 0;
  let last: Item | undefined;
  for (const item of items) {
    if (keyCondition !== null && !isTrue(keyCondition, item)) continue;
    scanned += 1;
    bytes += JSON.stringify(item).length;
    if (filter === null || isTrue(filter, item)) found.push(projection === null ? item : pick(item, projection));
    if (scanned < limit && bytes <= maxPageBytes) continue;
    last = item;
    break;
  }
  return {
    Items: input.Select === 'COUNT' ? undefined : found,
    Count: found.length,
    ScannedCount: scanned,
    ...(last !== undefined && { LastEvaluatedKey: { ...table.readKey(last), ...table.readKey(last, schema) } }),
  };
}

const readStart = (input: Json): Item | undefined => input.ExclusiveStartKey as Item | undefined;

function findSchema(table: DynamoTable, input: Json): KeySchema {
  if (input.IndexName === undefined) return table.definition.key;
  const schema = table.definition.indexes[String(input.IndexName)];
  if (input.ConsistentRead === true) throw invalid('Consistent reads are not supported on global secondary indexes');
  if (schema === undefined)
    throw invalid(`the table ${table.definition.name} does not have the index ${String(input.IndexName)}`);
  return schema;
}

function readHash(condition: Condition, schema: KeySchema): AttributeValue {
  if (condition.kind === 'and') {
    const sides = [condition.left, condition.right].map((side) => findHash(side, schema));
    const hash = sides.find((side) => side !== undefined);
    if (hash !== undefined) return hash;
  }
  const hash = findHash(condition, schema);
  if (hash === undefined) throw invalid(`query condition missed key schema element: ${schema.hash}`);
  return hash;
}

/** Beside the hash key a query says one thing of the range key; of anything else, a filter does. */
function checkRange(condition: Condition, schema: KeySchema): void {
  if (condition.kind !== 'and') return;
  const { left, right } = condition;
  const side = findHash(left, schema) === undefined ? left : right;
  if (pathOf(side)?.join('.') !== schema.range)
    throw invalid(`Query key condition not supported: beside ${schema.hash} it says one thing of ${schema.range}`);
}

function pathOf(condition: Condition): Path | undefined {
  if (condition.kind === 'call') return condition.name === 'begins_with' ? condition.path : undefined;
  if (condition.kind === 'between') return condition.value.kind === 'path' ? condition.value.path : undefined;
  if (condition.kind !== 'compare' || condition.operator === '<>') return undefined;
  return condition.left.kind === 'path' ? condition.left.path : undefined;
}

function findHash(condition: Condition, schema: KeySchema): AttributeValue | undefined {
  if (condition.kind !== 'compare' || condition.operator !== '=' || condition.left.kind !== 'path') return undefined;
  return condition.left.path[0] === schema.hash ? evaluate(condition.right, {}) : undefined;
}
