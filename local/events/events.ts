/** EventBridge: buses, rules with patterns, targets with retries and dead letters. */
import { randomUUID } from 'node:crypto';
import type { DeliveryQueue, Verdict } from '../delivery/delivery-queue.ts';
import type { Caller, Cloud, Engine, Json, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { compileEventPattern, type EventMatcher } from './pattern.ts';
import { makeTargetInput, type TargetInput } from './target-input.ts';

interface Target extends TargetInput {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
}

interface Rule {
  readonly arn: string;
  readonly name: string;
  readonly bus: string;
  readonly matches: EventMatcher;
  readonly targets: readonly Target[];
}

export interface EventsEngine extends Engine {
  /** Told of every event that was put. */
  readonly listeners: Set<(event: Json) => void>;
}

/** EventBridge's own limits (user guide, "Quotas" and "Retrying event delivery"). */
const maxEntries = 10;
const maxEntryBytes = 1024 * 1024;
const defaultRetries = 185;
const defaultMaxAgeS = 86_400;
const longestBackOffMs = 60_000;

export function createEvents(cloud: Cloud, deliveries: DeliveryQueue): EventsEngine {
  const buses = new Set(['default']);
  const rules = new Map<string, Rule>();
  const listeners = new Set<(event: Json) => void>();

  const dispatch = (event: Json, bus: string): void => {
    for (const listener of listeners) listener(event);
    for (const rule of rules.values()) {
      if (rule.bus !== bus || !rule.matches(event)) continue;
      cloud.putMetric('AWS/Events', 'TriggeredRules', { RuleName: rule.name }, 1);
      for (const target of rule.targets) deliveries.add('events', { rule: rule.arn, target: target.Id, event });
    }
  };
  const putEvent = (entry: Json): Json => {
    const bus = readBusName(entry.EventBusName);
    const problem = findProblem(entry, buses, bus);
    if (problem !== null) return problem;
    const event = toEvent(cloud, entry);
    dispatch(event, bus);
    return { EventId: event.id };
  };
  deliveries.handle('events', async (body, attempt, firstAtMs): Promise<Verdict> => {
    const rule = rules.get(String(body.rule));
    const target = rule?.targets.find((candidate) => candidate.Id === body.target);
    if (rule === undefined || target === undefined) return 'done';
    try {
      await deliver(cloud, rule, target, body.event as Json);
      return 'done';
    } catch (error) {
      return judgeFailure({ cloud, rule, target, event: body.event as Json, attempt, firstAtMs }, error as Error);
    }
  });

  return {
    name: 'events',
    listeners,
    resources: {
      'AWS::Events::EventBus': {
        properties: ['Name', 'Description', 'Tags.*'],
        create: ({ properties }) => {
          const name = String(properties.Name);
          buses.add(name);
          return { ref: name, attributes: { Arn: formatArn(cloud, 'events', `event-bus/${name}`), Name: name } };
        },
      },
      'AWS::Events::Rule': {
        properties: ruleProperties,
        create: (request) => {
          const rule = readRule(cloud, request, buses);
          rules.set(rule.arn, rule);
          return {
            ref: rule.bus === 'default' ? rule.name : `${rule.bus}|${rule.name}`,
            attributes: { Arn: rule.arn },
          };
        },
      },
    },
    operations: {
      PutEvents: {
        access: (input) =>
          (input.Entries as Json[]).map((entry) => ({
            action: 'events:PutEvents',
            resource: formatArn(cloud, 'events', `event-bus/${readBusName(entry.EventBusName)}`),
          })),
        run: (input) => {
          const entries = input.Entries as Json[];
          if (entries.length > maxEntries) {
            throw new ServiceError('ValidationException', `Entries: got ${entries.length}, allowed are ${maxEntries}`);
          }
          const results = entries.map(putEvent);
          return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
        },
      },
    },
  };
}

const ruleProperties = [
  'Name',
  'Description',
  'EventBusName',
  'EventPattern.*',
  'State',
  'Tags.*',
  'Targets.Id',
  'Targets.Arn',
  'Targets.RoleArn',
  'Targets.Input',
  'Targets.InputPath',
  'Targets.InputTransformer.InputTemplate',
  'Targets.InputTransformer.InputPathsMap.*',
  'Targets.RetryPolicy.MaximumRetryAttempts',
  'Targets.RetryPolicy.MaximumEventAgeInSeconds',
  'Targets.DeadLetterConfig.Arn',
  'Targets.SqsParameters.MessageGroupId',
];

function readRule(cloud: Cloud, { properties, physicalName }: ResourceRequest, buses: ReadonlySet<string>): Rule {
  const bus = readBusName(properties.EventBusName);
  if (!buses.has(bus)) throw new Error(`EventBusName: there is no bus "${bus}"`);
  const pattern = compileEventPattern(properties.EventPattern);
  if (!pattern.ok) throw new Error(`EventPattern: ${pattern.error}`);
  const targets = (properties.Targets ?? []) as Target[];
  for (const target of targets) findDelivery(target.Arn);
  const name = String(properties.Name ?? physicalName);
  const path = bus === 'default' ? name : `${bus}/${name}`;
  const isEnabled = properties.State !== 'DISABLED';
  return {
    arn: formatArn(cloud, 'events', `rule/${path}`),
    name,
    bus,
    matches: isEnabled ? pattern.value : () => false,
    targets,
  };
}

function findProblem(entry: Json, buses: ReadonlySet<string>, bus: string): Json | null {
  const refuse = (ErrorCode: string, ErrorMessage: string): Json => ({ ErrorCode, ErrorMessage });
  for (const name of ['Source', 'DetailType', 'Detail']) {
    if (typeof entry[name] !== 'string')
      return refuse('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  }
  if (Buffer.byteLength(String(entry.Detail)) > maxEntryBytes)
    return refuse('InvalidArgument', 'Total size of the entry exceeds 1 MB');
  try {
    JSON.parse(String(entry.Detail));
  } catch {
    return refuse('MalformedDetail', 'Detail is malformed.');
  }
  // AWS takes and drops an event for a bus that is not there; that would hide a wrong name.
  return buses.has(bus) ? null : refuse('ResourceNotFound', `there is no bus "${bus}"`);
}

const toEvent = (cloud: Cloud, entry: Json): Json => ({
  version: '0',
  id: randomUUID(),
  'detail-type': entry.DetailType,
  source: entry.Source,
  account: cloud.accountId,
  time: new Date(entry.Time === undefined ? cloud.nowMs() : Number(entry.Time) * 1000)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z'),
  region: cloud.region,
  resources: entry.Resources ?? [],
  detail: JSON.parse(String(entry.Detail)),
});

type Deliver = (cloud: Cloud, target: Target, input: unknown, caller: Caller) => Promise<unknown>;

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);
const asText = (input: unknown): string => (typeof input === 'string' ? input : JSON.stringify(input));

const deliveriesByService: Readonly<Record<string, Deliver>> = {
  lambda: (cloud, { Arn }, input, caller) =>
    cloud.call(
      'lambda',
      'Invoke',
      { FunctionName: Arn, InvocationType: 'Event', Payload: JSON.stringify(input) },
      caller,
    ),
  sqs: (cloud, { Arn, SqsParameters }, input, caller) =>
    cloud.call('sqs', 'SendMessage', { QueueUrl: lastPart(Arn), MessageBody: asText(input), ...SqsParameters }, caller),
  sns: (cloud, { Arn }, input, caller) =>
    cloud.call('sns', 'Publish', { TopicArn: Arn, Message: asText(input) }, caller),
  states: (cloud, { Arn }, input, caller) =>
    cloud.call('states', 'StartExecution', { stateMachineArn: Arn, input: JSON.stringify(input) }, caller),
  logs: (cloud, { Arn }, input, caller) =>
    cloud.call('logs', 'PutLogEvents', { logGroupName: Arn.split(':')[6], message: asText(input) }, caller),
};

function findDelivery(arn: string): Deliver {
  const service = arn.split(':')[2] ?? '';
  const found = deliveriesByService[service];
  if (found === undefined) {
    throw new Error(`Targets: got "${arn}", modelled are targets of ${Object.keys(deliveriesByService).join(', ')}`);
  }
  return found;
}

async function deliver(cloud: Cloud, rule: Rule, target: Target, event: Json): Promise<void> {
  const caller: Caller =
    target.RoleArn === undefined
      ? { kind: 'service', name: 'events.amazonaws.com', sourceArn: rule.arn }
      : cloud.iam.assume(target.RoleArn, 'events.amazonaws.com');
  const input = makeTargetInput(target, event, { arn: rule.arn, name: rule.name, nowMs: cloud.nowMs() });
  await findDelivery(target.Arn)(cloud, target, input, caller);
}

interface Failure {
  readonly cloud: Cloud;
  readonly rule: Rule;
  readonly target: Target;
  readonly event: Json;
  readonly attempt: number;
  readonly firstAtMs: number;
}

/** A missing permission or target does not mend itself: no retry, as on AWS. */
async function judgeFailure(failure: Failure, error: Error): Promise<Verdict> {
  const { cloud, rule, target, attempt, firstAtMs } = failure;
  const { MaximumRetryAttempts = defaultRetries, MaximumEventAgeInSeconds = defaultMaxAgeS } = target.RetryPolicy ?? {};
  const isFinal = ['AccessDeniedException', 'ResourceNotFoundException', 'QueueDoesNotExist'].includes(error.name);
  const isOld = cloud.nowMs() - firstAtMs > MaximumEventAgeInSeconds * 1000;
  if (!isFinal && !isOld && attempt <= MaximumRetryAttempts) {
    return { retryInMs: Math.min(longestBackOffMs, 200 * 2 ** attempt) };
  }
  cloud.putMetric('AWS/Events', 'FailedInvocations', { RuleName: rule.name }, 1);
  cloud.tell('events', `rule ${rule.name} could not reach ${target.Arn}: ${error.message}`);
  const queue = target.DeadLetterConfig?.Arn;
  if (queue !== undefined) {
    const caller: Caller = { kind: 'service', name: 'events.amazonaws.com', sourceArn: rule.arn };
    await cloud.call(
      'sqs',
      'SendMessage',
      { QueueUrl: lastPart(queue), MessageBody: JSON.stringify(failure.event) },
      caller,
    );
  }
  return 'done';
}

/** From a name or `arn:aws:events:…:event-bus/name`. */
function readBusName(nameOrArn: unknown): string {
  const text = String(nameOrArn ?? 'default');
  return text.slice(text.lastIndexOf('/') + 1);
}
