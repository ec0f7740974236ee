/** SNS: topics, subscriptions with filter policies, delivery with retries; email and SMS land in the mailbox. */
import { randomUUID } from 'node:crypto';
import type { DeliveryQueue, Verdict } from '../delivery/delivery-queue.ts';
import type { Caller, Cloud, Engine, Json, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { accessToKey, refuseManagedKey } from '../kms/kms.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { attemptDelivery, type Message, type Published, type Subscription } from './delivery.ts';
import { readFilterPolicy } from './filter-policy.ts';
import { snsListings } from './listings.ts';

export interface SnsEngine extends Engine {
  /** For a service of this cloud that reads a topic. */
  subscribe(topicArn: string, name: string, receive: (message: Published) => Promise<void>): void;
}

const maxMessageBytes = 256 * 1024;
const protocols = ['email', 'sms', 'sqs', 'lambda'];

export function createSns(cloud: Cloud, deliveries: DeliveryQueue, mailbox: Mailbox): SnsEngine {
  /** ARN → the key that encrypts it. */
  const topics = new Map<string, unknown>();
  const subscriptions = new Map<string, Subscription>();

  const publish = (input: Json, caller: Caller): Json => {
    const topicArn = String(input.TopicArn ?? input.TargetArn);
    if (!topics.has(topicArn)) throw new ServiceError('NotFoundException', `topic ${topicArn} does not exist`, 404);
    refuseManagedKey(topics.get(topicArn), caller);
    const whole = String(input.Message);
    const textFor = readStructure(input.MessageStructure, whole);
    if (Buffer.byteLength(whole) > maxMessageBytes)
      throw new ServiceError('InvalidParameterException', 'Message too long');
    // The SDK's own description of Publish: no line breaks, less than a hundred characters.
    if (!/^[^\p{Cc}]{0,99}$/u.test(String(input.Subject ?? ''))) throw invalidParameter('Subject');
    const message = readMessage(topicArn, { ...input, Message: textFor('default') }, cloud.nowMs());
    for (const subscription of subscriptions.values()) {
      if (subscription.topicArn !== topicArn || !subscription.accepts(message)) continue;
      const body = textFor(subscription.protocol);
      deliveries.add('sns', { subscription: subscription.arn, message: { ...message, body } });
    }
    return { MessageId: message.messageId };
  };
  deliveries.handle('sns', async (body, attempt): Promise<Verdict> => {
    const subscription = subscriptions.get(String(body.subscription));
    if (subscription === undefined) return 'done';
    const message = body.message as unknown as Message;
    return attemptDelivery({ cloud, mailbox }, { subscription, message }, attempt);
  });
  const createTopic = ({ properties, physicalName }: ResourceRequest) => {
    const name = String(properties.TopicName ?? physicalName);
    const arn = formatArn(cloud, 'sns', name);
    topics.set(arn, properties.KmsMasterKeyId);
    cloud.iam.attachPolicy(arn, defaultPolicy(cloud, arn));
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
  };

  return {
    name: 'sns',
    subscribe: (topicArn, name, receive) => {
      if (!topics.has(topicArn)) throw new Error(`SnsTopicArns: there is no topic ${topicArn}`);
      const arn = `${topicArn}:${name}`;
      const plain = { isRaw: false, deadLetterArn: null, accepts: () => true };
      subscriptions.set(arn, { arn, topicArn, protocol: 'https', endpoint: name, ...plain, receive });
    },
    resources: {
      'AWS::SNS::Topic': { properties: ['TopicName', 'DisplayName', 'KmsMasterKeyId', 'Tags.*'], create: createTopic },
      'AWS::SNS::TopicPolicy': {
        properties: ['PolicyDocument.*', 'Topics'],
        create: ({ properties, physicalName }) => {
          for (const arn of properties.Topics as string[])
            cloud.iam.attachPolicy(arn, properties.PolicyDocument as Json);
          return { ref: physicalName };
        },
      },
      'AWS::SNS::Subscription': {
        properties: subscriptionProperties,
        create: (request) => {
          const subscription = readSubscription(request);
          subscriptions.set(subscription.arn, subscription);
          return { ref: subscription.arn, attributes: { Arn: subscription.arn } };
        },
      },
    },
    operations: {
      ...snsListings(cloud, topics, subscriptions),
      Publish: {
        members: ['TopicArn', 'TargetArn', 'Message', 'Subject', 'MessageStructure', 'MessageAttributes'],
        access: (input) => {
          const resource = String(input.TopicArn ?? input.TargetArn);
          return [{ action: 'sns:Publish', resource }, ...accessToKey(cloud, topics.get(resource))];
        },
        run: publish,
      },
    },
  };
}

const subscriptionProperties = [
  'TopicArn',
  'Protocol',
  'Endpoint',
  'FilterPolicy.*',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy.deadLetterTargetArn',
];

/** What SNS gives a topic without a policy: services of the same account may publish. */
const defaultPolicy = (cloud: Cloud, arn: string): Json => ({
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: arn,
      Condition: { StringEquals: { 'AWS:SourceOwner': cloud.accountId } },
    },
  ],
});

function readSubscription({ properties, logicalId }: ResourceRequest): Subscription {
  const protocol = String(properties.Protocol);
  const endpoint = String(properties.Endpoint);
  if (!protocols.includes(protocol))
    throw new Error(`Protocol: got "${protocol}", modelled are ${protocols.join(', ')}`);
  if (protocol === 'sms' && !/^\+[1-9]\d{1,14}$/.test(endpoint))
    throw new Error(`Endpoint: got "${endpoint}", allowed is a number like +4915112345678`);
  if (protocol === 'sqs' && endpoint.endsWith('.fifo'))
    throw new Error(`Endpoint: got "${endpoint}"; a standard topic delivers to standard queues only`);
  const topicArn = String(properties.TopicArn);
  const redrive = properties.RedrivePolicy as { deadLetterTargetArn: string } | undefined;
  return {
    arn: `${topicArn}:${logicalId}`,
    topicArn,
    protocol,
    endpoint,
    isRaw: properties.RawMessageDelivery === true,
    deadLetterArn: redrive?.deadLetterTargetArn ?? null,
    accepts: readFilterPolicy(properties),
  };
}

function readMessage(topicArn: string, input: Json, sentAtMs: number): Message {
  return {
    messageId: randomUUID(),
    topicArn,
    subject: input.Subject === undefined ? null : String(input.Subject),
    body: String(input.Message),
    attributes: readAttributes(input.MessageAttributes),
    sentAtMs,
  };
}

/** From the query protocol's `{name: {DataType, StringValue}}`. */
function readAttributes(attributes: unknown): Message['attributes'] {
  const entries = Object.entries((attributes ?? {}) as Record<string, Json>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, { Type: String(value.DataType), Value: String(value.StringValue) }]),
  );
}

/** One text for all, or `json` with one for each protocol and a `default` (API reference, Publish). */
function readStructure(structure: unknown, message: string): (protocol: string) => string {
  if (structure === undefined) return () => message;
  if (structure !== 'json') throw invalidParameter(`MessageStructure: got ${String(structure)}, allowed is json`);
  const texts = parseTexts(message);
  if (typeof texts?.default !== 'string')
    throw invalidParameter('MessageStructure - No default entry in JSON message body');
  const { default: usual } = texts;
  return (protocol) => String(texts[protocol] ?? usual);
}

function parseTexts(message: string): Json | null {
  try {
    return JSON.parse(message) as Json | null;
  } catch {
    throw invalidParameter('MessageStructure - JSON message body failed to parse');
  }
}

const invalidParameter = (words: string): ServiceError =>
  new ServiceError('InvalidParameterException', `Invalid parameter: ${words}`);
