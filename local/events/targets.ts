/** Brings an event to a target: by the target's service, again where it fails, to its dead-letter queue in the end. */
import type { Verdict } from '../delivery/delivery-queue.ts';
import type { Caller, Cloud, Json } from '../engine.ts';
import type { ApiDestinations } from './api-destinations.ts';
import { HttpRefusal, NotYet } from './http-refusal.ts';
import type { Rule, Target } from './rules.ts';
import { checkTargetInput, makeTargetInput } from './target-input.ts';

/** What a delivery of the queue is about. */
export interface Attempt {
  readonly rule: Rule;
  readonly target: Target;
  readonly event: Json;
  readonly attempt: number;
  readonly firstAtMs: number;
}

export interface Targets {
  /** Throws an Error with one sentence where no target of that kind is modelled. */
  check(target: Target): void;
  deliver(attempt: Attempt): Promise<Verdict>;
}

/** EventBridge's own limits (user guide, "Retrying event delivery"); a laptop waits a minute between tries at most. */
const defaultRetries = 185;
const defaultMaxAgeS = 86_400;
const longestBackOffMs = 60_000;
/** A missing permission or target does not mend itself: no retry, as on AWS. */
const finalErrors: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'ResourceNotFoundException',
  'QueueDoesNotExist',
]);

type Deliver = (target: Target, input: unknown, caller: Caller, event: Json) => Promise<unknown>;

export function createTargets(cloud: Cloud, apiDestinations: ApiDestinations): Targets {
  const services = listServices(cloud, apiDestinations);
  const find = ({ Arn, RoleArn, DeadLetterConfig }: Target): Deliver => {
    const [, , service = '', , , resource = ''] = Arn.split(':');
    const kind = service === 'events' ? resource.split('/')[0]! : service;
    const found = services[kind];
    if (found === undefined)
      throw new Error(`Targets: got "${Arn}", modelled are targets of ${Object.keys(services).join(', ')}`);
    if (DeadLetterConfig?.Arn?.endsWith('.fifo'))
      throw new Error(`DeadLetterConfig: got "${DeadLetterConfig.Arn}", allowed is a standard queue`);
    if (kind === 'api-destination' && RoleArn === undefined)
      throw new Error(`Targets: "${Arn}" needs a RoleArn that may do events:InvokeApiDestination`);
    return found;
  };
  const tryOnce = async ({ rule, target, event }: Attempt): Promise<void> => {
    const caller: Caller =
      target.RoleArn === undefined
        ? { kind: 'service', name: 'events.amazonaws.com', sourceArn: rule.arn }
        : cloud.iam.assume(target.RoleArn, 'events.amazonaws.com');
    const input = makeTargetInput(target, event, { arn: rule.arn, name: rule.name, nowMs: cloud.nowMs() });
    await find(target)(target, input, caller, event);
  };
  return {
    check: (target) => {
      find(target);
      checkTargetInput(target);
    },
    deliver: async (attempt) => {
      try {
        await tryOnce(attempt);
        return 'done';
      } catch (error) {
        if (error instanceof NotYet) return { retryInMs: error.waitMs, isNoAttempt: true };
        return findRetry(cloud, attempt, error as Error) ?? giveUp(cloud, attempt, error as Error);
      }
    },
  };
}

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);
const asText = (input: unknown): string => (typeof input === 'string' ? input : JSON.stringify(input));

const listServices = (cloud: Cloud, apiDestinations: ApiDestinations): Readonly<Record<string, Deliver>> => ({
  lambda: ({ Arn }, input, caller) =>
    cloud.call(
      'lambda',
      'Invoke',
      { FunctionName: Arn, InvocationType: 'Event', Payload: JSON.stringify(input) },
      caller,
    ),
  sqs: ({ Arn, SqsParameters }, input, caller) =>
    cloud.call('sqs', 'SendMessage', { QueueUrl: lastPart(Arn), MessageBody: asText(input), ...SqsParameters }, caller),
  sns: ({ Arn }, input, caller) => cloud.call('sns', 'Publish', { TopicArn: Arn, Message: asText(input) }, caller),
  states: ({ Arn }, input, caller) =>
    cloud.call('states', 'StartExecution', { stateMachineArn: Arn, input: JSON.stringify(input) }, caller),
  logs: ({ Arn }, input, caller) =>
    cloud.call('logs', 'PutLogEvents', { logGroupName: Arn.split(':')[6], message: asText(input) }, caller),
  appsync: (target, input, caller) => askAppSync(cloud, target, input, caller),
  'api-destination': ({ Arn, HttpParameters = {} }, input, caller, event) =>
    apiDestinations.invoke({ arn: Arn, input, parameters: HttpParameters, event }, caller),
});

/** The event becomes the operation's variables (EventBridge user guide, "AWS AppSync as a target"). */
async function askAppSync(cloud: Cloud, target: Target, variables: unknown, caller: Caller): Promise<void> {
  const apiId = lastPart(target.Arn).split('/')[2];
  const input = { apiId, query: target.AppSyncParameters?.GraphQLOperation, variables };
  const answer = (await cloud.call('appsync', 'GraphQL', input, caller)) as { errors?: readonly Error[] };
  if (answer.errors !== undefined) throw new Error(answer.errors.map(({ message }) => message).join('; '));
}

function findRetry(cloud: Cloud, { target, attempt, firstAtMs }: Attempt, error: Error): Verdict | null {
  const { MaximumRetryAttempts = defaultRetries, MaximumEventAgeInSeconds = defaultMaxAgeS } = target.RetryPolicy ?? {};
  const isOld = cloud.nowMs() - firstAtMs > MaximumEventAgeInSeconds * 1000;
  const isFinal = finalErrors.has(error.name) || (error instanceof HttpRefusal && error.isFinal);
  if (isFinal || isOld || attempt > MaximumRetryAttempts) return null;
  const backOffMs = Math.min(longestBackOffMs, 200 * 2 ** attempt);
  return { retryInMs: Math.max(backOffMs, error instanceof HttpRefusal ? error.retryAfterMs : 0) };
}

async function giveUp(cloud: Cloud, { rule, target, event, attempt }: Attempt, error: Error): Promise<Verdict> {
  cloud.putMetric('AWS/Events', 'FailedInvocations', { RuleName: rule.name }, 1);
  cloud.tell('events', `rule ${rule.name} could not reach ${target.Arn}: ${error.message}`);
  const queue = target.DeadLetterConfig?.Arn;
  if (queue === undefined) return 'done';
  const MessageAttributes = toAttributes({
    RULE_ARN: rule.arn,
    TARGET_ARN: target.Arn,
    ERROR_CODE: error.name,
    ERROR_MESSAGE: error.message,
    RETRY_ATTEMPTS: String(attempt - 1),
  });
  const caller: Caller = { kind: 'service', name: 'events.amazonaws.com', sourceArn: rule.arn };
  const input = { QueueUrl: lastPart(queue), MessageBody: JSON.stringify(event), MessageAttributes };
  try {
    await cloud.call('sqs', 'SendMessage', input, caller);
    cloud.putMetric('AWS/Events', 'InvocationsSentToDlq', { RuleName: rule.name }, 1);
  } catch (refusal) {
    cloud.putMetric('AWS/Events', 'InvocationsFailedToBeSentToDlq', { RuleName: rule.name }, 1);
    cloud.tell('events', `rule ${rule.name}: its dead-letter queue: ${(refusal as Error).message}`);
  }
  return 'done';
}

const toAttributes = (values: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(Object.entries(values).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));
