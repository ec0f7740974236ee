/**
 * Which messages a subscription takes: its policy looks at the message's attributes, or at its body where the scope says
 * so. Source: SNS developer guide, "Subscription filter policies" and their constraints. The values are compared as
 * event patterns are; numbers only where the attribute is one.
 */
import type { Json } from '../engine.ts';
import { compileEventPattern } from '../events/pattern.ts';

export interface Attribute {
  readonly Type: string;
  readonly Value: string;
}

export interface Filterable {
  readonly body: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

const maxKeys = 5;
const maxCombinations = 150;

/** Throws an Error with one sentence where the policy is wrong. */
export function readFilterPolicy({ FilterPolicy, FilterPolicyScope }: Json): (message: Filterable) => boolean {
  if (FilterPolicy === undefined) return () => true;
  const scope = FilterPolicyScope ?? 'MessageAttributes';
  if (scope !== 'MessageAttributes' && scope !== 'MessageBody')
    throw new Error(`FilterPolicyScope: got "${String(scope)}", allowed are MessageAttributes and MessageBody`);
  checkLimits(FilterPolicy as Json, scope);
  const compiled = compileEventPattern(FilterPolicy);
  if (!compiled.ok) throw new Error(`FilterPolicy: ${compiled.error.replace('event pattern', 'policy')}`);
  const accepts = compiled.value;
  if (scope === 'MessageBody') return ({ body }) => accepts(parseJson(body));
  return ({ attributes }) =>
    accepts(Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, readValue(attribute)])));
}

function checkLimits(policy: Json, scope: string): void {
  const leaves = listLeaves(policy, 1);
  if (scope === 'MessageAttributes' && leaves.some(({ depth }) => depth > 1))
    throw new Error('FilterPolicy: attributes have no fields; nested policies need the scope MessageBody');
  if (leaves.length > maxKeys) throw new Error(`FilterPolicy: got ${leaves.length} keys, allowed are ${maxKeys}`);
  const combinations = leaves.reduce((product, { values, depth }) => product * values * depth, 1);
  if (combinations > maxCombinations)
    throw new Error(`FilterPolicy: got ${combinations} combinations of values, allowed are ${maxCombinations}`);
}

interface Leaf {
  readonly depth: number;
  readonly values: number;
}

function listLeaves(policy: Json, depth: number): Leaf[] {
  return Object.entries(policy).flatMap(([key, value]): Leaf[] => {
    if (key === '$or' && Array.isArray(value)) return value.flatMap((branch) => listLeaves(branch as Json, depth));
    if (Array.isArray(value)) return [{ depth, values: value.length }];
    return typeof value === 'object' && value !== null ? listLeaves(value as Json, depth + 1) : [];
  });
}

/** A list is a `String.Array`: JSON in a string. What it does not hold, no policy finds. */
function readValue({ Type, Value }: Attribute): unknown {
  if (Type === 'Number' || Type.startsWith('Number.')) return Number(Value);
  return Type === 'String.Array' ? parseJson(Value) : Value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A body that is no JSON has no field to look at.
    return undefined;
  }
}
