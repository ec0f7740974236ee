/**
 * The graph's schema, from the same schemas as the HTTP API's answers and parameters. A record becomes a list, because a
 * graph has no keys that are data: each entry has its key as `name`, and its value's members or `value`.
 */
import type { z } from 'zod';
import { type GraphField, graphFields, graphTypes, incidentChanged } from './graph.ts';

/** How AppSync calls the way by which people come in; the bus comes by IAM. */
export type TokenDirective = '@aws_cognito_user_pools' | '@aws_oidc';

export type Def = z.core.$ZodTypeDef & {
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly in?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly entries?: Readonly<Record<string, string>>;
  readonly valueType?: z.ZodType;
  readonly format?: string;
  readonly checks?: readonly z.core.$ZodCheck[];
};

export const defOf = (schema: z.ZodType): Def => schema.def as Def;

export function describeGraph(token: TokenDirective): string {
  const writer = new SchemaWriter(token);
  for (const [name, schema] of Object.entries(graphTypes)) writer.addObject(name, schema);
  const root = (type: string): string[] => graphFields.filter((f) => f.type === type).map((f) => writer.resolved(f));
  const told = `${incidentChanged.field}(incidentId: ID!): Incident @aws_iam`;
  return [
    'schema {\n  query: Query\n  mutation: Mutation\n  subscription: Subscription\n}',
    block('type Query', root('Query')),
    block('type Mutation', [told]),
    block('type Subscription', [
      `onIncident(site: String!): Incident @aws_subscribe(mutations: ["${incidentChanged.field}"])`,
    ]),
    ...writer.blocks(),
  ].join('\n\n');
}

/** All of an incident: what the mutation does not ask for, no subscriber can get. */
export function incidentFields(): string {
  const select = (schema: z.ZodType): string => {
    const def = defOf(schema);
    if (def.innerType !== undefined) return select(def.innerType);
    const members = Object.entries(def.shape ?? {}).map(([name, member]) => `${name} ${select(member)}`.trim());
    return members.length === 0 ? '' : `{ ${members.join(' ')} }`;
  };
  return select(graphTypes.Incident);
}

const block = (head: string, lines: readonly string[]): string =>
  `${head} {\n${lines.map((l) => `  ${l}\n`).join('')}}`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

class SchemaWriter {
  private readonly objects = new Map<string, string>();
  private readonly enums = new Map<string, string>();
  private readonly names = new Map<z.ZodType, string>();
  private readonly directives: string;

  constructor(token: TokenDirective) {
    this.directives = ` @aws_iam ${token}`;
    for (const [name, schema] of Object.entries(graphTypes)) this.names.set(schema, name);
  }

  blocks(): string[] {
    const enums = [...this.enums].map(([values, name]) => block(`enum ${name}`, values.split(' ')));
    return [...this.objects.values(), ...enums];
  }

  resolved({ field, operation, fromParent }: GraphField): string {
    const shape = { ...operation.parameters.shape, ...operation.query.shape } as Record<string, z.ZodType>;
    const args = Object.entries(shape)
      .filter(([name]) => !fromParent.includes(name))
      .map(([name, schema]) => `${name}: ${this.argument(name, schema)}`);
    const answer = this.names.get(operation.answer.schema) ?? 'AWSJSON';
    return `${field}${args.length === 0 ? '' : `(${args.join(', ')})`}: ${answer}`;
  }

  /** What the bus may have too says so at the type: without directives a type is for the default way alone. */
  addObject(name: string, schema: z.ZodType, named: readonly string[] = []): string {
    const { shape = {} } = defOf(schema);
    const lines = Object.entries(shape).map(([member, type]) => `${member}: ${this.output(type, name, member)}`);
    const nested = graphFields.filter((field) => field.type === name).map((field) => this.resolved(field));
    const isTold = name.startsWith('Incident') && !name.startsWith('IncidentList');
    this.objects.set(name, block(`type ${name}${isTold ? this.directives : ''}`, [...named, ...lines, ...nested]));
    return name;
  }

  private output(schema: z.ZodType, parent: string, member: string): string {
    const def = defOf(schema);
    if ((def.type === 'nullable' || def.type === 'optional') && def.innerType !== undefined) {
      return this.output(def.innerType, parent, member).replace(/!$/, '');
    }
    return `${this.required(schema, parent, member)}!`;
  }

  private required(schema: z.ZodType, parent: string, member: string): string {
    const def = defOf(schema);
    const name = this.names.get(schema);
    if (name !== undefined) return name;
    if (def.type === 'array' && def.element !== undefined) return `[${this.output(def.element, parent, member)}]`;
    if (def.type === 'object') return this.addObject(`${parent}${capital(member)}`, schema);
    if (def.type === 'record' && def.valueType !== undefined)
      return this.listOf(def.valueType, `${parent}${capital(member)}`);
    return this.scalar(schema, member);
  }

  private listOf(value: z.ZodType, name: string): string {
    if (defOf(value).type === 'object') return `[${this.addObject(name, value, ['name: String!'])}!]`;
    this.objects.set(name, block(`type ${name}`, ['name: String!', `value: ${this.output(value, name, 'value')}`]));
    return `[${name}!]`;
  }

  private argument(name: string, schema: z.ZodType): string {
    const def = defOf(schema);
    const isOptional = def.type === 'optional' || def.type === 'default';
    if (isOptional && def.innerType !== undefined) return this.argument(name, def.innerType).replace(/!$/, '');
    if (def.type === 'pipe' && def.in !== undefined) return this.argument(name, def.in);
    return `${name.endsWith('Id') ? 'ID' : this.scalar(schema, name)}!`;
  }

  private scalar(schema: z.ZodType, member: string): string {
    const def = defOf(schema);
    if (def.type === 'string') return def.format === 'datetime' ? 'AWSDateTime' : 'String';
    if (def.type === 'boolean') return 'Boolean';
    if (def.type === 'enum' && def.entries !== undefined) return this.enumOf(Object.values(def.entries), member);
    if (def.type === 'union') return 'String';
    if (def.type !== 'number') return 'AWSJSON';
    const isInt = (def.checks ?? []).some((check) => (check._zod.def as { format?: string }).format === 'safeint');
    return isInt ? 'Int' : 'Float';
  }

  /** The same values are the same type, wherever they are. */
  private enumOf(values: readonly string[], member: string): string {
    const key = values.join(' ');
    const name = this.enums.get(key) ?? this.freeName(capital(member));
    this.enums.set(key, name);
    return name;
  }

  private freeName(wanted: string): string {
    const taken = new Set([...this.enums.values(), ...this.objects.keys()]);
    return taken.has(wanted) ? this.freeName(`${wanted}Kind`) : wanted;
  }
}
