/** The management API of WebSocket APIs: `POST /<stage>/@connections/<id>`, the message as the body. */
import type { Caller } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import type { Call } from './dispatch.ts';
import { json, type WireRequest, type WireResponse } from './request.ts';

export async function answerConnections(request: WireRequest, caller: Caller, call: Call): Promise<WireResponse> {
  const found = /^\/([^/]+)\/(?:@|%40)connections\/([^/]+)$/.exec(request.path);
  if (found === null || request.method !== 'POST') {
    const what = `${request.method} ${request.path}`;
    throw new ServiceError('UnknownOperationException', `execute-api: ${what} is not modelled on the laptop`);
  }
  const [, Stage = '', id = ''] = found;
  const input = { Stage, ConnectionId: decodeURIComponent(id), Data: request.body };
  return json(await call('execute-api', 'PostToConnection', input, caller));
}
