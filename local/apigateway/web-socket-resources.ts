/** The template's side of WebSocket APIs: their routes, integrations, authorizers and stages. */
import type { Cloud, Json, ResourceModel, ResourceRequest } from '../engine.ts';
import { openBucket, type TokenBucket } from './token-bucket.ts';

export interface SocketApi {
  readonly id: string;
  readonly routes: Map<string, SocketRoute>;
  readonly integrations: Map<string, string>;
  readonly authorizers: Map<string, SocketAuthorizer>;
  stage: SocketStage | null;
}

export interface SocketRoute {
  readonly integrationId: string;
  readonly authorizerId: string | null;
}

export interface SocketAuthorizer {
  readonly functionArn: string;
  /** Where each has to be, else the function is not even asked. */
  readonly identitySource: readonly string[];
}

export interface SocketStage {
  readonly name: string;
  readonly bucket: TokenBucket;
}

type Find = (id: unknown) => SocketApi;

export function socketModels(
  cloud: Cloud,
  apis: Map<string, SocketApi>,
  /** `ws://host:port` */
  endpoint: string,
): Readonly<Record<string, ResourceModel>> {
  const find: Find = (id) => {
    const api = apis.get(String(id));
    if (api === undefined) throw new Error(`ApiId: there is no WebSocket API "${String(id)}"`);
    return api;
  };
  return {
    'AWS::ApiGatewayV2::Api': apiModel(apis, endpoint),
    'AWS::ApiGatewayV2::Integration': integrationModel(find),
    'AWS::ApiGatewayV2::Authorizer': authorizerModel(find),
    'AWS::ApiGatewayV2::Route': routeModel(find),
    'AWS::ApiGatewayV2::Stage': stageModel(cloud, apis, find),
  };
}

const apiModel = (apis: Map<string, SocketApi>, endpoint: string): ResourceModel => ({
  properties: ['Name', 'Description', 'ProtocolType', 'RouteSelectionExpression', 'Tags.*'],
  create: ({ properties, physicalName }) => {
    // Other members would need a path into the message: this application uses this one.
    if (properties.RouteSelectionExpression !== '$request.body.action') {
      const got = String(properties.RouteSelectionExpression);
      throw new Error(`RouteSelectionExpression: got "${got}", modelled is $request.body.action`);
    }
    const id = physicalName.slice(-8);
    apis.set(id, { id, routes: new Map(), integrations: new Map(), authorizers: new Map(), stage: null });
    return { ref: id, attributes: { ApiEndpoint: endpoint, ApiId: id } };
  },
});

const integrationModel = (find: Find): ResourceModel => ({
  properties: ['ApiId', 'IntegrationType', 'IntegrationUri'],
  create: ({ properties, logicalId }) => {
    if (properties.IntegrationType !== 'AWS_PROXY') {
      throw new Error(`IntegrationType: got "${String(properties.IntegrationType)}", modelled is AWS_PROXY`);
    }
    find(properties.ApiId).integrations.set(logicalId, readFunctionArn('IntegrationUri', properties.IntegrationUri));
    return { ref: logicalId };
  },
});

const authorizerModel = (find: Find): ResourceModel => ({
  properties: ['ApiId', 'Name', 'AuthorizerType', 'AuthorizerUri', 'IdentitySource'],
  create: ({ properties, logicalId }) => {
    if (properties.AuthorizerType !== 'REQUEST') {
      throw new Error(`AuthorizerType: got "${String(properties.AuthorizerType)}", modelled is REQUEST`);
    }
    const identitySource = (properties.IdentitySource ?? []) as string[];
    const other = identitySource.find((place) => !/^route\.request\.(header|querystring)\./.test(place));
    if (other !== undefined) {
      throw new Error(`IdentitySource: got "${other}", modelled are route.request.header and .querystring`);
    }
    const functionArn = readFunctionArn('AuthorizerUri', properties.AuthorizerUri);
    find(properties.ApiId).authorizers.set(logicalId, { functionArn, identitySource });
    return { ref: logicalId };
  },
});

const routeModel = (find: Find): ResourceModel => ({
  properties: ['ApiId', 'RouteKey', 'Target', 'AuthorizationType', 'AuthorizerId'],
  create: ({ properties, logicalId }) => {
    const kind = String(properties.AuthorizationType ?? 'NONE');
    const routeKey = String(properties.RouteKey);
    if (kind !== 'NONE' && (kind !== 'CUSTOM' || routeKey !== '$connect')) {
      throw new Error(`AuthorizationType: got "${kind}", modelled are NONE, and CUSTOM of $connect`);
    }
    find(properties.ApiId).routes.set(routeKey, {
      integrationId: String(properties.Target).replace('integrations/', ''),
      authorizerId: kind === 'CUSTOM' ? String(properties.AuthorizerId) : null,
    });
    return { ref: logicalId };
  },
});

const stageModel = (cloud: Cloud, apis: ReadonlyMap<string, SocketApi>, find: Find): ResourceModel => ({
  properties: [
    'ApiId',
    'StageName',
    'AutoDeploy',
    'DefaultRouteSettings.ThrottlingBurstLimit',
    'DefaultRouteSettings.ThrottlingRateLimit',
    'Tags.*',
  ],
  create: ({ properties }: ResourceRequest) => {
    const name = String(properties.StageName);
    if (properties.AutoDeploy !== true) throw new Error('AutoDeploy: modelled are stages that deploy themselves');
    // Here the APIs share a host: their stages tell them apart.
    if ([...apis.values()].some(({ stage }) => stage?.name === name)) {
      throw new Error(`StageName: "${name}" is another WebSocket API's already`);
    }
    find(properties.ApiId).stage = {
      name,
      bucket: openBucket(properties.DefaultRouteSettings as Json | undefined, cloud.nowMs()),
    };
    return { ref: name };
  },
});

/** `arn:aws:apigateway:<region>:lambda:path/2015-03-31/functions/<arn>/invocations` */
function readFunctionArn(property: string, uri: unknown): string {
  const found = /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(String(uri));
  if (found?.[1] === undefined) throw new Error(`${property}: got "${String(uri)}", modelled are Lambda functions`);
  return found[1];
}
