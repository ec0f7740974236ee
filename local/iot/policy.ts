import { matchesWildcard } from '../iam/wildcard.ts';

/**
 * IoT Core policies: what a connected certificate may do. The document is an IAM policy whose resources hold policy
 * variables of the connection; a variable that has no value makes its statement match nothing, as on AWS.
 */
export interface PolicyDocument {
  readonly statements: readonly Statement[];
}

interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly {
    readonly operator: string;
    readonly key: string;
    readonly values: readonly string[];
  }[];
}

/** Values of the policy variables for one connection; those that do not resolve are left out. */
export type ConnectionVariables = Readonly<Record<string, string>>;

export const knownVariables = [
  'iot:ClientId',
  'iot:Connection.Thing.ThingName',
  'iot:Connection.Thing.ThingTypeName',
  'iot:Connection.Thing.IsAttached',
  'iot:CertificateId',
] as const;

const knownActions = ['iot:Connect', 'iot:Publish', 'iot:RetainPublish', 'iot:Subscribe', 'iot:Receive', 'iot:*'];
const knownOperators = ['Bool', 'StringEquals', 'StringLike'];

const toList = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);

/** Reads a policy; throws a sentence for what is not modelled. */
export function readPolicyDocument(document: unknown): PolicyDocument {
  const source = document as { Statement?: unknown };
  if (typeof document !== 'object' || document === null || source.Statement === undefined) {
    throw new Error('PolicyDocument.Statement is missing');
  }
  const list = Array.isArray(source.Statement) ? source.Statement : [source.Statement];
  return { statements: list.map(readStatement) };
}

/** A claim's policy is for whoever holds the claim, a machine's for one thing. */
export const speaksOfThing = ({ statements }: PolicyDocument): boolean =>
  statements.some(({ resources }) => resources.some((resource) => resource.includes('${iot:Connection.Thing.')));

function readStatement(raw: Readonly<Record<string, unknown>>): Statement {
  const effect = raw.Effect;
  if (effect !== 'Allow' && effect !== 'Deny') throw new Error(`Effect "${String(effect)}" is not Allow or Deny`);
  for (const key of Object.keys(raw)) {
    if (!['Sid', 'Effect', 'Action', 'Resource', 'Condition'].includes(key))
      throw new Error(`statement field ${key} is not modelled`);
  }
  const actions = toList(raw.Action);
  for (const action of actions) {
    if (!knownActions.includes(action))
      throw new Error(`action ${action} is not modelled, allowed are ${knownActions.join(', ')}`);
  }
  const resources = toList(raw.Resource);
  for (const [, variable] of resources.join(' ').matchAll(/\$\{([^}]*)\}/g)) checkVariable(variable!);
  const conditions = Object.entries((raw.Condition ?? {}) as Record<string, Record<string, unknown>>).flatMap(
    ([operator, tests]) => {
      if (!knownOperators.includes(operator))
        throw new Error(`condition ${operator} is not modelled, allowed are ${knownOperators.join(', ')}`);
      return Object.entries(tests).map(([key, values]) => {
        checkVariable(key);
        return { operator, key, values: toList(values) };
      });
    },
  );
  return { effect, actions, resources, conditions };
}

function checkVariable(variable: string): void {
  if (!(knownVariables as readonly string[]).includes(variable)) {
    throw new Error(`policy variable ${variable} is not modelled, allowed are ${knownVariables.join(', ')}`);
  }
}

export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  readonly variables: ConnectionVariables;
}

/** Allowed by one statement and denied by none. */
export function isAllowed(policies: readonly PolicyDocument[], request: PolicyRequest): boolean {
  const matching = policies.flatMap((p) => p.statements).filter((statement) => matches(statement, request));
  return matching.some((s) => s.effect === 'Allow') && !matching.some((s) => s.effect === 'Deny');
}

function matches(statement: Statement, { action, resource, variables }: PolicyRequest): boolean {
  return (
    statement.actions.some((a) => matchesWildcard(a, action)) &&
    statement.conditions.every(({ operator, key, values }) => holds(operator, values, variables[key])) &&
    statement.resources.some((r) => {
      const filled = fill(r, variables);
      return filled !== undefined && matchesWildcard(filled, resource);
    })
  );
}

function holds(operator: string, allowed: readonly string[], value: string | undefined): boolean {
  if (value === undefined) return false;
  if (operator === 'StringLike') return allowed.some((a) => matchesWildcard(a, value));
  return allowed.includes(value);
}

function fill(resource: string, variables: ConnectionVariables): string | undefined {
  let isComplete = true;
  const filled = resource.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = variables[name];
    isComplete &&= value !== undefined;
    return value ?? '';
  });
  return isComplete ? filled : undefined;
}
