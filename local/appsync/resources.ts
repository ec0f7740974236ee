/** The template's side of AppSync. */
import { buildASTSchema, type GraphQLSchema, parse } from 'graphql';
import type { UserPoolEngine } from '../cognito/user-pool.ts';
import { type Cloud, formatArn, type Json, type ResourceModel } from '../engine.ts';
import { createGatewayTurns } from '../lambda/gateway-turns.ts';
import type { Turns } from '../turns.ts';
import { scalarsAndDirectives, useScalars } from './scalars.ts';

export interface GraphApi {
  readonly id: string;
  readonly userPool: { readonly issuer: string; readonly audience: string };
  /** Names as directives: `aws_iam`. The first is what a type or field without directives is for. */
  readonly modes: readonly string[];
  readonly depthLimit: number;
  readonly resolverLimit: number;
  readonly allowsIntrospection: boolean;
  readonly sources: Map<string, DataSource>;
  /** `Type.field` → data source. */
  readonly resolvers: Map<string, string>;
  /** Calls of its functions, whichever request they are for. */
  readonly inTurn: Turns;
  schema: GraphQLSchema | null;
}

export interface DataSource {
  readonly functionArn: string;
  readonly roleArn: string;
}

/** AppSync's own bounds, where an API sets 0 or none. */
const noDepthLimit = 75;
const noResolverLimit = 10_000;

export function appSyncModels(
  cloud: Cloud,
  apis: Map<string, GraphApi>,
  { url, userPools }: { readonly url: string; readonly userPools: UserPoolEngine },
): Readonly<Record<string, ResourceModel>> {
  const find = (id: unknown): GraphApi => {
    const api = apis.get(String(id));
    if (api === undefined) throw new Error(`ApiId: there is no GraphQL API "${String(id)}"`);
    return api;
  };
  return {
    'AWS::AppSync::GraphQLApi': {
      properties: apiProperties,
      create: ({ properties, physicalName }) => {
        if (apis.size > 0) throw new Error('a laptop has one GraphQL API');
        const api = readApi(cloud, properties, physicalName.slice(-8));
        if (userPools.findKeys(api.userPool.issuer) === undefined) {
          throw new Error(`UserPoolConfig.UserPoolId: modelled are the template's own user pools`);
        }
        apis.set(api.id, api);
        const arn = formatArn(cloud, 'appsync', `apis/${api.id}`);
        return {
          ref: arn,
          attributes: {
            Arn: arn,
            ApiId: api.id,
            GraphQLUrl: url,
            RealtimeUrl: url.replace(/^http/, 'ws'),
            GraphQLEndpointArn: formatArn(cloud, 'appsync', `endpoints/graphql-api/${api.id}`),
          },
        };
      },
    },
    'AWS::AppSync::GraphQLSchema': {
      properties: ['ApiId', 'Definition'],
      create: ({ properties, logicalId }) => {
        const document = parse(`${scalarsAndDirectives}\n${String(properties.Definition)}`);
        find(properties.ApiId).schema = useScalars(buildASTSchema(document));
        return { ref: logicalId };
      },
    },
    'AWS::AppSync::DataSource': sourceModel(find),
    'AWS::AppSync::Resolver': resolverModel(find),
  };
}

const apiProperties = [
  'Name',
  'AuthenticationType',
  'UserPoolConfig.AwsRegion',
  'UserPoolConfig.UserPoolId',
  'UserPoolConfig.AppIdClientRegex',
  'UserPoolConfig.DefaultAction',
  'AdditionalAuthenticationProviders.AuthenticationType',
  'IntrospectionConfig',
  'QueryDepthLimit',
  'ResolverCountLimit',
  'Tags.*',
];

function readApi(cloud: Cloud, properties: Json, id: string): GraphApi {
  if (properties.AuthenticationType !== 'AMAZON_COGNITO_USER_POOLS') {
    const got = String(properties.AuthenticationType);
    throw new Error(`AuthenticationType: got "${got}", modelled is AMAZON_COGNITO_USER_POOLS`);
  }
  const more = (properties.AdditionalAuthenticationProviders ?? []) as { AuthenticationType: string }[];
  const other = more.find(({ AuthenticationType }) => AuthenticationType !== 'AWS_IAM')?.AuthenticationType;
  if (other !== undefined) {
    throw new Error(`AdditionalAuthenticationProviders: got "${other}", modelled is AWS_IAM`);
  }
  const pool = properties.UserPoolConfig as Readonly<Record<string, string>>;
  const audience = pool.AppIdClientRegex ?? '';
  if (pool.DefaultAction !== 'ALLOW' || !/^\w+$/.test(audience)) {
    throw new Error('UserPoolConfig: modelled are DefaultAction ALLOW and one client as AppIdClientRegex');
  }
  return {
    id,
    userPool: { issuer: `https://cognito-idp.${cloud.region}.amazonaws.com/${pool.UserPoolId}`, audience },
    modes: ['aws_cognito_user_pools', ...more.map(() => 'aws_iam')],
    depthLimit: Number(properties.QueryDepthLimit ?? 0) || noDepthLimit,
    resolverLimit: Number(properties.ResolverCountLimit ?? 0) || noResolverLimit,
    allowsIntrospection: properties.IntrospectionConfig !== 'DISABLED',
    sources: new Map(),
    resolvers: new Map(),
    inTurn: createGatewayTurns(),
    schema: null,
  };
}

const sourceModel = (find: (id: unknown) => GraphApi): ResourceModel => ({
  properties: ['ApiId', 'Name', 'Description', 'Type', 'LambdaConfig.LambdaFunctionArn', 'ServiceRoleArn'],
  create: ({ properties }) => {
    if (properties.Type !== 'AWS_LAMBDA')
      throw new Error(`Type: got "${String(properties.Type)}", modelled is AWS_LAMBDA`);
    const name = String(properties.Name);
    const functionArn = String((properties.LambdaConfig as Json).LambdaFunctionArn);
    find(properties.ApiId).sources.set(name, { functionArn, roleArn: String(properties.ServiceRoleArn) });
    return { ref: name, attributes: { Name: name } };
  },
});

const resolverModel = (find: (id: unknown) => GraphApi): ResourceModel => ({
  properties: ['ApiId', 'TypeName', 'FieldName', 'DataSourceName', 'Kind'],
  create: ({ properties, logicalId }) => {
    const api = find(properties.ApiId);
    const source = String(properties.DataSourceName);
    if (properties.Kind !== 'UNIT') throw new Error(`Kind: got "${String(properties.Kind)}", modelled is UNIT`);
    if (!api.sources.has(source)) throw new Error(`DataSourceName: there is no data source "${source}"`);
    const type = api.schema?.getType(String(properties.TypeName));
    const field = String(properties.FieldName);
    if (type === undefined || !('getFields' in type) || type.getFields()[field] === undefined) {
      throw new Error(`FieldName: the schema has no ${String(properties.TypeName)}.${field}`);
    }
    api.resolvers.set(`${type.name}.${field}`, source);
    return { ref: logicalId };
  },
});
