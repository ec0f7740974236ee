import type { CreatedResource, Json } from '../engine.ts';

/** What a template's expressions may look at. */
export interface Scope {
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly pseudo: ReadonlyMap<string, unknown>;
  readonly conditions: Json;
  readonly mappings: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly resources: ReadonlyMap<string, CreatedResource>;
  /** Over all stacks. */
  readonly exports: ReadonlyMap<string, unknown>;
}

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

/** Marks a property that `AWS::NoValue` takes away. */
const noValue = Symbol('AWS::NoValue');

/** Replaces every intrinsic in a value. Throws an Error with one sentence on what it cannot resolve. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== noValue);
  if (!isObject(value)) return value;
  const intrinsic = readIntrinsic(value);
  if (intrinsic !== undefined) return callIntrinsic(intrinsic.name, intrinsic.argument, scope);
  const entries = Object.entries(value).map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== noValue));
}

export function isConditionTrue(name: string, scope: Scope): boolean {
  if (!(name in scope.conditions)) throw new Error(`condition ${name} does not exist`);
  return resolveCondition(scope.conditions[name], scope);
}

/** The logical ids that a value refers to. */
export function collectReferences(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) for (const item of value) collectReferences(item, found);
  if (!isObject(value)) return found;
  if (typeof value.Ref === 'string') found.add(value.Ref);
  const attribute = value['Fn::GetAtt'];
  if (attribute !== undefined) found.add(splitAttribute(attribute)[0]);
  const sub = value['Fn::Sub'];
  const text = Array.isArray(sub) ? sub[0] : sub;
  if (typeof text === 'string') for (const match of text.matchAll(subPattern)) found.add(match[1]!.split('.')[0]!);
  for (const item of Object.values(value)) collectReferences(item, found);
  return found;
}

const subPattern = /\$\{([^!}][^}]*)\}/g;

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope) => resolveReference(String(name), scope),
  Condition: (name, scope) => isConditionTrue(String(name), scope),
  'Fn::GetAtt': (argument, scope) => resolveAttribute(...splitAttribute(argument), scope),
  'Fn::Sub': (argument, scope) => substitute(argument, scope),
  'Fn::Join': (argument, scope) => {
    const [separator, items] = resolve(argument, scope) as [string, unknown[]];
    return items.map(String).join(separator);
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = resolve(argument, scope) as [number | string, unknown[]];
    const item = items[Number(index)];
    if (item === undefined) throw new Error(`Fn::Select: index ${index} of ${items.length} items`);
    return item;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = resolve(argument, scope) as [string, string];
    return text.split(separator);
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = argument as [string, unknown, unknown];
    return resolve(isConditionTrue(condition, scope) ? yes : no, scope);
  },
  'Fn::Base64': (argument, scope) => Buffer.from(String(resolve(argument, scope))).toString('base64'),
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = resolve(argument, scope) as [string, string, string];
    const value = scope.mappings[map]?.[first]?.[second];
    if (value === undefined) throw new Error(`Fn::FindInMap: nothing under ${map}.${first}.${second}`);
    return value;
  },
  'Fn::ImportValue': (argument, scope) => {
    const name = String(resolve(argument, scope));
    if (!scope.exports.has(name)) throw new Error(`Fn::ImportValue: no stack exports ${name}`);
    return scope.exports.get(name);
  },
  'Fn::ToJsonString': (argument, scope) => JSON.stringify(resolve(argument, scope)),
  'Fn::GetAZs': (_argument, scope) => ['a', 'b', 'c'].map((zone) => `${scope.pseudo.get('AWS::Region')}${zone}`),
  'Fn::Equals': (argument, scope) => {
    const [left, right] = resolve(argument, scope) as [unknown, unknown];
    return String(left) === String(right);
  },
  'Fn::And': (argument, scope) => (argument as unknown[]).every((item) => resolveCondition(item, scope)),
  'Fn::Or': (argument, scope) => (argument as unknown[]).some((item) => resolveCondition(item, scope)),
  'Fn::Not': (argument, scope) => !resolveCondition((argument as unknown[])[0], scope),
};

function callIntrinsic(name: string, argument: unknown, scope: Scope): unknown {
  const intrinsic = intrinsics[name];
  if (intrinsic === undefined) throw new Error(`intrinsic function ${name} is not modelled`);
  return intrinsic(argument, scope);
}

/** `{"Condition": …}` is an intrinsic in the Conditions section only: in a policy it is a key like any other. */
function resolveCondition(value: unknown, scope: Scope): boolean {
  if (isObject(value) && typeof value.Condition === 'string') return isConditionTrue(value.Condition, scope);
  return resolve(value, scope) === true;
}

function readIntrinsic(value: Json): { name: string; argument: unknown } | undefined {
  const keys = Object.keys(value);
  const name = keys[0];
  if (keys.length !== 1 || name === undefined) return undefined;
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument: value[name] } : undefined;
}

function resolveReference(name: string, scope: Scope): unknown {
  if (name === 'AWS::NoValue') return noValue;
  if (scope.pseudo.has(name)) return scope.pseudo.get(name);
  if (scope.parameters.has(name)) return scope.parameters.get(name);
  const resource = scope.resources.get(name);
  if (resource === undefined) throw new Error(`Ref ${name}: no such resource or parameter`);
  return resource.ref;
}

function resolveAttribute(logicalId: string, attribute: string, scope: Scope): string {
  const resource = scope.resources.get(logicalId);
  if (resource === undefined) throw new Error(`Fn::GetAtt ${logicalId}.${attribute}: no such resource`);
  const value = resource.attributes?.[attribute];
  if (value === undefined) throw new Error(`Fn::GetAtt ${logicalId}.${attribute}: attribute is not modelled`);
  return value;
}

function splitAttribute(argument: unknown): [string, string] {
  const parts = Array.isArray(argument) ? (argument as string[]) : String(argument).split('.');
  return [parts[0] ?? '', parts.slice(1).join('.')];
}

function substitute(argument: unknown, scope: Scope): string {
  const [text, local] = Array.isArray(argument) ? (argument as [string, Json]) : [String(argument), {}];
  const replaced = text.replaceAll(subPattern, (_match, name: string) => {
    if (name in local) return String(resolve(local[name], scope));
    return String(
      name.includes('.') ? resolveAttribute(...splitAttribute(name), scope) : resolveReference(name, scope),
    );
  });
  return replaced.replaceAll('${!', '${');
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
