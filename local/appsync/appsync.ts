/**
 * AppSync: GraphQL APIs with their schema, Lambda data sources and resolvers; people come with a token of the user pool,
 * the account's own roles with a signature. Source: AppSync developer guide.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { checkToken } from '../apigateway/jwt-authorizer.ts';
import type { UserPoolEngine } from '../cognito/user-pool.ts';
import { type Caller, type Cloud, type Engine, formatArn, type Json, ServiceError } from '../engine.ts';
import type { WireRequest, WireResponse } from '../wire/request.ts';
import { type Asker, type Asking, askGraph, listRootFields } from './ask.ts';
import { createRealtime } from './realtime.ts';
import { appSyncModels, type GraphApi } from './resources.ts';

export interface AppSyncEngine extends Engine {
  /** A request with a token; undefined for another path, or where there is no GraphQL API. */
  answer(request: WireRequest): Promise<WireResponse | undefined>;
  /** False where the request means something else. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  listUrls(): readonly string[];
}

export interface AppSyncParts {
  readonly endpointUrl: string;
  readonly userPools: UserPoolEngine;
}

const path = '/graphql';

export function createAppSync(cloud: Cloud, { endpointUrl, userPools }: AppSyncParts): AppSyncEngine {
  const apis = new Map<string, GraphApi>();
  const first = (): GraphApi | undefined => apis.values().next().value;
  const admit = (api: GraphApi, authorization: string | undefined): Asker | null => {
    const { issuer, audience } = api.userPool;
    const keys = userPools.findKeys(issuer);
    const settings = { issuer, audience: [audience], findKey: (keyId: string) => keys?.get(keyId) };
    if (authorization === undefined || !checkToken(authorization, settings, cloud.nowMs()).ok) return null;
    return { mode: 'aws_cognito_user_pools', identity: describePerson(authorization, issuer) };
  };
  const realtime = createRealtime(cloud, { find: first, admit });
  const ask = async (api: GraphApi, asking: Asking): Promise<Json> => {
    const answer = await askGraph(cloud, api, asking);
    realtime.tell(asking, answer);
    return answer;
  };
  return {
    name: 'appsync',
    resources: appSyncModels(cloud, apis, { url: `${endpointUrl}${path}`, userPools }),
    operations: {
      /** What a signature of the account's own roles may ask: field by field. */
      GraphQL: {
        members: ['apiId', 'query', 'variables', 'operationName'],
        access: (input) =>
          listRootFields(String(input.query)).map(({ type, field }) => ({
            action: 'appsync:GraphQL',
            resource: formatArn(cloud, 'appsync', `apis/${String(input.apiId)}/types/${type}/fields/${field}`),
          })),
        run: (input, caller) => {
          const api = apis.get(String(input.apiId));
          if (api === undefined) throw new ServiceError('NotFoundException', 'there is no such GraphQL API', 404);
          return ask(api, { ...readAsking(input), asker: { mode: 'aws_iam', identity: describeRole(cloud, caller) } });
        },
      },
    },
    listUrls: () => [...apis.values()].map(() => `${endpointUrl}${path}`),
    answer: async (request) => {
      const api = first();
      if (api === undefined || request.path !== path || request.method !== 'POST') return undefined;
      const asker = admit(api, request.headers.authorization);
      if (asker === null)
        return json({ errors: [{ errorType: 'UnauthorizedException', message: 'Unauthorized' }] }, 401);
      const body = parse(request.body.toString());
      if (typeof body?.query !== 'string') {
        return json(
          { errors: [{ errorType: 'MalformedHttpRequestException', message: 'Unable to parse GraphQL query.' }] },
          400,
        );
      }
      return json(await ask(api, { ...readAsking(body), asker }));
    },
    upgrade: (request, socket, head) => {
      if (first() === undefined || new URL(request.url ?? '/', 'http://localhost').pathname !== path) return false;
      realtime.upgrade(request, socket, head);
      return true;
    },
    stop: async () => realtime.stop(),
  };
}

const readAsking = ({ query, variables, operationName }: Json): Omit<Asking, 'asker'> => ({
  query: String(query),
  variables: (variables ?? {}) as Json,
  operationName: typeof operationName === 'string' ? operationName : null,
});

/** As AppSync tells a resolver who asks ("Resolver context: identity"). */
function describePerson(authorization: string, issuer: string): Json {
  const claims = parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()) ?? {};
  return {
    sub: claims.sub,
    issuer,
    username: claims.username,
    claims,
    groups: claims['cognito:groups'] ?? null,
    sourceIp: ['127.0.0.1'],
    defaultAuthStrategy: 'ALLOW',
  };
}

const describeRole = (cloud: Cloud, caller: Caller): Json => ({
  accountId: cloud.accountId,
  userArn: caller.kind === 'role' ? caller.arn : caller.kind,
  username: caller.kind === 'role' ? caller.arn : caller.kind,
  sourceIp: ['127.0.0.1'],
});

function parse(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Json) : null;
  } catch {
    return null;
  }
}

const json = (value: unknown, statusCode = 200): WireResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json;charset=UTF-8' },
  body: JSON.stringify(value),
});
