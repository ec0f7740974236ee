/** API Gateway's HTTP APIs: routes, the JWT authorizer and IAM, throttling, Lambda by payload format 2.0, the access log. */
import { randomUUID } from 'node:crypto';
import type { UserPoolEngine } from '../cognito/user-pool.ts';
import type { Caller, Cloud, Engine, Json, ResourceModel, ResourceRequest } from '../engine.ts';
import { formatArn } from '../engine.ts';
import { createGatewayTurns } from '../lambda/gateway-turns.ts';
import type { Turns } from '../turns.ts';
import type { Credentials } from '../wire/credentials.ts';
import type { WireRequest, WireResponse } from '../wire/request.ts';
import { admit, type Guard } from './admission.ts';
import type { JwtSettings } from './jwt-authorizer.ts';
import { describeCall, readReply } from './lambda-proxy.ts';
import { findRoute, type Match, type Route } from './routes.ts';
import { openBucket, type TokenBucket, takeToken } from './token-bucket.ts';

export interface HttpApiEngine extends Engine {
  /** Undefined when there is no HTTP API or none of its routes means this request. */
  answer(request: WireRequest): Promise<WireResponse | undefined>;
}

interface Target {
  readonly integrationId: string;
  readonly guard: Guard;
}

interface Stage {
  readonly name: string;
  readonly bucket: TokenBucket;
  readonly accessLog: { readonly group: string; readonly format: string } | null;
}

interface Api {
  readonly id: string;
  readonly routes: Route<Target>[];
  readonly integrations: Map<string, string>;
  readonly authorizers: Map<string, JwtSettings>;
  readonly turns: Map<string, Turns>;
  stage: Stage | null;
}

export interface HttpApiParts {
  readonly endpointUrl: string;
  readonly userPools: UserPoolEngine;
  readonly credentials: Credentials;
}

export function createHttpApis(cloud: Cloud, parts: HttpApiParts): HttpApiEngine {
  const { endpointUrl, userPools, credentials } = parts;
  const apis = new Map<string, Api>();
  const find = (id: unknown): Api => {
    const api = apis.get(String(id));
    if (api === undefined) throw new Error(`ApiId: there is no API "${String(id)}"`);
    return api;
  };
  return {
    name: 'apigateway',
    operations: {},
    resources: {
      'AWS::ApiGatewayV2::Api': apiModel(apis, endpointUrl),
      'AWS::ApiGatewayV2::Integration': integrationModel(find),
      'AWS::ApiGatewayV2::Authorizer': authorizerModel(find, userPools),
      'AWS::ApiGatewayV2::Route': routeModel(find),
      'AWS::ApiGatewayV2::Stage': stageModel(find, cloud),
    },
    answer: async (request) => {
      const path = request.path.replace(/^\/\$default(?=\/)/, '');
      for (const api of apis.values()) {
        const match = findRoute(api.routes, request.method, path);
        if (match !== undefined && api.stage !== null)
          return answerRoute({ cloud, credentials, api, stage: api.stage, request, match });
      }
      return undefined;
    },
  };
}

function apiModel(apis: Map<string, Api>, endpointUrl: string): ResourceModel {
  return {
    properties: ['Name', 'Description', 'ProtocolType', 'Tags.*'],
    create: ({ properties, physicalName }) => {
      if (properties.ProtocolType !== 'HTTP') {
        throw new Error(`ProtocolType: got "${String(properties.ProtocolType)}", modelled is HTTP`);
      }
      if (apis.size > 0) throw new Error('a laptop has one HTTP API');
      const id = physicalName.slice(-8);
      apis.set(id, { id, routes: [], integrations: new Map(), authorizers: new Map(), turns: new Map(), stage: null });
      return { ref: id, attributes: { ApiEndpoint: endpointUrl, ApiId: id } };
    },
  };
}

function integrationModel(find: (id: unknown) => Api): ResourceModel {
  return {
    properties: ['ApiId', 'IntegrationType', 'IntegrationUri', 'PayloadFormatVersion'],
    create: ({ properties, logicalId }) => {
      if (properties.IntegrationType !== 'AWS_PROXY' || properties.PayloadFormatVersion !== '2.0') {
        throw new Error('modelled are integrations of type AWS_PROXY with PayloadFormatVersion 2.0');
      }
      find(properties.ApiId).integrations.set(logicalId, String(properties.IntegrationUri));
      return { ref: logicalId };
    },
  };
}

function authorizerModel(find: (id: unknown) => Api, userPools: UserPoolEngine): ResourceModel {
  return {
    properties: [
      'ApiId',
      'Name',
      'AuthorizerType',
      'IdentitySource',
      'JwtConfiguration.Audience',
      'JwtConfiguration.Issuer',
    ],
    create: ({ properties, logicalId }) => {
      if (properties.AuthorizerType !== 'JWT')
        throw new Error(`AuthorizerType: got "${String(properties.AuthorizerType)}", modelled is JWT`);
      const { Issuer: issuer, Audience: audience } = properties.JwtConfiguration as {
        Issuer: string;
        Audience: string[];
      };
      const keys = userPools.findKeys(issuer);
      if (keys === undefined) throw new Error(`Issuer: got "${issuer}", modelled are the template's own user pools`);
      find(properties.ApiId).authorizers.set(logicalId, { issuer, audience, findKey: (keyId) => keys.get(keyId) });
      return { ref: logicalId };
    },
  };
}

function routeModel(find: (id: unknown) => Api): ResourceModel {
  return {
    properties: ['ApiId', 'RouteKey', 'Target', 'AuthorizationType', 'AuthorizerId'],
    create: ({ properties, logicalId }) => {
      const integrationId = String(properties.Target).replace('integrations/', '');
      const value: Target = { integrationId, guard: readGuard(properties) };
      find(properties.ApiId).routes.push({ routeKey: String(properties.RouteKey), value });
      return { ref: logicalId };
    },
  };
}

function readGuard({ AuthorizationType: kind = 'NONE', AuthorizerId }: Json): Guard {
  if (kind === 'JWT') return { kind, authorizerId: String(AuthorizerId) };
  if (kind === 'NONE' || kind === 'AWS_IAM') return { kind };
  throw new Error(`AuthorizationType: got "${String(kind)}", modelled are NONE, JWT and AWS_IAM`);
}

function stageModel(find: (id: unknown) => Api, cloud: Cloud): ResourceModel {
  return {
    properties: [
      'ApiId',
      'StageName',
      'AutoDeploy',
      'AccessLogSettings.DestinationArn',
      'AccessLogSettings.Format',
      'DefaultRouteSettings.ThrottlingBurstLimit',
      'DefaultRouteSettings.ThrottlingRateLimit',
      'Tags.*',
    ],
    create: (request) => {
      const stage = readStage(request, cloud.nowMs());
      find(request.properties.ApiId).stage = stage;
      return { ref: stage.name };
    },
  };
}

function readStage({ properties }: ResourceRequest, nowMs: number): Stage {
  const name = String(properties.StageName);
  if (name !== '$default') throw new Error(`StageName: got "${name}", modelled is $default`);
  const settings = properties.AccessLogSettings as { DestinationArn: string; Format: string } | undefined;
  return {
    name,
    bucket: openBucket(properties.DefaultRouteSettings, nowMs),
    accessLog:
      settings === undefined ? null : { group: settings.DestinationArn.split(':')[6]!, format: settings.Format },
  };
}

interface Exchange {
  readonly cloud: Cloud;
  readonly credentials: Credentials;
  readonly api: Api;
  readonly stage: Stage;
  readonly request: WireRequest;
  readonly match: Match<Target>;
}

async function answerRoute(exchange: Exchange): Promise<WireResponse> {
  const { cloud, stage, match } = exchange;
  const requestId = randomUUID();
  const response = await decide(exchange, requestId);
  const dimensions = { ApiId: exchange.api.id };
  cloud.putMetric('AWS/ApiGateway', 'Count', dimensions, 1);
  if (response.statusCode >= 500) cloud.putMetric('AWS/ApiGateway', '5xx', dimensions, 1);
  if (stage.accessLog !== null) {
    const message = fillFormat(stage.accessLog.format, {
      'identity.sourceIp': '127.0.0.1',
      requestTime: new Date(cloud.nowMs()).toISOString(),
      httpMethod: exchange.request.method,
      routeKey: match.route.routeKey,
      path: exchange.request.path,
      protocol: 'HTTP/1.1',
      status: String(response.statusCode),
      responseLength: String(response.body.length),
      requestId,
    });
    const caller: Caller = { kind: 'owner' };
    await cloud.call('logs', 'PutLogEvents', { logGroupName: stage.accessLog.group, message }, caller);
  }
  return response;
}

const fillFormat = (format: string, values: Readonly<Record<string, string>>): string =>
  format.replaceAll(/\$context\.([A-Za-z.]+)/g, (_, name: string) => values[name] ?? '-');

async function decide(exchange: Exchange, requestId: string): Promise<WireResponse> {
  const { cloud, credentials, api, stage, request, match } = exchange;
  if (!takeToken(stage.bucket, cloud.nowMs())) return refuse(429, 'Too Many Requests');
  const { guard, integrationId } = match.route.value;
  const settings = guard.kind === 'JWT' ? api.authorizers.get(guard.authorizerId) : undefined;
  const place = `${api.id}/${stage.name}/${request.method}${request.path.replace(/^\/\$default(?=\/)/, '')}`;
  const admission = admit({ cloud, credentials, request, guard, settings, place });
  if (!admission.isLet) {
    if (admission.statusCode === 403) return refuse(403, 'Forbidden');
    return refuse(401, 'Unauthorized', { 'www-authenticate': 'Bearer' });
  }
  const { authorizer } = admission;
  const sourceArn = formatArn(cloud, 'execute-api', `${api.id}/${stage.name}/${match.route.routeKey.replace(' ', '')}`);
  const event = describeCall({ cloud, api, request, match, authorizer, requestId });
  const functionArn = api.integrations.get(integrationId);
  const input = { FunctionName: functionArn, Payload: event };
  try {
    const caller: Caller = { kind: 'service', name: 'apigateway.amazonaws.com', sourceArn };
    const output = await turnsOf(api, functionArn)(() => cloud.call('lambda', 'Invoke', input, caller));
    return readReply(output as Json) ?? refuse(500, 'Internal Server Error');
  } catch (error) {
    cloud.tell('apigateway', `${match.route.routeKey}: ${(error as Error).message}`);
    return refuse(500, 'Internal Server Error');
  }
}

/** Of each function apart: one that is slow keeps nobody waiting for another. */
function turnsOf({ turns }: Api, functionArn = ''): Turns {
  const known = turns.get(functionArn) ?? createGatewayTurns();
  turns.set(functionArn, known);
  return known;
}

const refuse = (statusCode: number, message: string, headers: Readonly<Record<string, string>> = {}): WireResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ message }),
});
