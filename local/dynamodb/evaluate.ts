import type { Condition, Operand, Path, Update } from './expression-parser.ts';
import { invalid } from './invalid.ts';
import { addNumbers, negate } from './numbers.ts';
import { type AttributeValue, compare, type Item, isEqual, sizeOf, toBytes, typeOf } from './values.ts';

export function readPath(item: Item, path: Path): AttributeValue | undefined {
  let value: AttributeValue | undefined = item[path[0] as string];
  for (const part of path.slice(1)) {
    const holder = (typeof part === 'number' ? value?.L : value?.M) as
      | Record<string | number, AttributeValue>
      | undefined;
    value = holder?.[part];
  }
  return value;
}

export function isTrue(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and':
      return isTrue(condition.left, item) && isTrue(condition.right, item);
    case 'or':
      return isTrue(condition.left, item) || isTrue(condition.right, item);
    case 'not':
      return !isTrue(condition.condition, item);
    case 'between': {
      const [value, low, high] = [condition.value, condition.low, condition.high].map((o) => evaluate(o, item));
      return !!value && !!low && !!high && compare(value, low) >= 0 && compare(value, high) <= 0;
    }
    case 'in': {
      const value = evaluate(condition.value, item);
      return condition.list.some((operand) => isEqual(value, evaluate(operand, item)));
    }
    case 'compare':
      return holds(condition.operator, evaluate(condition.left, item), evaluate(condition.right, item));
    case 'call':
      return call(condition, item);
  }
}

function holds(operator: string, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (operator === '=') return isEqual(left, right);
  if (operator === '<>') return !isEqual(left, right);
  if (left === undefined || right === undefined) return false;
  const order = compare(left, right);
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

function call({ name, path, argument }: Extract<Condition, { kind: 'call' }>, item: Item): boolean {
  const value = readPath(item, path);
  if (name === 'attribute_exists') return value !== undefined;
  if (name === 'attribute_not_exists') return value === undefined;
  const wanted = argument === null ? undefined : evaluate(argument, item);
  if (value === undefined || wanted === undefined) return false;
  if (name === 'attribute_type') return typeOf(value) === wanted.S;
  return name === 'begins_with' ? beginsWith(value, wanted) : contains(value, wanted);
}

function beginsWith(value: AttributeValue, wanted: AttributeValue): boolean {
  const type = typeOf(value);
  if (type !== typeOf(wanted) || (type !== 'S' && type !== 'B')) return false;
  const beginning = toBytes(type, wanted[type]);
  return toBytes(type, value[type]).subarray(0, beginning.length).equals(beginning);
}

function contains(value: AttributeValue, wanted: AttributeValue): boolean {
  if (typeof value.S === 'string') return typeof wanted.S === 'string' && value.S.includes(wanted.S);
  if (Array.isArray(value.L)) return (value.L as AttributeValue[]).some((item) => isEqual(item, wanted));
  const set = value[typeOf(value)];
  return Array.isArray(set) && set.includes(wanted[typeOf(wanted)]);
}

export function evaluate(operand: Operand, item: Item): AttributeValue | undefined {
  switch (operand.kind) {
    case 'value':
      return operand.value;
    case 'path':
      return readPath(item, operand.path);
    case 'size': {
      const value = readPath(item, operand.path);
      const size = value === undefined ? undefined : sizeOf(value);
      return size === undefined ? undefined : { N: String(size) };
    }
    case 'if_not_exists':
      return readPath(item, operand.path) ?? evaluate(operand.otherwise, item);
    case 'list_append': {
      const lists = [operand.left, operand.right].map((side) => needOf('L', need(side, item)) as unknown[]);
      return { L: lists.flat() };
    }
    default: {
      const [left = '', right = ''] = [operand.left, operand.right].map((side) =>
        String(needOf('N', need(side, item))),
      );
      return { N: addNumbers(left, operand.kind === 'add' ? right : negate(right)) };
    }
  }
}

function need(operand: Operand, item: Item): AttributeValue {
  const value = evaluate(operand, item);
  if (value === undefined)
    throw invalid('The provided expression refers to an attribute that does not exist in the item');
  return value;
}

function needOf(type: string, value: AttributeValue): unknown {
  if (typeOf(value) !== type)
    throw invalid(
      `An operand in the update expression has an incorrect data type: got ${typeOf(value)}, wants ${type}`,
    );
  return value[type];
}

/** A new item; values come from the item as it was. */
export function applyUpdate(update: Update, before: Item): Item {
  const after = structuredClone(before) as Record<string, AttributeValue>;
  for (const { path, value } of update.set) writePath(after, path, need(value, before));
  for (const path of update.remove) writePath(after, path, undefined);
  for (const { path, value } of update.add) writePath(after, path, addTo(readPath(before, path), value));
  for (const { path, value } of update.delete) writePath(after, path, takeFrom(readPath(before, path), value));
  return after;
}

function addTo(current: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  const type = typeOf(value);
  if (current !== undefined) needOf(type, current);
  if (type === 'N') return { N: addNumbers(String(current?.N ?? 0), String(value.N)) };
  if (!['SS', 'NS', 'BS'].includes(type)) throw invalid(`ADD takes a number or a set, got type ${type}`);
  return { [type]: [...new Set([...((current?.[type] ?? []) as unknown[]), ...(value[type] as unknown[])])] };
}

function takeFrom(current: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined {
  const type = typeOf(value);
  if (current !== undefined) needOf(type, current);
  const gone = new Set(value[type] as unknown[]);
  const rest = ((current?.[type] ?? []) as unknown[]).filter((member) => !gone.has(member));
  return rest.length === 0 ? undefined : { [type]: rest };
}

function writePath(item: Record<string, AttributeValue>, path: Path, value: AttributeValue | undefined): void {
  let holder = item as Record<string | number, AttributeValue>;
  for (const [i, part] of path.slice(0, -1).entries()) {
    const next = holder[part];
    holder = (typeof path[i + 1] === 'number' ? next?.L : next?.M) as Record<string | number, AttributeValue>;
    if (holder === undefined)
      throw invalid('The document path provided in the update expression is invalid for update');
  }
  const last = path.at(-1)!;
  if (value !== undefined && Array.isArray(holder)) holder.splice(Math.min(Number(last), holder.length), 1, value);
  else if (value !== undefined) holder[last] = value;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
}
