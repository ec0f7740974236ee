/** From a request to an engine's operation and back, in the protocol that the SDK speaks with each service. */
import { describeFault } from '../command/trouble.ts';
import type { Caller, Engine, Json } from '../engine.ts';
import { parseBody, ServiceError } from '../engine.ts';
import { decodeBinary, encodeBinary } from './binary-members.ts';
import type { Credentials } from './credentials.ts';
import { answerQuery, readQuery } from './query-protocol.ts';
import { json, jsonText, type WireRequest, type WireResponse } from './request.ts';
import { matchRoute } from './rest-routes.ts';

export type Call = (service: string, operation: string, input: Json, caller: Caller) => Promise<unknown>;

/** Null where the operation takes its request read. */
export type CallRaw = (service: string, operation: string, body: Uint8Array, caller: Caller) => Promise<string | null>;

export interface DispatchOptions {
  readonly credentials: Credentials;
  readonly findEngine: (name: string) => Engine | undefined;
  readonly call: Call;
  readonly callRaw: CallRaw;
  /** Services with a manner of their own: S3. Null for a call that is like others'. */
  readonly special: Readonly<
    Record<string, (request: WireRequest, caller: Caller, call: Call) => Promise<WireResponse | null>>
  >;
  readonly tell: (source: string, message: string) => void;
}

/** A wiring that is wrong fails again and again: it is told once. */
const wiringFaults: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'UnknownOperationException',
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'NoSuchBucket',
]);

type Teller = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => (...args: A) => Promise<R>;

function createTeller({ tell }: DispatchOptions): Teller {
  const told = new Set<string>();
  return (call) =>
    async (...args) => {
      try {
        return await call(...args);
      } catch (error) {
        if (error instanceof ServiceError && wiringFaults.has(error.name) && !told.has(error.message)) {
          told.add(error.message);
          tell('endpoint', `${error.name}: ${error.message}`);
        }
        throw error;
      }
    };
}

export function createDispatch(options: DispatchOptions): (request: WireRequest) => Promise<WireResponse> {
  const tellingFaults = createTeller(options);
  const call = tellingFaults(options.call);
  const callRaw = tellingFaults(options.callRaw);
  return async (request) => {
    try {
      const { caller, service } = identify(request, options.credentials);
      const answered = await options.special[service]?.(request, caller, call);
      if (answered != null) return answered;
      const target = request.headers['x-amz-target'];
      if (typeof target === 'string') {
        const operation = target.slice(target.lastIndexOf('.') + 1);
        const answer = await callRaw(service, operation, request.body, caller);
        if (answer !== null) return jsonText(answer);
        const input = parseBody(request.body);
        decodeBinary(service, input);
        const output = ((await call(service, operation, input, caller)) ?? {}) as Json;
        return json(encodeBinary(service, operation, output));
      }
      const routes = options.findEngine(service)?.routes;
      if (routes !== undefined) {
        const found = matchRoute(routes, request);
        if (found === undefined) throw unknownOperation(service, `${request.method} ${request.path}`);
        return json(await call(service, found.operation, found.input, caller));
      }
      const { action, input } = readQuery(request);
      return answerQuery(action, () => call(service, action, input, caller));
    } catch (error) {
      return refuse(error, options);
    }
  };
}

/** `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …` */
function identify(request: WireRequest, credentials: Credentials): { caller: Caller; service: string } {
  const scope = /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '');
  if (scope === null) throw new ServiceError('MissingAuthenticationTokenException', 'the request is not signed', 403);
  const caller = credentials.find(scope[1]!);
  if (caller === undefined) {
    throw new ServiceError('UnrecognizedClientException', `access key ${scope[1]} belongs to no role here`, 403);
  }
  return { caller, service: serviceAliases[scope[2]!] ?? scope[2]! };
}

/** Where the signing name is not the name in IAM actions. */
const serviceAliases: Readonly<Record<string, string>> = { monitoring: 'cloudwatch', iotdata: 'iot' };

/** Of requests that no SDK made: one that an engine fails at must not take the others with it. */
export const answerFaults =
  (answer: (request: WireRequest) => Promise<WireResponse>, tell: DispatchOptions['tell']) =>
  async (request: WireRequest): Promise<WireResponse> => {
    try {
      return await answer(request);
    } catch (error) {
      tell('endpoint', `internal failure: ${describeFault(error)}`);
      return json({ message: 'Internal Server Error' }, 500);
    }
  };

function refuse(error: unknown, options: DispatchOptions): WireResponse {
  if (!(error instanceof ServiceError)) {
    options.tell('endpoint', `internal failure: ${describeFault(error)}`);
  }
  const refusal =
    error instanceof ServiceError ? error : new ServiceError('InternalFailure', (error as Error).message, 500);
  const body = { __type: refusal.name, message: refusal.message, Message: refusal.message, ...refusal.details };
  const response = json(body, refusal.statusCode);
  return { ...response, headers: { ...response.headers, 'x-amzn-errortype': refusal.name } };
}

const unknownOperation = (service: string, operation: string): ServiceError =>
  new ServiceError('UnknownOperationException', `${service}: ${operation} is not modelled on the laptop`);
