import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAddresses } from '../../../local/addresses.ts';
import { createHttpApis } from '../../../local/apigateway/http-api.ts';
import { joinProtocols } from '../../../local/apigateway/protocols.ts';
import { createWebSockets } from '../../../local/apigateway/web-socket-api.ts';
import { createAppSync } from '../../../local/appsync/appsync.ts';
import { createUserPools } from '../../../local/cognito/user-pool.ts';
import type { Json } from '../../../local/engine.ts';
import { createCredentials } from '../../../local/wire/credentials.ts';
import { openWire, type Wire } from '../wire.ts';

let wire: Wire;
beforeAll(async () => {
  wire = await openWire((cloud, endpointUrl) => {
    const userPools = createUserPools(cloud, { endpointUrl, addresses: createAddresses(endpointUrl) });
    const sockets = createWebSockets(cloud, { endpointUrl });
    const graph = createAppSync(cloud, { endpointUrl, userPools });
    const http = createHttpApis(cloud, { endpointUrl, userPools, credentials: createCredentials() }).resources;
    return {
      ...sockets,
      resources: { ...joinProtocols({ HTTP: http, WEBSOCKET: sockets.models }), ...graph.resources },
    };
  });
});
afterAll(() => wire?.stop());

const socketApi = { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' };
const pool = { UserPoolId: 'us-east-1_x', AppIdClientRegex: 'x', DefaultAction: 'ALLOW' };

const unmodelled: readonly (readonly [string, Json, string])[] = [
  ['Api', { ProtocolType: 'GRPC' }, 'ProtocolType: got "GRPC", modelled are HTTP and WEBSOCKET'],
  [
    'Api',
    { ...socketApi, ProtocolType: 'HTTP' },
    'RouteSelectionExpression: not modelled here of an API of ProtocolType HTTP',
  ],
  ['Api', { ...socketApi, RouteSelectionExpression: '$request.body.kind' }, 'modelled is $request.body.action'],
  ['Route', { ApiId: 'nowhere', RouteKey: '$connect' }, 'ProtocolType: got "undefined"'],
];

it.each(unmodelled)('refuses what it does not model of an %s: %j', async (type, properties, says) => {
  await expect(wire.create(`AWS::ApiGatewayV2::${type}`, properties)).rejects.toThrow(says);
});

it('refuses an authorizer, a route and a stage of a WebSocket API that it does not model', async () => {
  const { ref: ApiId } = await wire.create('AWS::ApiGatewayV2::Api', socketApi, 'Socket');
  const create = (type: string, properties: Json) =>
    wire.create(`AWS::ApiGatewayV2::${type}`, { ApiId, ...properties });
  await expect(create('Authorizer', { AuthorizerType: 'JWT' })).rejects.toThrow('AuthorizerType: got "JWT"');
  await expect(create('Authorizer', { JwtConfiguration: {} })).rejects.toThrow('JwtConfiguration: not modelled here');
  await expect(create('Route', { RouteKey: 'x', AuthorizationType: 'AWS_IAM' })).rejects.toThrow('got "AWS_IAM"');
  await expect(create('Stage', { StageName: 'live', AutoDeploy: false })).rejects.toThrow('AutoDeploy');
  await expect(create('Integration', { IntegrationType: 'MOCK' })).rejects.toThrow('modelled is AWS_PROXY');
});

it('refuses a graph that others than its users and roles may ask', async () => {
  const create = (properties: Json) =>
    Promise.resolve().then(() => wire.create('AWS::AppSync::GraphQLApi', properties));
  await expect(create({ AuthenticationType: 'API_KEY' })).rejects.toThrow('AuthenticationType: got "API_KEY"');
  const users = { AuthenticationType: 'AMAZON_COGNITO_USER_POOLS', UserPoolConfig: pool };
  const byKey = { ...users, AdditionalAuthenticationProviders: [{ AuthenticationType: 'API_KEY' }] };
  await expect(create(byKey)).rejects.toThrow('AdditionalAuthenticationProviders: got "API_KEY"');
  await expect(create(users)).rejects.toThrow("modelled are the template's own user pools");
});
