/** One request to a GraphQL API: validated, measured against its limits, executed with its resolvers. */
import {
  type DirectiveNode,
  type DocumentNode,
  defaultFieldResolver,
  execute,
  type FieldNode,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  specifiedRules,
  validate,
} from 'graphql';
import type { Cloud, Json } from '../engine.ts';
import type { GraphApi } from './resources.ts';

/** Who asks, and the way by which: a directive's name. */
export interface Asker {
  readonly mode: string;
  readonly identity: Json;
}

export interface Asking {
  readonly query: string;
  readonly variables: Json;
  readonly operationName: string | null;
  readonly asker: Asker;
}

export interface Prepared {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export async function askGraph(cloud: Cloud, api: GraphApi, asking: Asking): Promise<Json> {
  const prepared = prepare(api, asking);
  if ('errors' in prepared) return prepared;
  if (prepared.operation.operation === 'subscription') {
    return refuse('UnsupportedOperation', 'Subscriptions come over the WebSocket.');
  }
  const { schema, document } = prepared;
  const result = await execute({
    schema,
    document,
    variableValues: asking.variables,
    operationName: asking.operationName,
    fieldResolver: createResolver(cloud, api, asking.asker),
  });
  return describeResult(result);
}

/** The request as it may run, or what is wrong with it. */
export function prepare(api: GraphApi, { query, operationName }: Asking): Prepared | { readonly errors: unknown[] } {
  const { schema } = api;
  if (schema === null) return refuse('BadRequestException', 'the API has no schema');
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (error) {
    return refuse('GraphQLSchemaException', (error as Error).message);
  }
  const rules = api.allowsIntrospection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const [problem] = validate(schema, document, rules);
  if (problem !== undefined) return refuse('ValidationError', `Validation error: ${problem.message}`);
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const operation = operations.find(({ name }) => operationName === null || name?.value === operationName);
  if (operation === undefined) return refuse('BadRequestException', 'there is no operation of that name');
  const depth = depthOf(document, operation.selectionSet);
  if (depth > api.depthLimit) {
    return refuse(
      'ValidationError',
      `Query depth limit exceeded: the query is ${depth} deep, allowed are ${api.depthLimit}`,
    );
  }
  return { schema, document, operation };
}

const refuse = (errorType: string, message: string): { errors: unknown[]; data: null } => ({
  data: null,
  errors: [{ path: null, locations: null, errorType, message }],
});

/** Fields inside fields; fragments count as what they hold. Validation has excluded fragments that hold themselves. */
function depthOf(document: DocumentNode, set: SelectionSetNode | undefined): number {
  const depths = (set?.selections ?? []).map((selection) => {
    if (selection.kind === Kind.FIELD) return 1 + depthOf(document, selection.selectionSet);
    if (selection.kind === Kind.INLINE_FRAGMENT) return depthOf(document, selection.selectionSet);
    const fragment = document.definitions.find(
      (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? depthOf(document, fragment.selectionSet) : 0;
  });
  return Math.max(0, ...depths);
}

const rootTypes = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;

/** What a signed request has to be permitted; throws where it cannot be read. */
export function listRootFields(query: string): { readonly type: string; readonly field: string }[] {
  const { definitions } = parse(query);
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  // Each fragment once: this query is not validated yet, and one may hold itself.
  const fieldsOf = ({ selections }: SelectionSetNode): FieldNode[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet);
      const fragment = fragments.get(selection.name.value);
      fragments.delete(selection.name.value);
      return fragment === undefined ? [] : fieldsOf(fragment.selectionSet);
    });
  return definitions.flatMap((one) => {
    if (one.kind !== Kind.OPERATION_DEFINITION) return [];
    return fieldsOf(one.selectionSet).map(({ name }) => ({ type: rootTypes[one.operation], field: name.value }));
  });
}

function createResolver(cloud: Cloud, api: GraphApi, asker: Asker) {
  let resolved = 0;
  return async (source: unknown, args: Json, context: unknown, info: GraphQLResolveInfo): Promise<unknown> => {
    checkAccess(api, asker, info);
    const dataSource = api.resolvers.get(`${info.parentType.name}.${info.fieldName}`);
    if (dataSource === undefined) return defaultFieldResolver(source, args, context, info);
    resolved += 1;
    if (resolved > api.resolverLimit) {
      throw fail('ResolverLimitExceeded', `Resolver invocation limit of ${api.resolverLimit} exceeded`);
    }
    const event = {
      arguments: args,
      source: source ?? null,
      identity: asker.identity,
      prev: null,
      stash: {},
      request: { headers: {} },
      info: {
        fieldName: info.fieldName,
        parentTypeName: info.parentType.name,
        variables: info.variableValues.coerced,
        selectionSetGraphQL: printSelection(info),
      },
    };
    return api.inTurn(() => invoke(cloud, api, dataSource, event));
  };
}

/** Named fragments stay names, as AppSync leaves them. */
function printSelection({ fieldNodes }: GraphQLResolveInfo): string {
  const selections = fieldNodes.flatMap((node) => node.selectionSet?.selections ?? []);
  return selections.length === 0 ? '{}' : print({ kind: Kind.SELECTION_SET, selections });
}

async function invoke(cloud: Cloud, api: GraphApi, name: string, event: Json): Promise<unknown> {
  const source = api.sources.get(name);
  if (source === undefined) throw new Error(`there is no data source ${name}`);
  const caller = cloud.iam.assume(source.roleArn, 'appsync.amazonaws.com');
  const input = { FunctionName: source.functionArn, Payload: JSON.stringify(event) };
  const output = (await cloud.call('lambda', 'Invoke', input, caller)) as Json;
  const value: unknown = JSON.parse(String(output.Payload));
  if (output.FunctionError === undefined) return value;
  throw fail('Lambda:Unhandled', String((value as { errorMessage?: unknown }).errorMessage));
}

const fail = (errorType: string, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { errorType } });

/** A field is for the ways that it names, else for those that its type names, else for the API's first. */
function checkAccess(api: GraphApi, { mode }: Asker, { parentType, fieldName }: GraphQLResolveInfo): void {
  const named = [directivesOf(parentType.getFields()[fieldName]?.astNode), directivesOf(parentType.astNode)];
  const allowed = named.find((modes) => modes.length > 0) ?? api.modes.slice(0, 1);
  if (!allowed.includes(mode)) {
    throw fail('Unauthorized', `Not Authorized to access ${fieldName} on type ${parentType.name}`);
  }
}

const directivesOf = (
  node: { readonly directives?: readonly DirectiveNode[] | undefined } | null | undefined,
): string[] => (node?.directives ?? []).map(({ name }) => name.value).filter((name) => name !== 'aws_subscribe');

/** May this way of coming in ask for these root fields at all? For subscriptions, which resolve nothing themselves. */
export function mayAsk(api: GraphApi, { schema, operation }: Prepared, mode: string): boolean {
  const root = schema.getType(rootTypes[operation.operation]);
  if (!isObjectType(root)) return false;
  return operation.selectionSet.selections.every((selection) => {
    const field = selection.kind === Kind.FIELD ? root.getFields()[selection.name.value] : undefined;
    const modes = directivesOf(field?.astNode);
    return (modes.length > 0 ? modes : api.modes.slice(0, 1)).includes(mode);
  });
}

function describeResult({ data = null, errors }: Awaited<ReturnType<typeof execute>>): Json {
  if (errors === undefined) return { data };
  return {
    data,
    errors: errors.map(({ message, path, locations, extensions }) => ({
      path: path ?? null,
      data: null,
      errorType: extensions.errorType ?? null,
      errorInfo: null,
      locations: locations ?? null,
      message,
    })),
  };
}
