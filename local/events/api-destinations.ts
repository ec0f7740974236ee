/**
 * API destinations and their connections: an event goes out as a real HTTP request, with the credentials that the
 * connection keeps in Secrets Manager and no faster than its rate. Source: EventBridge user guide, "API destinations"
 * and "Connections". On AWS an endpoint is HTTPS; here one on this machine may be plain HTTP.
 */
import type { Caller, Cloud, Json, ResourceModel, ResourceRequest } from '../engine.ts';
import { formatArn, owner, ServiceError } from '../engine.ts';
import { HttpRefusal, NotYet } from './http-refusal.ts';
import type { HttpParameters } from './rules.ts';
import { readJsonPath } from './target-input.ts';

export interface Invocation {
  readonly arn: string;
  readonly input: unknown;
  readonly parameters: HttpParameters;
  /** What `$.detail.x` in a parameter looks at. */
  readonly event: Json;
}

export interface ApiDestinations {
  readonly resources: Readonly<Record<string, ResourceModel>>;
  /** Throws HttpRefusal or NotYet. */
  invoke(invocation: Invocation, caller: Caller): Promise<void>;
}

interface Destination {
  readonly name: string;
  readonly connectionArn: string;
  readonly method: string;
  readonly endpoint: string;
  readonly gapMs: number;
  nextAtMs: number;
}

/** EventBridge gives a receiver five seconds, and 300 requests a second where nothing is said. */
const patienceMs = 5000;
const defaultRatePerS = 300;
const retriedStatuses: ReadonlySet<number> = new Set([401, 407, 409, 429]);
const methods = ['POST', 'PUT', 'PATCH', 'GET', 'DELETE', 'HEAD', 'OPTIONS'];

export function createApiDestinations(cloud: Cloud): ApiDestinations {
  const destinations = new Map<string, Destination>();
  /** Connection → the secret with its credentials. */
  const connections = new Map<string, string>();

  const createConnection = async ({ properties, physicalName }: ResourceRequest) => {
    const name = String(properties.Name ?? physicalName);
    const arn = formatArn(cloud, 'events', `connection/${name}`);
    const SecretString = JSON.stringify(readCredentials(properties));
    const secretName = `events!connection/${name}`;
    connections.set(arn, await keepSecret(cloud, secretName, SecretString));
    return { ref: name, attributes: { Arn: arn, ArnForPolicy: arn, SecretArn: connections.get(arn)! } };
  };
  const createDestination = ({ properties, physicalName }: ResourceRequest) => {
    const name = String(properties.Name ?? physicalName);
    const arn = formatArn(cloud, 'events', `api-destination/${name}`);
    const connectionArn = String(properties.ConnectionArn);
    if (!connections.has(connectionArn)) throw new Error(`ConnectionArn: there is no connection ${connectionArn}`);
    const ratePerS = Number(properties.InvocationRateLimitPerSecond ?? defaultRatePerS);
    const method = String(properties.HttpMethod);
    if (!methods.includes(method)) throw new Error(`HttpMethod: got "${method}", allowed are ${methods.join(', ')}`);
    const endpoint = readEndpoint(properties.InvocationEndpoint);
    destinations.set(arn, { name, connectionArn, method, endpoint, gapMs: 1000 / ratePerS, nextAtMs: 0 });
    return { ref: name, attributes: { Arn: arn, ArnForPolicy: arn } };
  };
  const takeTurn = (destination: Destination): void => {
    const waitMs = destination.nextAtMs - cloud.nowMs();
    if (waitMs > 0) throw new NotYet(waitMs);
    destination.nextAtMs = cloud.nowMs() + destination.gapMs;
  };

  return {
    resources: {
      'AWS::Events::Connection': { properties: connectionProperties, create: createConnection },
      'AWS::Events::ApiDestination': { properties: destinationProperties, create: createDestination },
    },
    invoke: async (invocation, caller) => {
      const { arn } = invocation;
      cloud.authorize(caller, { action: 'events:InvokeApiDestination', resource: arn });
      const destination = destinations.get(arn);
      if (destination === undefined) throw new ServiceError('ResourceNotFoundException', `there is no ${arn}`);
      takeTurn(destination);
      const SecretId = connections.get(destination.connectionArn);
      const secret = (await cloud.call('secretsmanager', 'GetSecretValue', { SecretId }, owner)) as Json;
      const credentials = JSON.parse(String(secret.SecretString)) as Credentials;
      await send(destination, invocation, toHeader(credentials));
    },
  };
}

const connectionProperties = [
  'Name',
  'Description',
  'AuthorizationType',
  'AuthParameters.ApiKeyAuthParameters.ApiKeyName',
  'AuthParameters.ApiKeyAuthParameters.ApiKeyValue',
  'AuthParameters.BasicAuthParameters.Username',
  'AuthParameters.BasicAuthParameters.Password',
];
const destinationProperties = [
  'Name',
  'Description',
  'ConnectionArn',
  'HttpMethod',
  'InvocationEndpoint',
  'InvocationRateLimitPerSecond',
];

/** As EventBridge keeps them in the connection's secret. */
type Credentials =
  | { readonly api_key_name: string; readonly api_key_value: string }
  | { readonly username: string; readonly password: string };

function readCredentials({ AuthorizationType, AuthParameters }: Json): Credentials {
  const parameters = (AuthParameters ?? {}) as Readonly<Record<string, Json | undefined>>;
  const { ApiKeyAuthParameters: key, BasicAuthParameters: basic } = parameters;
  if (AuthorizationType === 'API_KEY' && key !== undefined)
    return { api_key_name: String(key.ApiKeyName), api_key_value: String(key.ApiKeyValue) };
  if (AuthorizationType === 'BASIC' && basic !== undefined)
    return { username: String(basic.Username), password: String(basic.Password) };
  throw new Error(
    `AuthorizationType: got "${String(AuthorizationType)}", modelled are API_KEY and BASIC, each with its parameters`,
  );
}

const toHeader = (credentials: Credentials): Readonly<Record<string, string>> =>
  'api_key_name' in credentials
    ? { [credentials.api_key_name]: credentials.api_key_value }
    : {
        Authorization: `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`,
      };

async function keepSecret(cloud: Cloud, Name: string, SecretString: string): Promise<string> {
  try {
    const created = (await cloud.call('secretsmanager', 'CreateSecret', { Name, SecretString }, owner)) as Json;
    return String(created.ARN);
  } catch (error) {
    if ((error as Error).name !== 'ResourceExistsException') throw error;
    const put = await cloud.call('secretsmanager', 'PutSecretValue', { SecretId: Name, SecretString }, owner);
    return String((put as Json).ARN);
  }
}

function readEndpoint(endpoint: unknown): string {
  const text = String(endpoint);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(url?.hostname ?? '');
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) return text;
  throw new Error(`InvocationEndpoint: got "${text}", allowed is an https:// address (http:// only on this machine)`);
}

async function send(destination: Destination, invocation: Invocation, credentials: Readonly<Record<string, string>>) {
  const { input, parameters, event } = invocation;
  const { name, method } = destination;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const response = await fetch(formatUrl(destination.endpoint, parameters, event), {
    method,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Amazon/EventBridge/ApiDestinations',
      range: 'bytes=0-1048575',
      ...fillValues(parameters.HeaderParameters, event),
      ...credentials,
    },
    redirect: 'manual',
    signal: AbortSignal.timeout(patienceMs),
    ...(hasBody && { body: JSON.stringify(input) }),
  }).catch((error: Error) => {
    throw new HttpRefusal(
      `API destination ${name} does not answer: ${(error.cause as Error)?.message ?? error.message}`,
      false,
    );
  });
  await response.body?.cancel();
  const { status, ok } = response;
  if (ok) return;
  const retryAfterS = Number(response.headers.get('retry-after') ?? 0) || 0;
  // A negative one is a receiver's way to say: never again.
  const isFinal = retryAfterS < 0 || (status < 500 && !retriedStatuses.has(status));
  throw new HttpRefusal(`API destination ${name} answered ${status}`, isFinal, retryAfterS * 1000);
}

/** Each `*` of the endpoint takes the next path parameter. */
function formatUrl(endpoint: string, parameters: HttpParameters, event: Json): URL {
  const values = [...(parameters.PathParameterValues ?? [])];
  const url = new URL(endpoint.replaceAll('*', () => encodeURIComponent(fillValue(values.shift() ?? '*', event))));
  for (const [name, value] of Object.entries(fillValues(parameters.QueryStringParameters, event)))
    url.searchParams.append(name, value);
  return url;
}

const fillValues = (values: Readonly<Record<string, string>> = {}, event: Json): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fillValue(value, event)]));

const fillValue = (value: string, event: Json): string =>
  value.startsWith('$.') ? String(readJsonPath(event, value) ?? '') : value;
