/** How a notification reaches its subscriber, again and again where it must, and the dead letters where it cannot. */
import type { Verdict } from '../delivery/delivery-queue.ts';
import type { Caller, Cloud, Json } from '../engine.ts';
import type { Mail } from '../mailbox/mail.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Attribute } from './filter-policy.ts';

export interface Subscription {
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

export interface Message extends Published {
  readonly topicArn: string;
  readonly subject: string | null;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface DeliveryParts {
  readonly cloud: Cloud;
  readonly mailbox: Mailbox;
}

/** SNS tries a customer's endpoint for an hour or so; AWS's own for weeks. A laptop gives up after this many. */
const maxAttempts = 10;
const longestBackOffMs = 60_000;
const defaultSubject = 'AWS Notification Message';

export async function attemptDelivery(
  parts: DeliveryParts,
  { subscription, message }: { readonly subscription: Subscription; readonly message: Message },
  attempt: number,
): Promise<Verdict> {
  const { cloud } = parts;
  try {
    await deliver(parts, subscription, message);
    return 'done';
  } catch (error) {
    cloud.tell('sns', `${subscription.endpoint}: ${(error as Error).message}`);
    if (attempt < maxAttempts && (error as Error).name !== 'AccessDeniedException') {
      return { retryInMs: Math.min(longestBackOffMs, 200 * 2 ** attempt) };
    }
    if (subscription.deadLetterArn !== null) {
      await sendToQueue(cloud, subscription, subscription.deadLetterArn, JSON.stringify(toEnvelope(message)));
    }
    return 'done';
  }
}

async function deliver({ cloud, mailbox }: DeliveryParts, subscription: Subscription, message: Message): Promise<void> {
  const { protocol, endpoint, isRaw, receive } = subscription;
  if (receive !== undefined) return receive(message);
  if (protocol === 'email' || protocol === 'sms') return mailbox.deliver(toMail(protocol, endpoint, message));
  if (protocol === 'sqs') {
    const body = isRaw ? message.body : JSON.stringify(toEnvelope(message));
    return sendToQueue(cloud, subscription, endpoint, body);
  }
  const record = { EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscription.arn };
  const Payload = JSON.stringify({ Records: [{ ...record, Sns: toEnvelope(message) }] });
  const input = { FunctionName: endpoint, InvocationType: 'Event', Payload };
  await cloud.call('lambda', 'Invoke', input, callerOf(subscription));
}

async function sendToQueue(cloud: Cloud, subscription: Subscription, arn: string, MessageBody: string): Promise<void> {
  await cloud.call('sqs', 'SendMessage', { QueueUrl: lastPart(arn), MessageBody }, callerOf(subscription));
}

const callerOf = ({ topicArn }: Subscription): Caller => ({
  kind: 'service',
  name: 'sns.amazonaws.com',
  sourceArn: topicArn,
});

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

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);
