import type { z } from 'zod';
import { defOf } from './graph-schema.ts';

/** An answer of the HTTP API as the graph has it: records become lists, a value of several kinds becomes text. */
export function toGraph(schema: z.ZodType, value: unknown): unknown {
  const { type, innerType, element, shape = {}, valueType } = defOf(schema);
  if (value === null || value === undefined) return null;
  if (innerType !== undefined) return toGraph(innerType, value);
  if (type === 'union') return String(value);
  if (element !== undefined) return (value as readonly unknown[]).map((item) => toGraph(element, item));
  const members = Object.entries(value as object);
  if (type === 'object') {
    return Object.fromEntries(
      Object.entries(shape).map(([name, member]) => [name, toGraph(member, memberOf(value, name))]),
    );
  }
  if (valueType === undefined) return value;
  return members.map(([name, entry]) => {
    const told = toGraph(valueType, entry);
    return typeof told === 'object' && told !== null ? { name, ...told } : { name, value: told };
  });
}

const memberOf = (value: unknown, name: string): unknown => (value as Readonly<Record<string, unknown>>)[name];
