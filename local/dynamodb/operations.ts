/** What each DynamoDB operation does to a table; the caller has found the table and checked the permission. */
import { type Json, ServiceError } from '../engine.ts';
import { applyUpdate, evaluate, isTrue, readPath } from './evaluate.ts';
import {
  type Condition,
  invalid,
  type Path,
  type Placeholders,
  parseCondition,
  parseProjection,
  parseUpdate,
  type Update,
} from './expression-parser.ts';
import type { DynamoTable, KeySchema } from './table.ts';
import { type AttributeValue, type Item, isEqual } from './values.ts';

const maxPageBytes = 1024 * 1024;

/** Parameters of DynamoDB's older, pre-expression interface; who sends them would be misunderstood. */
const legacyParameters = [
  'Expected',
  'AttributeUpdates',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
  'AttributesToGet',
  'ConditionalOperator',
];

interface Expressions {
  readonly condition: Condition | null;
  readonly update: Update | null;
  readonly keyCondition: Condition | null;
  readonly filter: Condition | null;
  readonly projection: readonly Path[] | null;
}

function readExpressions(input: Json): Expressions {
  const legacy = legacyParameters.find((name) => input[name] !== undefined);
  if (legacy !== undefined) throw invalid(`parameter ${legacy} is not modelled on the laptop: use expressions`);
  const placeholders: Placeholders = {
    names: (input.ExpressionAttributeNames ?? {}) as Record<string, string>,
    values: (input.ExpressionAttributeValues ?? {}) as Record<string, AttributeValue>,
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
  const item = table.get(input.Key as Item);
  return item === undefined ? {} : { Item: project(item, projection) };
}

export function putItem(table: DynamoTable, input: Json): Json {
  const { condition } = readExpressions(input);
  const item = input.Item as Item;
  const before = table.get(item);
  check(condition, before, input);
  table.put(item);
  return returnValues(input, before, item);
}

export function updateItem(table: DynamoTable, input: Json): Json {
  const { condition, update } = readExpressions(input);
  const key = table.readKey(input.Key as Item);
  const before = table.get(key);
  check(condition, before, input);
  const after = update === null ? (before ?? key) : applyUpdate(update, before ?? key);
  for (const name of Object.keys(key)) {
    if (!isEqual(after[name], key[name])) throw invalid(`cannot update attribute ${name}: it is part of the key`);
  }
  table.put(after);
  return returnValues(input, before, after);
}

export function deleteItem(table: DynamoTable, input: Json): Json {
  const { condition } = readExpressions(input);
  const before = table.get(input.Key as Item);
  check(condition, before, input);
  table.remove(input.Key as Item);
  return returnValues(input, before, undefined);
}

/** Only looks: one leg of a transaction. */
export function conditionCheck(table: DynamoTable, input: Json): Json {
  check(readExpressions(input).condition, table.get(input.Key as Item), input);
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

function returnValues(input: Json, before: Item | undefined, after: Item | undefined): Json {
  switch (input.ReturnValues ?? 'NONE') {
    case 'NONE':
      return {};
    case 'ALL_OLD':
      return before === undefined ? {} : { Attributes: before };
    case 'ALL_NEW':
      return { Attributes: after };
    case 'UPDATED_NEW':
      return { Attributes: changed(after ?? {}, before ?? {}) };
    case 'UPDATED_OLD':
      return { Attributes: changed(before ?? {}, after ?? {}) };
    default:
      throw invalid(`ReturnValues: got ${String(input.ReturnValues)}`);
  }
}

const changed = (of: Item, against: Item): Item =>
  Object.fromEntries(Object.entries(of).filter(([name, value]) => !isEqual(value, against[name])));

export function query(table: DynamoTable, input: Json): Json {
  const { keyCondition, filter, projection } = readExpressions(input);
  if (keyCondition === null) throw invalid('KeyConditionExpression is missing');
  const schema = findSchema(table, input);
  const hash = readHash(keyCondition, schema);
  const items = table.list(schema, hash, input.ScanIndexForward !== false);
  return readPage({ table, schema, items, input, keyCondition, filter, projection });
}

export function scan(table: DynamoTable, input: Json): Json {
  const { filter, projection } = readExpressions(input);
  const schema = findSchema(table, input);
  return readPage({
    table,
    schema,
    items: table.list(schema, null, true),
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

/** The limit counts items before the filter, as on AWS. */
function readPage({ table, schema, items, input, keyCondition, filter, projection }: Page): Json {
  const limit = Number(input.Limit ?? Number.POSITIVE_INFINITY);
  const startKey = input.ExclusiveStartKey as Item | undefined;
  const found: Item[] = [];
  let isPast = startKey === undefined;
  let scanned = 0;
  let bytes = 0;
  let last: Item | undefined;
  for (const item of items) {
    if (!isPast) {
      isPast = isSameKey(table.readKey(item), startKey!);
      continue;
    }
    if (keyCondition !== null && !isTrue(keyCondition, item)) continue;
    if (scanned >= limit || bytes > maxPageBytes) {
      return {
        Items: found,
        Count: found.length,
        ScannedCount: scanned,
        LastEvaluatedKey: { ...table.readKey(last!), ...table.readKey(last!, schema) },
      };
    }
    scanned += 1;
    bytes += JSON.stringify(item).length;
    last = item;
    if (filter === null || isTrue(filter, item)) found.push(project(item, projection));
  }
  return { Items: input.Select === 'COUNT' ? undefined : found, Count: found.length, ScannedCount: scanned };
}

const isSameKey = (key: Item, start: Item): boolean =>
  Object.keys(key).every((name) => isEqual(key[name], start[name]));

function findSchema(table: DynamoTable, input: Json): KeySchema {
  if (input.IndexName === undefined) return table.definition.key;
  const schema = table.definition.indexes[String(input.IndexName)];
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

function findHash(condition: Condition, schema: KeySchema): AttributeValue | undefined {
  if (condition.kind !== 'compare' || condition.operator !== '=' || condition.left.kind !== 'path') return undefined;
  return condition.left.path[0] === schema.hash ? evaluate(condition.right, {}) : undefined;
}

function project(item: Item, projection: readonly Path[] | null): Item {
  if (projection === null) return item;
  const projected: Record<string, AttributeValue> = {};
  for (const path of projection) {
    const value = readPath(item, path);
    if (value === undefined) continue;
    if (path.length > 1) throw invalid('projection of nested attributes is not modelled on the laptop');
    projected[path[0] as string] = value;
  }
  return projected;
}
