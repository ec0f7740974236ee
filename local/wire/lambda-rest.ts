/** Lambda's Invoke: the payload is the body, how to invoke and what became of it are headers. Null for another call. */
import type { Caller, Json } from '../engine.ts';
import type { Call } from './dispatch.ts';
import type { WireRequest, WireResponse } from './request.ts';

export async function answerInvoke(request: WireRequest, caller: Caller, call: Call): Promise<WireResponse | null> {
  const found = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.path);
  if (found?.[1] === undefined || request.method !== 'POST') return null;
  const input = {
    FunctionName: decodeURIComponent(found[1]),
    InvocationType: request.headers['x-amz-invocation-type'],
    ClientContext: request.headers['x-amz-client-context'],
    Qualifier: request.query.get('Qualifier') ?? undefined,
    LogType: request.headers['x-amz-log-type'] === 'Tail' ? 'Tail' : undefined,
    Payload: request.body.length === 0 ? '{}' : request.body.toString(),
  };
  const { StatusCode, Payload, FunctionError } = (await call('lambda', 'Invoke', input, caller)) as Json;
  return {
    statusCode: Number(StatusCode),
    headers: {
      'content-type': 'application/json',
      ...(FunctionError === undefined ? {} : { 'x-amz-function-error': String(FunctionError) }),
    },
    body: String(Payload ?? ''),
  };
}
