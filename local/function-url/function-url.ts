/** Lambda function URLs: an address of its own for one function, here a path of the laptop's endpoint. */
import { randomUUID } from 'node:crypto';
import { describeCall, readReply } from '../apigateway/lambda-proxy.ts';
import type { Caller, Cloud, Engine, Json } from '../engine.ts';
import { formatArn } from '../engine.ts';
import type { WireRequest, WireResponse } from '../wire/request.ts';

export interface FunctionUrlEngine extends Engine {
  /** Undefined for a path that is no function's. */
  answer(request: WireRequest): Promise<WireResponse | undefined>;
}

const root = '/lambda-url/';

export function createFunctionUrls(cloud: Cloud, endpointUrl: string): FunctionUrlEngine {
  const functionNames = new Map<string, string>();
  const call = async (id: string, path: string, request: WireRequest): Promise<WireResponse> => {
    const functionName = functionNames.get(id)!;
    const resource = formatArn(cloud, 'lambda', `function:${functionName}`);
    const caller: Caller = { kind: 'service', name: 'anonymous', sourceArn: resource };
    const context = { 'lambda:FunctionUrlAuthType': 'NONE', 'lambda:InvokedViaFunctionUrl': 'true' };
    // Since October 2025 a URL needs both (Lambda developer guide, "Control access to function URLs").
    for (const action of ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']) {
      cloud.authorize(caller, { action, resource, context });
    }
    const match = { route: { routeKey: '$default', value: null }, parameters: {} };
    const requestId = randomUUID();
    const event = describeCall({
      cloud,
      api: { id },
      request: { ...request, path },
      match,
      authorizer: null,
      requestId,
    });
    const input = { FunctionName: functionName, Payload: JSON.stringify(event) };
    const output = (await cloud.call('lambda', 'Invoke', input, { kind: 'owner' })) as Json;
    return readReply(output) ?? refuse(502, 'Internal Server Error');
  };
  return {
    name: 'function-url',
    operations: {},
    resources: {
      'AWS::Lambda::Url': {
        properties: ['AuthType', 'TargetFunctionArn', 'InvokeMode'],
        create: ({ properties, physicalName }) => {
          if (properties.AuthType !== 'NONE' || (properties.InvokeMode ?? 'BUFFERED') !== 'BUFFERED') {
            throw new Error('modelled are URLs of AuthType NONE and InvokeMode BUFFERED');
          }
          const id = physicalName.slice(-8);
          const arn = String(properties.TargetFunctionArn);
          functionNames.set(id, arn.slice(arn.lastIndexOf(':') + 1));
          return { ref: arn, attributes: { FunctionArn: arn, FunctionUrl: `${endpointUrl}${root}${id}/` } };
        },
      },
    },
    answer: async (request) => {
      const [id = '', ...rest] = request.path.startsWith(root) ? request.path.slice(root.length).split('/') : [];
      if (!functionNames.has(id)) return undefined;
      try {
        return await call(id, `/${rest.join('/')}`, request);
      } catch (error) {
        cloud.tell('function-url', (error as Error).message);
        return refuse(403, 'Forbidden');
      }
    },
  };
}

const refuse = (statusCode: number, Message: string): WireResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ Message }),
});
