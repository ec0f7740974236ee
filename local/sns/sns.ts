/** SNS: topics, subscriptions with filter policies, delivery with retries; email and SMS land in the mailbox. */
import { randomUUID } from 'node:crypto';
import type { DeliveryQueue, Verdict } from '../delivery/delivery-queue.ts';
import type { Caller, Cloud, Engine, Json, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { accessToKey, refuseManagedKey } from '../kms/kms.ts';
import type { Mail } from '../mailbox/mail.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { type Attribute, readFilterPolicy } from './filter-policy.ts';

interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly isRaw: boolean;
  readonly deadLetterArn: string | null;
  readonly accepts: (message: Message) => boolean;
  /** Another service of this cloud takes it; on AWS that is an HTTPS endpoint of the service's own. */
  readonly receive?: (message: Published) => Promise<void>;
}

export interface Published {
  /** The same when it is delivered again. */
  readonly messageId: string;
  readonly body: string;
  readonly sentAtMs: number;
}

export interface SnsEngine extends Engine {
  /** For a service of this cloud that reads a topic. */
  subscribe(topicArn: string, name: string, receive: (message: Published) => Promise<void>): void;
}

interface Message extends Published {
  readonly topicArn: string;
  readonly subject: string | null;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

const maxMessageBytes = 256 * 1024;
/** SNS tries a customer's endpoint for an hour or so; AWS's own for weeks. A laptop gives up after this many. */
const maxAttempts = 10;
const longestBackOffMs = 60_000;
const defaultSubject = 'AWS Notification Message';
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
    const message: Message = {
      messageId: randomUUID(),
      topicArn,
      subject: input.Subject === undefined ? null : String(input.Subject),
      body: textFor('default'),
      attributes: readAttributes(input.MessageAttributes),
      sentAtMs: cloud.nowMs(),
    };
    for (const subscription of subscriptions.values()) {
      if (subscription.topicArn !== topicArn || !subscription.accepts(message)) continue;
      const body = textFor(subscription.protocol);
      deliveries.add('sns', { subscription: subscription.arn, message: { ...message, body } });
    }
    return { MessageId: message.messageId };
  };
  const deliver = async (subscription: Subscription, message: Message): Promise<void> => {
    const caller: Caller = { kind: 'service', name: 'sns.amazonaws.com', sourceArn: subscription.topicArn };
    const { protocol, endpoint } = subscription;
    if (subscription.receive !== undefined) return subscription.receive(message);
    if (protocol === 'email' || protocol === 'sms') return mailbox.deliver(toMail(protocol, endpoint, message));
    if (protocol === 'sqs') {
      const MessageBody = subscription.isRaw ? message.body : JSON.stringify(toEnvelope(message));
      await cloud.call('sqs', 'SendMessage', { QueueUrl: lastPart(endpoint), MessageBody }, caller);
      return;
    }
    const event = {
      Records: [
        {
          EventSource: 'aws:sns',
          EventVersion: '1.0',
          EventSubscriptionArn: subscription.arn,
          Sns: toEnvelope(message),
        },
      ],
    };
    await cloud.call(
      'lambda',
      'Invoke',
      { FunctionName: endpoint, InvocationType: 'Event', Payload: JSON.stringify(event) },
      caller,
    );
  };
  deliveries.handle('sns', async (body, attempt): Promise<Verdict> => {
    const subscription = subscriptions.get(String(body.subscription));
    if (subscription === undefined) return 'done';
    const message = body.message as unknown as Message;
    try {
      await deliver(subscription, message);
      return 'done';
    } catch (error) {
      cloud.tell('sns', `${subscription.endpoint}: ${(error as Error).message}`);
      if (attempt < maxAttempts && (error as Error).name !== 'AccessDeniedException') {
        return { retryInMs: Math.min(longestBackOffMs, 200 * 2 ** attempt) };
      }
      if (subscription.deadLetterArn !== null) {
        const caller: Caller = { kind: 'service', name: 'sns.amazonaws.com', sourceArn: subscription.topicArn };
        const input = {
          QueueUrl: lastPart(subscription.deadLetterArn),
          MessageBody: JSON.stringify(toEnvelope(message)),
        };
        await cloud.call('sqs', 'SendMessage', input, caller);
      }
      return 'done';
    }
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
        properties: [
          'TopicArn',
          'Protocol',
          'Endpoint',
          'FilterPolicy.*',
          'FilterPolicyScope',
          'RawMessageDelivery',
          'RedrivePolicy.deadLetterTargetArn',
        ],
        create: (request) => {
          const subscription = readSubscription(request);
          subscriptions.set(subscription.arn, subscription);
          return { ref: subscription.arn, attributes: { Arn: subscription.arn } };
        },
      },
    },
    operations: {
      Publish: {
        access: (input) => {
          const resource = String(input.TopicArn ?? input.TargetArn);
          return [{ action: 'sns:Publish', resource }, ...accessToKey(cloud, topics.get(resource))];
        },
        run: publish,
      },
    },
  };
}

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

/** From the query protocol's `{name: {DataType, StringValue}}`. */
function readAttributes(attributes: unknown): Message['attributes'] {
  const entries = Object.entries((attributes ?? {}) as Record<string, Json>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, { Type: String(value.DataType), Value: String(value.StringValue) }]),
  );
}

const toEnvelope = (message: Message): Json => ({
  Type: 'Notification',
  MessageId: message.messageId,
  TopicArn: message.topicArn,
  ...(message.subject !== null && { Subject: message.subject }),
  Message: message.body,
  Timestamp: new Date(message.sentAtMs).toISOString(),
  MessageAttributes: message.attributes,
});

function toMail(kind: 'email' | 'sms', to: string, { messageId, subject, body, sentAtMs }: Message): Mail {
  const words = kind === 'email' ? (subject ?? defaultSubject) : '';
  return { id: messageId, kind, to, subject: words, text: body, sentAtMs };
}

/** One text for all, or `json` with one for each protocol and a `default` (API reference, Publish). */
function readStructure(structure: unknown, message: string): (protocol: string) => string {
  if (structure === undefined) return () => message;
  if (structure !== 'json') throw invalidStructure(`MessageStructure: got ${String(structure)}, allowed is json`);
  const texts = parseTexts(message);
  if (typeof texts?.default !== 'string')
    throw invalidStructure('MessageStructure - No default entry in JSON message body');
  const { default: usual } = texts;
  return (protocol) => String(texts[protocol] ?? usual);
}

function parseTexts(message: string): Json | null {
  try {
    return JSON.parse(message) as Json | null;
  } catch {
    throw invalidStructure('MessageStructure - JSON message body failed to parse');
  }
}

const invalidStructure = (words: string): ServiceError =>
  new ServiceError('InvalidParameterException', `Invalid parameter: ${words}`);

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);
