/** The queues and what is done with their messages; of FIFO queues what SQS's developer guide says. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud, Json } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import type { MessageStore, QueueMessage } from './message-store.ts';

export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly visibilityMs: number;
  readonly delayMs: number;
  readonly retentionMs: number;
  readonly waitMs: number;
  /** Null for a standard queue. */
  readonly fifo: { readonly isContentBased: boolean } | null;
  readonly redrive: { readonly deadLetterQueue: string; readonly maxReceives: number } | null;
}

/** SQS's defaults (API reference, CreateQueue). */
const defaultVisibilityS = 30;
const defaultRetentionS = 345_600;
const maxMessageBytes = 1024 * 1024;
const longPollStepMs = 50;

export class Queues {
  readonly byName = new Map<string, Queue>();
  /** Told of the body of every message that was sent. */
  readonly listeners = new Set<(body: string) => void>();
  readonly #cloud: Cloud;
  readonly #store: MessageStore;

  constructor(cloud: Cloud, store: MessageStore) {
    this.#cloud = cloud;
    this.#store = store;
  }

  find(urlOrArn: string): Queue {
    const queue = this.byName.get(readQueueName(urlOrArn));
    if (queue === undefined) throw new ServiceError('QueueDoesNotExist', `queue ${urlOrArn} does not exist`);
    return queue;
  }

  add(name: string, properties: Json): Queue {
    const queue = readQueue(this.#cloud, name, properties);
    const behind = queue.redrive === null ? undefined : this.byName.get(queue.redrive.deadLetterQueue);
    if (behind !== undefined && (behind.fifo === null) !== (queue.fifo === null))
      throw new Error(`RedrivePolicy: "${behind.name}" must be of the same kind as "${queue.name}", FIFO or standard`);
    this.byName.set(queue.name, queue);
    return queue;
  }

  send(queue: Queue, input: Json): Json {
    const body = String(input.MessageBody);
    if (Buffer.byteLength(body) > maxMessageBytes) {
      throw new ServiceError(
        'InvalidMessageContents',
        `message of ${body.length} characters, allowed are ${maxMessageBytes} bytes`,
      );
    }
    const attributes = (input.MessageAttributes ?? {}) as Json;
    const fifo = readFifo(queue, input);
    checkRange('DelaySeconds', input.DelaySeconds, [0, 900]);
    if (fifo !== null && input.DelaySeconds !== undefined)
      throw invalid('DelaySeconds', input.DelaySeconds, 'A FIFO queue delays all its messages alike.');
    const delayMs = input.DelaySeconds === undefined ? queue.delayMs : Number(input.DelaySeconds) * 1000;
    const sent = this.#store.add(queue.name, { body, attributes, delayMs, ...(fifo !== null && { fifo }) });
    for (const listener of this.listeners) listener(body);
    const { messageId, md5, sequenceNumber } = sent;
    return {
      MessageId: messageId,
      MD5OfMessageBody: md5,
      ...(sequenceNumber !== null && { SequenceNumber: sequenceNumber }),
    };
  }

  receive(queue: Queue, max: number, visibilityMs = queue.visibilityMs): QueueMessage[] {
    const { name, redrive } = queue;
    if (redrive !== null) this.#store.redrive(name, redrive.maxReceives, redrive.deadLetterQueue);
    return this.#store.receive(name, max, visibilityMs);
  }

  async receiveOverWire(queue: Queue, input: Json): Promise<Json> {
    const waitMs = input.WaitTimeSeconds === undefined ? queue.waitMs : Number(input.WaitTimeSeconds) * 1000;
    const visibilityMs = input.VisibilityTimeout === undefined ? undefined : Number(input.VisibilityTimeout) * 1000;
    checkRange('WaitTimeSeconds', input.WaitTimeSeconds, [0, 20]);
    checkRange('VisibilityTimeout', input.VisibilityTimeout, [0, 43_200]);
    checkRange('MaxNumberOfMessages', input.MaxNumberOfMessages, [1, 10]);
    const untilMs = this.#cloud.nowMs() + waitMs;
    for (;;) {
      const messages = this.receive(queue, Number(input.MaxNumberOfMessages ?? 1), visibilityMs);
      if (messages.length > 0 || this.#cloud.nowMs() >= untilMs) {
        return messages.length === 0 ? {} : { Messages: messages.map((message) => formatMessage(message, input)) };
      }
      await sleep(longPollStepMs);
    }
  }

  remove(queue: Queue, receiptHandle: string): void {
    // Once it may be received again, a late deletion would undo the order of its group.
    if (queue.fifo !== null && !this.#store.isInFlight(queue.name, receiptHandle))
      throw invalid('ReceiptHandle', receiptHandle, 'The receipt handle has expired.');
    this.#store.remove(queue.name, receiptHandle);
  }

  describe(queue: Queue): Json {
    const counts = this.#store.count(queue.name);
    return {
      QueueArn: queue.arn,
      ApproximateNumberOfMessages: String(counts.visible),
      ApproximateNumberOfMessagesNotVisible: String(counts.hidden),
      VisibilityTimeout: String(queue.visibilityMs / 1000),
      MessageRetentionPeriod: String(queue.retentionMs / 1000),
    };
  }

  putMetrics(): void {
    for (const { name, retentionMs } of this.byName.values()) {
      this.#store.expire(name, retentionMs);
      const { visible, oldestSentAtMs } = this.#store.count(name);
      const ageS = oldestSentAtMs === null ? 0 : (this.#cloud.nowMs() - oldestSentAtMs) / 1000;
      this.#cloud.putMetric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: name }, visible);
      this.#cloud.putMetric('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: name }, ageS);
    }
  }
}

function readQueue(cloud: Cloud, name: string, properties: Json): Queue {
  const isFifo = properties.FifoQueue === true;
  if (isFifo !== name.endsWith('.fifo'))
    throw new Error(`QueueName: got "${name}"; a FIFO queue's name, and no other, ends in .fifo`);
  const redrive = properties.RedrivePolicy as { deadLetterTargetArn: string; maxReceiveCount: number } | undefined;
  return {
    name,
    arn: formatArn(cloud, 'sqs', name),
    visibilityMs: Number(properties.VisibilityTimeout ?? defaultVisibilityS) * 1000,
    delayMs: Number(properties.DelaySeconds ?? 0) * 1000,
    retentionMs: Number(properties.MessageRetentionPeriod ?? defaultRetentionS) * 1000,
    waitMs: Number(properties.ReceiveMessageWaitTimeSeconds ?? 0) * 1000,
    fifo: isFifo ? { isContentBased: properties.ContentBasedDeduplication === true } : null,
    redrive:
      redrive === undefined
        ? null
        : { deadLetterQueue: readQueueName(redrive.deadLetterTargetArn), maxReceives: Number(redrive.maxReceiveCount) },
  };
}

/** Group and deduplication id of a message to a FIFO queue. */
function readFifo({ fifo }: Queue, input: Json): { groupId: string; deduplicationId: string } | null {
  if (fifo === null) return null;
  if (input.DelaySeconds !== undefined && Number(input.DelaySeconds) !== 0)
    throw invalid('DelaySeconds', input.DelaySeconds, 'The parameter is not valid for this queue type.');
  if (typeof input.MessageGroupId !== 'string')
    throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  if (input.MessageDeduplicationId === undefined && !fifo.isContentBased) {
    throw new ServiceError(
      'InvalidParameterValue',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  const deduplicationId = String(
    input.MessageDeduplicationId ?? createHash('sha256').update(String(input.MessageBody)).digest('hex'),
  );
  return { groupId: input.MessageGroupId, deduplicationId };
}

const invalid = (name: string, value: unknown, reason: string): ServiceError =>
  new ServiceError(
    'InvalidParameterValue',
    `Value ${String(value)} for parameter ${name} is invalid. Reason: ${reason}`,
  );

export const readQueueName = (urlOrArn: string): string =>
  urlOrArn.slice(Math.max(urlOrArn.lastIndexOf('/'), urlOrArn.lastIndexOf(':')) + 1);

function checkRange(name: string, value: unknown, [least, most]: readonly [least: number, most: number]): void {
  if (value === undefined || (Number.isInteger(Number(value)) && Number(value) >= least && Number(value) <= most))
    return;
  throw invalid(name, value, `Must be between ${least} and ${most}, if provided.`);
}

/** Of named things those that were asked for: by name, by `name.*`, or all. */
export function pickNamed(all: Json, names: unknown): Json | undefined {
  const wanted = (names ?? []) as readonly string[];
  const isWanted = (name: string): boolean =>
    wanted.some((one) => one === 'All' || one === name || (one.endsWith('.*') && name.startsWith(one.slice(0, -2))));
  const picked = Object.entries(all).filter(([name]) => isWanted(name));
  return picked.length === 0 ? undefined : Object.fromEntries(picked);
}

/** What is not asked for does not come (API reference, ReceiveMessage). */
const formatMessage = (message: QueueMessage, input: Json): Json => ({
  MessageId: message.messageId,
  ReceiptHandle: message.receiptHandle,
  Body: message.body,
  MD5OfBody: message.md5,
  MessageAttributes: pickNamed(message.attributes, input.MessageAttributeNames),
  Attributes: pickNamed(
    {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAtMs),
      ...message.fifo,
    },
    [...((input.AttributeNames ?? []) as string[]), ...((input.MessageSystemAttributeNames ?? []) as string[])],
  ),
});
