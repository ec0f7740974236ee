import { randomUUID } from 'node:crypto';
import { type Caller, type Cloud, formatArn, type Json, type ResourceModel } from '../engine.ts';
import { remember } from '../remember.ts';
import type { InboundMessage } from './broker.ts';
import { compileRuleStatement, compileTemplate, type RuleMessage, type RuleStatement } from './sql/rule-statement.ts';
import { matchesTopicFilter } from './topic-filter.ts';

/** The rules engine: which rules a message meets, what their SQL makes of it, and where their actions send it. */
export interface RulesEngine {
  readonly model: ResourceModel;
  dispatch(message: InboundMessage): Promise<void>;
}

interface Rule {
  readonly name: string;
  readonly statement: RuleStatement;
  readonly actions: readonly Action[];
  readonly errorAction: Action | null;
}

interface Action {
  readonly kind: string;
  readonly resource: string;
  run(payload: Uint8Array, message: RuleMessage): Promise<unknown>;
}

/** IoT Core tries a throttled action again for a while before its error action takes over. */
const retryDelaysMs = [50, 200, 800];
const retriedErrors = ['ProvisionedThroughputExceededException', 'ThrottlingException', 'ServiceUnavailableException'];

export function createRulesEngine(cloud: Cloud): RulesEngine {
  const rules = new Map<string, Rule>();
  const findByName = (name: string): Rule[] => [rules.get(name) ?? []].flat();
  /** Every rule exists before the first message comes. */
  const findByTopic = remember((topic) =>
    [...rules.values()].filter((rule) => matchesTopicFilter(rule.statement.topicFilter, topic)),
  );
  return {
    model: {
      properties: ruleProperties,
      create: ({ properties, physicalName }) => {
        const name = typeof properties.RuleName === 'string' ? properties.RuleName : physicalName.replaceAll('-', '_');
        const rule = createRule(cloud, name, properties.TopicRulePayload as Json);
        if (rule !== null) rules.set(name, rule);
        return { ref: name, attributes: { Arn: formatArn(cloud, 'iot', `rule/${name}`) } };
      },
    },
    dispatch: async (inbound) => {
      const met = inbound.ruleName === null ? findByTopic(inbound.topic) : findByName(inbound.ruleName);
      const message = toRuleMessage(cloud, inbound);
      await Promise.all(met.map((rule) => runRule(cloud, rule, message)));
    },
  };
}

const servicePrincipal = 'iot.amazonaws.com';

const ruleProperties = [
  'RuleName',
  'TopicRulePayload.Sql',
  'TopicRulePayload.AwsIotSqlVersion',
  'TopicRulePayload.Description',
  'TopicRulePayload.RuleDisabled',
  ...['TopicRulePayload.Actions', 'TopicRulePayload.ErrorAction'].flatMap((place) => [
    `${place}.Kinesis.StreamName`,
    `${place}.Kinesis.PartitionKey`,
    `${place}.Kinesis.RoleArn`,
    `${place}.Sqs.QueueUrl`,
    `${place}.Sqs.RoleArn`,
    `${place}.Sqs.UseBase64`,
    `${place}.Lambda.FunctionArn`,
  ]),
  'Tags.*',
];

function toRuleMessage(cloud: Cloud, inbound: InboundMessage): RuleMessage {
  return {
    topic: inbound.topic,
    payload: inbound.payload,
    clientId: inbound.connection.clientId,
    principal: inbound.connection.certificateId,
    accountId: cloud.accountId,
    receivedAtMs: cloud.nowMs(),
  };
}

function createRule(cloud: Cloud, name: string, payload: Json): Rule | null {
  const statement = compileRuleStatement(String(payload.Sql));
  if (!statement.ok) throw new Error(`TopicRulePayload.Sql: ${statement.error}`);
  const version = payload.AwsIotSqlVersion ?? '2015-10-08';
  if (version !== '2016-03-23') {
    throw new Error(`TopicRulePayload.AwsIotSqlVersion: got "${String(version)}", modelled is "2016-03-23"`);
  }
  const actions = (payload.Actions as Json[]).map((action) => createAction(cloud, name, action));
  const errorAction = payload.ErrorAction === undefined ? null : createAction(cloud, name, payload.ErrorAction as Json);
  return payload.RuleDisabled === true ? null : { name, statement: statement.value, actions, errorAction };
}

function createAction(cloud: Cloud, ruleName: string, definition: Json): Action {
  const [[kind, raw] = ['', {}]] = Object.entries(definition);
  const fields = raw as Readonly<Record<string, string>>;
  if (kind === 'Kinesis') {
    const role = cloud.iam.assume(fields.RoleArn ?? '', servicePrincipal);
    const partitionKey = template(fields.PartitionKey ?? '${newuuid()}');
    const StreamName = fields.StreamName ?? '';
    const run: Action['run'] = (Data, message) =>
      cloud.call('kinesis', 'PutRecord', { StreamName, Data, PartitionKey: partitionKey(message) }, role);
    return { kind, resource: StreamName, run };
  }
  if (kind === 'Sqs') {
    const role = cloud.iam.assume(fields.RoleArn ?? '', servicePrincipal);
    const QueueUrl = fields.QueueUrl ?? '';
    const encoding = String(fields.UseBase64) === 'true' ? 'base64' : 'utf8';
    const run: Action['run'] = (payload) =>
      cloud.call('sqs', 'SendMessage', { QueueUrl, MessageBody: Buffer.from(payload).toString(encoding) }, role);
    return { kind, resource: QueueUrl, run };
  }
  const FunctionName = fields.FunctionArn ?? '';
  const service: Caller = {
    kind: 'service',
    name: servicePrincipal,
    sourceArn: formatArn(cloud, 'iot', `rule/${ruleName}`),
  };
  const run: Action['run'] = (Payload) =>
    cloud.call('lambda', 'Invoke', { FunctionName, InvocationType: 'Event', Payload }, service);
  return { kind, resource: FunctionName, run };
}

function template(text: string): (message: RuleMessage) => string {
  const compiled = compileTemplate(text);
  if (!compiled.ok) throw new Error(`"${text}": ${compiled.error}`);
  return compiled.value;
}

async function runRule(cloud: Cloud, rule: Rule, message: RuleMessage): Promise<void> {
  const payload = rule.statement.apply(message);
  if (payload === null) return;
  const failures = await Promise.all(rule.actions.map((action) => attempt(cloud, action, payload, message)));
  const failed = failures.filter((failure) => failure !== null);
  if (failed.length > 0) await runErrorAction(cloud, rule, message, failed);
}

interface ActionFailure {
  readonly failedAction: string;
  readonly failedResource: string;
  readonly errorMessage: string;
}

/** Runs an action, again while it is throttled; the failure, or null. */
async function attempt(
  cloud: Cloud,
  action: Action,
  payload: Uint8Array,
  message: RuleMessage,
): Promise<ActionFailure | null> {
  for (const delayMs of [...retryDelaysMs, null]) {
    try {
      await action.run(payload, message);
      return null;
    } catch (error) {
      const { name, message: reason } = error as Error;
      if (delayMs === null || !retriedErrors.includes(name)) {
        const failure = {
          failedAction: `${action.kind}Action`,
          failedResource: action.resource,
          errorMessage: `${name}: ${reason}`,
        };
        cloud.tell('iot', `rule action ${action.kind} on ${action.resource}: ${failure.errorMessage}`);
        return failure;
      }
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
  return null;
}

/** What the error action gets is IoT Core's own envelope, with the message as it came. */
async function runErrorAction(
  cloud: Cloud,
  rule: Rule,
  message: RuleMessage,
  failures: readonly ActionFailure[],
): Promise<void> {
  const reason = `rule ${rule.name}: ${failures[0]!.errorMessage}`;
  cloud.ledger.deadLettered(reason, message.topic, message.payload);
  if (rule.errorAction === null) return;
  const envelope = {
    ruleName: rule.name,
    topic: message.topic,
    cloudwatchTraceId: randomUUID(),
    clientId: message.clientId,
    base64OriginalPayload: Buffer.from(message.payload).toString('base64'),
    failures,
  };
  const failed = await attempt(cloud, rule.errorAction, Buffer.from(JSON.stringify(envelope)), message);
  if (failed === null) return;
  const dimensions = { RuleName: rule.name, ActionType: rule.errorAction.kind };
  cloud.putMetric('AWS/IoT', 'ErrorActionFailure', dimensions, 1);
}
