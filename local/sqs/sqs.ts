/**
 * SQS: standard and FIFO queues with visibility, delay, retention, redrive to a dead-letter queue, and queue policies.
 * Of FIFO queues what SQS's developer guide says: order and locking by message group, deduplication over the queue.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud, Engine, Json, Operation, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { openMessageStore, type QueueMessage } from './message-store.ts';

export type { QueueMessage } from './message-store.ts';

interface Queue {
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

export interface SqsEngine extends Engine {
  /** Told of the body of every message that was sent. */
  readonly listeners: Set<(body: string) => void>;
  receive(queueArn: string, max: number): QueueMessage[];
  remove(queueArn: string, receiptHandle: string): void;
  /** A function that may take longer than its messages are hidden would get them twice: throws, as Lambda refuses it. */
  checkPatience(queueArn: string, timeoutMs: number): void;
  /** Name → messages waiting, for status and ledger. */
  listDepths(): readonly { readonly name: string; readonly depth: number }[];
}

export interface SqsOptions {
  readonly endpointUrl: string;
}

/** SQS's defaults (API reference, CreateQueue). */
const defaultVisibilityS = 30;
const defaultRetentionS = 345_600;
const maxMessageBytes = 1024 * 1024;
const longPollStepMs = 50;
const metricsEveryMs = 10_000;

export function createSqs(cloud: Cloud, options: SqsOptions): SqsEngine {
  const store = openMessageStore(join(cloud.dataFolder, 'sqs'), cloud.nowMs);
  const queues = new Map<string, Queue>();
  const listeners = new Set<(body: string) => void>();
  let timer: NodeJS.Timeout | undefined;

  const find = (urlOrArn: string): Queue => {
    const queue = queues.get(readQueueName(urlOrArn));
    if (queue === undefined) throw new ServiceError('QueueDoesNotExist', `queue ${urlOrArn} does not exist`);
    return queue;
  };
  const urlOf = (name: string): string => `${options.endpointUrl}/${cloud.accountId}/${name}`;
  const receive = (queue: Queue, max: number, visibilityMs = queue.visibilityMs): QueueMessage[] => {
    if (queue.redrive !== null) store.redrive(queue.name, queue.redrive.maxReceives, queue.redrive.deadLetterQueue);
    return store.receive(queue.name, max, visibilityMs);
  };
  const operation = (action: string, run: (queue: Queue, input: Json) => unknown): Operation => ({
    access: (input) => [
      {
        action: `sqs:${action}`,
        resource: formatArn(cloud, 'sqs', readQueueName(String(input.QueueUrl ?? input.QueueName))),
      },
    ],
    run: (input) => run(find(String(input.QueueUrl ?? input.QueueName)), input),
  });
  const send = (queue: Queue, input: Json): Json => {
    const body = String(input.MessageBody);
    if (Buffer.byteLength(body) > maxMessageBytes) {
      throw new ServiceError(
        'InvalidMessageContents',
        `message of ${body.length} characters, allowed are ${maxMessageBytes} bytes`,
      );
    }
    const attributes = (input.MessageAttributes ?? {}) as Json;
    const fifo = readFifo(queue, input);
    const delayMs = input.DelaySeconds === undefined ? queue.delayMs : Number(input.DelaySeconds) * 1000;
    const sent = store.add(queue.name, { body, attributes, delayMs, ...(fifo !== null && { fifo }) });
    for (const listener of listeners) listener(body);
    const { messageId, md5, sequenceNumber } = sent;
    return {
      MessageId: messageId,
      MD5OfMessageBody: md5,
      ...(sequenceNumber !== null && { SequenceNumber: sequenceNumber }),
    };
  };
  const receiveOverWire = async (queue: Queue, input: Json): Promise<Json> => {
    const waitMs = input.WaitTimeSeconds === undefined ? queue.waitMs : Number(input.WaitTimeSeconds) * 1000;
    const visibilityMs = input.VisibilityTimeout === undefined ? undefined : Number(input.VisibilityTimeout) * 1000;
    const untilMs = cloud.nowMs() + waitMs;
    for (;;) {
      const messages = receive(queue, Number(input.MaxNumberOfMessages ?? 1), visibilityMs);
      if (messages.length > 0 || cloud.nowMs() >= untilMs) {
        return messages.length === 0 ? {} : { Messages: messages.map(formatMessage) };
      }
      await sleep(longPollStepMs);
    }
  };
  const create = ({ properties, physicalName }: ResourceRequest) => {
    const suffix = properties.FifoQueue === true ? '.fifo' : '';
    const queue = readQueue(cloud, String(properties.QueueName ?? `${physicalName}${suffix}`), properties);
    const behind = queue.redrive === null ? undefined : queues.get(queue.redrive.deadLetterQueue);
    if (behind !== undefined && (behind.fifo === null) !== (queue.fifo === null))
      throw new Error(`RedrivePolicy: "${behind.name}" must be of the same kind as "${queue.name}", FIFO or standard`);
    queues.set(queue.name, queue);
    return {
      ref: urlOf(queue.name),
      attributes: { Arn: queue.arn, QueueName: queue.name, QueueUrl: urlOf(queue.name) },
    };
  };
  const describe = (queue: Queue): Json => {
    const counts = store.count(queue.name);
    return {
      QueueArn: queue.arn,
      ApproximateNumberOfMessages: String(counts.visible),
      ApproximateNumberOfMessagesNotVisible: String(counts.hidden),
      VisibilityTimeout: String(queue.visibilityMs / 1000),
      MessageRetentionPeriod: String(queue.retentionMs / 1000),
    };
  };
  const eachEntry = (input: Json, run: (entry: Json) => Json): Json => ({
    Successful: (input.Entries as Json[]).map((entry) => ({ Id: entry.Id, ...run(entry) })),
    Failed: [],
  });
  const remove = (queue: Queue, receiptHandle: string): void => {
    // Once it may be received again, a late deletion would undo the order of its group.
    if (queue.fifo !== null && !store.isInFlight(queue.name, receiptHandle))
      throw invalid('ReceiptHandle', receiptHandle, 'The receipt handle has expired.');
    store.remove(queue.name, receiptHandle);
  };
  const removeOne = (queue: Queue, input: Json): Json => {
    remove(queue, String(input.ReceiptHandle));
    return {};
  };
  const putMetrics = (): void => {
    for (const { name, retentionMs } of queues.values()) {
      store.expire(name, retentionMs);
      const { visible, oldestSentAtMs } = store.count(name);
      const ageS = oldestSentAtMs === null ? 0 : (cloud.nowMs() - oldestSentAtMs) / 1000;
      cloud.putMetric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: name }, visible);
      cloud.putMetric('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: name }, ageS);
    }
  };

  return {
    name: 'sqs',
    listeners,
    receive: (queueArn, max) => receive(find(queueArn), max),
    remove: (queueArn, receiptHandle) => remove(find(queueArn), receiptHandle),
    checkPatience: (queueArn, timeoutMs) => {
      const { visibilityMs, name } = find(queueArn);
      if (visibilityMs >= timeoutMs) return;
      const got = `VisibilityTimeout of ${name}: got ${visibilityMs / 1000} s`;
      throw new Error(`${got}, less than the ${timeoutMs / 1000} s that its function may take`);
    },
    listDepths: () =>
      [...queues.keys()].map((name) => ({ name, depth: store.count(name).visible + store.count(name).hidden })),
    resources: {
      'AWS::SQS::Queue': { properties: queueProperties, create },
      'AWS::SQS::QueuePolicy': {
        properties: ['PolicyDocument.*', 'Queues'],
        create: ({ properties, physicalName }) => {
          for (const url of properties.Queues as string[]) {
            cloud.iam.attachPolicy(find(url).arn, properties.PolicyDocument as Json);
          }
          return { ref: physicalName };
        },
      },
    },
    operations: {
      SendMessage: operation('SendMessage', send),
      SendMessageBatch: operation('SendMessage', (queue, input) => eachEntry(input, (entry) => send(queue, entry))),
      ReceiveMessage: operation('ReceiveMessage', receiveOverWire),
      DeleteMessage: operation('DeleteMessage', removeOne),
      DeleteMessageBatch: operation('DeleteMessage', (queue, input) =>
        eachEntry(input, (entry) => removeOne(queue, entry)),
      ),
      ChangeMessageVisibility: operation('ChangeMessageVisibility', (queue, input) =>
        store.hide(queue.name, String(input.ReceiptHandle), Number(input.VisibilityTimeout) * 1000),
      ),
      GetQueueAttributes: operation('GetQueueAttributes', (queue) => ({ Attributes: describe(queue) })),
      GetQueueUrl: operation('GetQueueUrl', (queue) => ({ QueueUrl: urlOf(queue.name) })),
      PurgeQueue: operation('PurgeQueue', (queue) => store.purge(queue.name)),
    },
    start: async () => {
      timer = setInterval(putMetrics, metricsEveryMs);
    },
    stop: async () => {
      clearInterval(timer);
      store.close();
    },
  };
}

const queueProperties = [
  'QueueName',
  'VisibilityTimeout',
  'DelaySeconds',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy.deadLetterTargetArn',
  'RedrivePolicy.maxReceiveCount',
  'FifoQueue',
  'ContentBasedDeduplication',
  'SqsManagedSseEnabled',
  'KmsMasterKeyId',
  'Tags.*',
];

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

const readQueueName = (urlOrArn: string): string =>
  urlOrArn.slice(Math.max(urlOrArn.lastIndexOf('/'), urlOrArn.lastIndexOf(':')) + 1);

const formatMessage = (message: QueueMessage): Json => ({
  MessageId: message.messageId,
  ReceiptHandle: message.receiptHandle,
  Body: message.body,
  MD5OfBody: message.md5,
  MessageAttributes: message.attributes,
  Attributes: {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAtMs),
    ...message.fifo,
  },
});
