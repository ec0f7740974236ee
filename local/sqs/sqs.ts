/** SQS: standard and FIFO queues with visibility, delay, retention, redrive to a dead-letter queue, and queue policies. */
import { join } from 'node:path';
import type { Cloud, Engine, Json, Operation, ResourceModel } from '../engine.ts';
import { formatArn, refuseOthers, ServiceError } from '../engine.ts';
import { listing, startsWith } from '../listing.ts';
import { type MessageStore, openMessageStore, type QueueMessage } from './message-store.ts';
import { pickNamed, type Queue, Queues, readQueueName } from './queues.ts';

export type { QueueMessage } from './message-store.ts';

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

const metricsEveryMs = 10_000;

export function createSqs(cloud: Cloud, options: SqsOptions): SqsEngine {
  const store = openMessageStore(join(cloud.dataFolder, 'sqs'), cloud.nowMs);
  const queues = new Queues(cloud, store);
  const urlOf = (name: string): string => `${options.endpointUrl}/${cloud.accountId}/${name}`;
  let timer: NodeJS.Timeout | undefined;
  return {
    name: 'sqs',
    listeners: queues.listeners,
    receive: (queueArn, max) => queues.receive(queues.find(queueArn), max),
    remove: (queueArn, receiptHandle) => queues.remove(queues.find(queueArn), receiptHandle),
    checkPatience: (queueArn, timeoutMs) => {
      const { visibilityMs, name } = queues.find(queueArn);
      if (visibilityMs >= timeoutMs) return;
      const got = `VisibilityTimeout of ${name}: got ${visibilityMs / 1000} s`;
      throw new Error(`${got}, less than the ${timeoutMs / 1000} s that its function may take`);
    },
    listDepths: () =>
      [...queues.byName.keys()].map((name) => ({ name, depth: store.count(name).visible + store.count(name).hidden })),
    resources: createModels(cloud, queues, urlOf),
    operations: createOperations(cloud, { queues, store, urlOf }),
    start: async () => {
      timer = setInterval(() => queues.putMetrics(), metricsEveryMs);
    },
    stop: async () => {
      clearInterval(timer);
      store.close();
    },
  };
}

type UrlOf = (name: string) => string;

function createModels(cloud: Cloud, queues: Queues, urlOf: UrlOf): Record<string, ResourceModel> {
  return {
    'AWS::SQS::Queue': {
      properties: queueProperties,
      create: ({ properties, physicalName }) => {
        const suffix = properties.FifoQueue === true ? '.fifo' : '';
        const { name, arn } = queues.add(String(properties.QueueName ?? `${physicalName}${suffix}`), properties);
        return { ref: urlOf(name), attributes: { Arn: arn, QueueName: name, QueueUrl: urlOf(name) } };
      },
    },
    'AWS::SQS::QueuePolicy': {
      properties: ['PolicyDocument.*', 'Queues'],
      create: ({ properties, physicalName }) => {
        for (const url of properties.Queues as string[]) {
          cloud.iam.attachPolicy(queues.find(url).arn, properties.PolicyDocument as Json);
        }
        return { ref: physicalName };
      },
    },
  };
}

interface Calls {
  readonly queues: Queues;
  readonly store: MessageStore;
  readonly urlOf: UrlOf;
}

function createOperations(cloud: Cloud, { queues, store, urlOf }: Calls): Record<string, Operation> {
  const nameIn = (input: Json): string => String(input.QueueUrl ?? input.QueueName);
  type Run = (queue: Queue, input: Json) => unknown;
  const operation = (action: string, members: readonly string[], run: Run): Operation => ({
    members: ['QueueUrl', ...members],
    access: (input) => [{ action: `sqs:${action}`, resource: formatArn(cloud, 'sqs', readQueueName(nameIn(input))) }],
    run: (input) => run(queues.find(nameIn(input)), input),
  });
  const removeOne = (queue: Queue, input: Json): Json => {
    queues.remove(queue, String(input.ReceiptHandle));
    return {};
  };
  const hideOne = (queue: Queue, input: Json): Json => {
    store.hide(queue.name, String(input.ReceiptHandle), Number(input.VisibilityTimeout) * 1000);
    return {};
  };
  return {
    SendMessage: operation('SendMessage', ofMessage, (queue, input) => queues.send(queue, input)),
    SendMessageBatch: operation('SendMessage', ['Entries'], (queue, input) =>
      eachEntry(input, ofMessage, (entry) => queues.send(queue, entry)),
    ),
    ReceiveMessage: operation('ReceiveMessage', ofReceipt, (queue, input) => queues.receiveOverWire(queue, input)),
    DeleteMessage: operation('DeleteMessage', ['ReceiptHandle'], removeOne),
    DeleteMessageBatch: operation('DeleteMessage', ['Entries'], (queue, input) =>
      eachEntry(input, ['ReceiptHandle'], (entry) => removeOne(queue, entry)),
    ),
    ChangeMessageVisibility: operation('ChangeMessageVisibility', ofHiding, hideOne),
    ChangeMessageVisibilityBatch: operation('ChangeMessageVisibility', ['Entries'], (queue, input) =>
      eachEntry(input, ofHiding, (entry) => hideOne(queue, entry)),
    ),
    GetQueueAttributes: operation('GetQueueAttributes', ['AttributeNames'], (queue, { AttributeNames }) => ({
      Attributes: pickNamed(queues.describe(queue), AttributeNames),
    })),
    GetQueueUrl: operation('GetQueueUrl', ['QueueName'], (queue) => ({ QueueUrl: urlOf(queue.name) })),
    ListQueues: listing({
      action: 'sqs:ListQueues',
      paging: { size: 'MaxResults', after: 'NextToken' },
      members: ['QueueNamePrefix'],
      into: 'QueueUrls',
      find: ({ QueueNamePrefix }) =>
        [...queues.byName.keys()].filter(startsWith(QueueNamePrefix)).map((name) => [name, urlOf(name)]),
    }),
    PurgeQueue: operation('PurgeQueue', [], (queue) => store.purge(queue.name)),
  };
}

const ofMessage = ['MessageBody', 'DelaySeconds', 'MessageAttributes', 'MessageGroupId', 'MessageDeduplicationId'];
const ofReceipt = [
  ...['MaxNumberOfMessages', 'VisibilityTimeout', 'WaitTimeSeconds'],
  ...['AttributeNames', 'MessageSystemAttributeNames', 'MessageAttributeNames'],
];
const ofHiding = ['ReceiptHandle', 'VisibilityTimeout'];

const maxEntries = 10;

/** Each entry stands or falls alone (API reference, SendMessageBatch). */
function eachEntry(input: Json, members: readonly string[], run: (entry: Json) => Json): Json {
  const entries = (input.Entries ?? []) as Json[];
  if (entries.length === 0)
    throw new ServiceError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > maxEntries)
    throw new ServiceError('TooManyEntriesInBatchRequest', `got ${entries.length} entries, allowed are ${maxEntries}`);
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
    throw new ServiceError('BatchEntryIdsNotDistinct', 'two entries have one Id');
  const Successful: Json[] = [];
  const Failed: Json[] = [];
  for (const { Id, ...entry } of entries) {
    try {
      refuseOthers('an entry of SQS', entry, members);
      Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      Failed.push({ Id, SenderFault: true, Code: error.name, Message: error.message });
    }
  }
  return { Successful, Failed };
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
