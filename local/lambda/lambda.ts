/** Lambda: functions from the bundled assets, permissions, invocations of both kinds. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { takeEmbeddedMetrics } from '../cloudwatch/embedded-metrics.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { DeliveryQueue, Verdict } from '../delivery/delivery-queue.ts';
import type { Caller, Cloud, Engine, Json, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import type { LogFiles } from '../logs/log-files.ts';
import type { Credentials } from '../wire/credentials.ts';
import { createCopiers, layerModel } from './copier.ts';
import { LambdaFunction, type Outcome } from './function.ts';
import { describeFunction, lambdaListings, lambdaRoutes } from './listings.ts';
import { permissionProperties, toPolicy } from './permission.ts';

export interface LambdaOptions {
  readonly credentials: Credentials;
  /** The SDK's endpoint for the functions. */
  readonly endpointUrl: string;
  /** The folder of an asset by its object key. */
  readonly findAsset: (key: string) => string | undefined;
  readonly metrics: Metrics;
  readonly logs: LogFiles;
  readonly deliveries: DeliveryQueue;
}

export interface LambdaEngine extends Engine {
  findFunction(nameOrArn: string): LambdaFunction;
  listFunctions(): readonly LambdaFunction[];
  /** The role of CDK's copying function. */
  findCopierRole(functionArn: string): string;
}

/** Lambda's own defaults (developer guide, "Lambda quotas"); an account runs 1,000 at once, this laptop fewer. */
const defaultTimeoutS = 3;
const defaultMemoryMb = 128;
const laptopConcurrency = 10;
/** How long an asynchronous invocation waits before its second and third try. */
const asyncRetryDelaysMs = [60_000, 120_000];
/** What finds no free container is no attempt (developer guide, "How Lambda handles errors and retries with asynchronous invocation"). */
const throttling = { firstWaitMs: 1000, longestWaitMs: 300_000, oldestMs: 6 * 3_600_000 };

export function createLambda(cloud: Cloud, options: LambdaOptions): LambdaEngine {
  const functions = new Map<string, LambdaFunction>();
  const configurations = new Map<string, Json>();
  const copiers = createCopiers();
  const arnOf = (nameOrArn: string): string => formatArn(cloud, 'lambda', `function:${readFunctionName(nameOrArn)}`);
  const findFunction = (nameOrArn: string): LambdaFunction => {
    const found = functions.get(readFunctionName(nameOrArn));
    if (found === undefined)
      throw new ServiceError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
    return found;
  };
  const create = (request: ResourceRequest) => {
    const copier = copiers.create(request, arnOf(request.physicalName));
    if (copier !== undefined) return copier;
    const created = createFunction(cloud, options, request);
    functions.set(created.settings.name, created);
    configurations.set(created.settings.name, describeFunction(request.properties, created.settings));
    return { ref: created.settings.name, attributes: { Arn: created.settings.arn } };
  };
  const permit = ({ properties, physicalName }: ResourceRequest) => {
    const { arn } = findFunction(String(properties.FunctionName)).settings;
    cloud.iam.attachPolicy(arn, toPolicy(properties, arn));
    return { ref: physicalName };
  };
  const invoke = async (input: Json): Promise<Json> => {
    const found = findFunction(String(input.FunctionName));
    const event = readPayload(input.Payload);
    if (input.InvocationType === 'DryRun')
      throw new ServiceError('InvalidParameterValueException', 'InvocationType DryRun is not modelled on the laptop');
    if (input.InvocationType === 'Event') {
      options.deliveries.add('lambda', { functionName: found.settings.name, event });
      return { StatusCode: 202 };
    }
    const outcome = await found.invoke(event);
    return { StatusCode: 200, ...formatOutcome(outcome) };
  };
  options.deliveries.handle('lambda', async (body, attempt, firstAtMs) => {
    const found = findFunction(String(body.functionName));
    const outcome = await found.invoke(body.event).catch(takeThrottle);
    if (outcome === 'throttled') return waitForRoom(cloud, found.settings.name, firstAtMs);
    if (outcome.ok) return 'done';
    const retryInMs = asyncRetryDelaysMs[attempt - 1];
    if (retryInMs !== undefined) return { retryInMs };
    cloud.tell(
      'lambda',
      `${String(body.functionName)} failed three times and its event is dropped: ${outcome.error.errorMessage}`,
    );
    return 'done';
  });

  return {
    name: 'lambda',
    findFunction,
    listFunctions: () => [...functions.values()],
    findCopierRole: copiers.findRole,
    routes: lambdaRoutes,
    operations: {
      ...lambdaListings(configurations, arnOf),
      Invoke: {
        members: ['FunctionName', 'InvocationType', 'Payload'],
        access: (input) => [{ action: 'lambda:InvokeFunction', resource: arnOf(String(input.FunctionName)) }],
        run: invoke,
      },
    },
    resources: {
      'AWS::Lambda::Function': { properties: functionProperties, create },
      'AWS::Lambda::LayerVersion': layerModel,
      'AWS::Lambda::Permission': {
        properties: permissionProperties,
        create: permit,
      },
    },
    stop: async () => {
      await Promise.all([...functions.values()].map((found) => found.kill()));
      options.logs.flush();
    },
  };
}

function takeThrottle(error: unknown): 'throttled' {
  if (error instanceof ServiceError && error.name === 'TooManyRequestsException') return 'throttled';
  throw error;
}

/** As long again as it has waited already, which doubles each wait. */
function waitForRoom(cloud: Cloud, name: string, firstAtMs: number): Verdict {
  const ageMs = cloud.nowMs() - firstAtMs;
  const { firstWaitMs, longestWaitMs, oldestMs } = throttling;
  if (ageMs < oldestMs) return { retryInMs: Math.min(longestWaitMs, Math.max(firstWaitMs, ageMs)), isNoAttempt: true };
  cloud.tell('lambda', `${name} had no free container for six hours and its event is dropped`);
  return 'done';
}

const functionProperties = [
  'FunctionName',
  'Description',
  'Handler',
  'Runtime',
  'Role',
  'Timeout',
  'MemorySize',
  'Architectures',
  'Code.S3Bucket',
  'Code.S3Key',
  'Environment.Variables.*',
  'Layers',
  'ReservedConcurrentExecutions',
  // A laptop stops no loop, so only a function that may call itself is modelled.
  'RecursiveLoop',
  'Tags.*',
  'LoggingConfig.LogGroup',
  'LoggingConfig.LogFormat',
  'LoggingConfig.ApplicationLogLevel',
  'LoggingConfig.SystemLogLevel',
  'TracingConfig.Mode',
];

function createFunction(cloud: Cloud, options: LambdaOptions, request: ResourceRequest): LambdaFunction {
  const { properties, physicalName, logicalId } = request;
  if (properties.Layers !== undefined) throw new Error("Layers: modelled of CDK's copying function alone");
  const name = String(properties.FunctionName ?? physicalName);
  const roleArn = String(properties.Role);
  const caller = cloud.iam.assume(roleArn, 'lambda.amazonaws.com');
  const memoryMb = Number(properties.MemorySize ?? defaultMemoryMb);
  const { file, exportName, folder } = findHandler(options, properties);
  const logGroup = String((properties.LoggingConfig as Json | undefined)?.LogGroup ?? `/aws/lambda/${name}`);
  const settings = {
    name,
    arn: formatArn(cloud, 'lambda', `function:${name}`),
    roleArn,
    runtime: { file, exportName, memoryMb },
    timeoutMs: Number(properties.Timeout ?? defaultTimeoutS) * 1000,
    maxConcurrency: Number(properties.ReservedConcurrentExecutions ?? laptopConcurrency),
    environment: {
      ...readEnvironment(properties),
      ...describeRuntime(cloud, options, {
        name,
        roleArn,
        memoryMb,
        logGroup,
        handler: String(properties.Handler),
        folder,
      }),
    },
  };
  return new LambdaFunction(settings, observe(cloud, options, { name, caller, logGroup, logName: logicalId }));
}

function readEnvironment(properties: Json): Record<string, string> {
  const variables = ((properties.Environment as Json | undefined)?.Variables ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)]));
}

interface Described {
  readonly name: string;
  readonly roleArn: string;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly handler: string;
  readonly folder: string;
}

/** The variables that Lambda defines ("Defined runtime environment variables"), and the endpoint of this laptop. */
function describeRuntime(cloud: Cloud, options: LambdaOptions, described: Described): Record<string, string> {
  const { accessKeyId, secretAccessKey } = options.credentials.issue(described.roleArn);
  return {
    AWS_ENDPOINT_URL: options.endpointUrl,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_FUNCTION_NAME: described.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(described.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: described.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: 'laptop',
    LAMBDA_TASK_ROOT: described.folder,
    _HANDLER: described.handler,
    TZ: ':UTC',
    PATH: process.env.PATH ?? '',
  };
}

function findHandler(options: LambdaOptions, properties: Json): { file: string; exportName: string; folder: string } {
  const key = String((properties.Code as Json).S3Key);
  const folder = options.findAsset(key);
  if (folder === undefined) throw new Error(`Code.S3Key: the assembly holds no asset ${key}`);
  const [module = '', exportName = ''] = String(properties.Handler).split('.');
  const file = ['mjs', 'js', 'cjs'].map((ending) => join(folder, `${module}.${ending}`)).find(existsSync);
  if (file === undefined)
    throw new Error(`Handler: got "${String(properties.Handler)}", but ${folder} holds no ${module}.mjs or .js`);
  return { file, exportName, folder };
}

interface Observed {
  readonly name: string;
  readonly caller: Caller;
  readonly logGroup: string;
  readonly logName: string;
}

function observe(cloud: Cloud, options: LambdaOptions, { name, caller, logGroup }: Observed) {
  const { metrics, logs } = options;
  const dimensions = { FunctionName: name };
  const resource = formatArn(cloud, 'logs', `log-group:${logGroup}:*`);
  let mayLog: boolean | undefined;
  return {
    onLog: (line: string) => {
      mayLog ??= isAllowedToLog(cloud, caller, resource, name);
      if (!mayLog) return;
      logs.write(name, line, logGroup);
      takeEmbeddedMetrics(line, metrics);
    },
    onColdStart: (initMs: number) => metrics.put('AWS/Lambda', 'InitDuration', dimensions, initMs),
    onEnd: (outcome: 'success' | 'error' | 'throttle', durationMs: number) => {
      if (outcome === 'throttle') return metrics.put('AWS/Lambda', 'Throttles', dimensions, 1);
      metrics.put('AWS/Lambda', 'Invocations', dimensions, 1);
      metrics.put('AWS/Lambda', 'Errors', dimensions, outcome === 'error' ? 1 : 0);
      metrics.put('AWS/Lambda', 'Duration', dimensions, durationMs);
    },
  };
}

/** On AWS a function without the permission runs on and its lines are gone; here that is told once. */
function isAllowedToLog(cloud: Cloud, caller: Caller, resource: string, name: string): boolean {
  try {
    cloud.authorize(caller, { action: 'logs:PutLogEvents', resource });
    return true;
  } catch (error) {
    cloud.tell('lambda', `the log lines of ${name} are lost: ${(error as Error).message}`);
    return false;
  }
}

/** From a name, `…:function:name` or `…:function:name:alias`. */
function readFunctionName(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[6] ?? '') : nameOrArn;
}

function readPayload(payload: unknown): unknown {
  if (payload instanceof Uint8Array) return JSON.parse(Buffer.from(payload).toString());
  return typeof payload === 'string' ? JSON.parse(payload) : payload;
}

function formatOutcome(outcome: Outcome): Json {
  if (outcome.ok) return { Payload: outcome.payload };
  return { FunctionError: 'Unhandled', Payload: JSON.stringify(outcome.error) };
}
