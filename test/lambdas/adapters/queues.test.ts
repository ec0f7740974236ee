import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import {
  ChangeMessageVisibilityBatchCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { EventBridgePublisher } from '../../../lambdas/adapters/eventbridge-publisher.ts';
import { KinesisStreamReader } from '../../../lambdas/adapters/kinesis-stream-reader.ts';
import { SqsChannelQueue } from '../../../lambdas/adapters/sqs-channel-queue.ts';
import { SqsQuarantine } from '../../../lambdas/adapters/sqs-quarantine.ts';
import type { TwinEvent } from '../../../lambdas/ports/event-publisher.ts';

const events = mockClient(EventBridgeClient);
const sqs = mockClient(SQSClient);
const kinesis = mockClient(KinesisClient);
const region = 'us-east-1';

beforeEach(() => {
  events.reset();
  sqs.reset();
  kinesis.reset();
});

const eventOf = (i: number): TwinEvent => ({
  detailType: 'health',
  eventId: `M-1/health/${i}`,
  machineId: 'M-1',
  atMs: 1000 + i,
  detail: { severity: 'normal' },
});

describe('EventBridgePublisher', () => {
  const publisher = new EventBridgePublisher(new EventBridgeClient({ region }), 'bus', async (ms) => waitsMs.push(ms));
  const waitsMs: number[] = [];
  beforeEach(() => void waitsMs.splice(0));
  const sizes = () => events.commandCalls(PutEventsCommand).map((call) => call.args[0].input.Entries?.length);

  it('puts ten entries a request, each with its id for the receiver', async () => {
    events.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
    expect(await publisher.publish(Array.from({ length: 12 }, (_, i) => eventOf(i)))).toEqual([]);
    expect(sizes()).toEqual([10, 2]);
    const [entry] = events.commandCalls(PutEventsCommand)[0]!.args[0].input.Entries!;
    expect(entry).toMatchObject({ EventBusName: 'bus', Source: 'factory.twin', DetailType: 'health' });
    expect(JSON.parse(entry?.Detail ?? '')).toEqual({
      schemaVersion: 1,
      eventId: 'M-1/health/0',
      machineId: 'M-1',
      atMs: 1000,
      severity: 'normal',
    });
  });

  it('sends only the failed entries of a successful answer again, and gives back what stays unsent', async () => {
    const failed = { FailedEntryCount: 1, Entries: [{ EventId: 'x' }, { ErrorCode: 'ThrottlingException' }] };
    events.on(PutEventsCommand).resolvesOnce(failed).resolvesOnce({ FailedEntryCount: 0 });
    expect(await publisher.publish([eventOf(0), eventOf(1)])).toEqual([]);
    expect(sizes()).toEqual([2, 1]);
    events.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] });
    expect(await publisher.publish([eventOf(2)])).toEqual([eventOf(2)]);
  });

  it('waits ever longer before it sends again', async () => {
    events.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] });
    await publisher.publish([eventOf(0)]);
    expect(waitsMs).toEqual([100, 400]);
  });

  it('puts no more bytes in a request than EventBridge takes, counted as UTF-8, and what is larger alone', async () => {
    events.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
    const sized = (i: number, letters: number) => ({ ...eventOf(i), detail: { text: 'ü'.repeat(letters) } });
    const letters = [60_000, 60_000, 60_000, 200_000, 10, 10];
    expect(await publisher.publish(letters.map((count, i) => sized(i, count)))).toEqual([]);
    expect(sizes()).toEqual([2, 1, 1, 2]);
  });
});

describe('SqsQuarantine', () => {
  const quarantine = new SqsQuarantine(new SQSClient({ region }), 'https://queue');
  const message = (dataBase64: string) => ({
    machineId: 'M-1',
    reason: 'not_json',
    message: 'message is not JSON',
    sequenceNumber: '1',
    receivedAtMs: 0,
    samples: 1,
    dataBase64,
  });

  it('fills requests by number and by size', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});
    await quarantine.keep([
      ...Array.from({ length: 12 }, () => message('eA==')),
      message('x'.repeat(200_000)),
      message('x'.repeat(200_000)),
    ]);
    expect(sqs.commandCalls(SendMessageBatchCommand).map((call) => call.args[0].input.Entries?.length)).toEqual([
      10, 3, 1,
    ]);
  });

  it('fails loudly when the queue refuses a message', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] });
    await expect(quarantine.keep([message('eA==')])).rejects.toThrow('quarantine refused a message: InternalError');
  });
});

describe('KinesisStreamReader', () => {
  const reader = new KinesisStreamReader(new KinesisClient({ region }), 's');

  it('reads on through empty pages until it has caught up', async () => {
    const record = (SequenceNumber: string) => ({ SequenceNumber, PartitionKey: 'M-1', Data: Buffer.from('{}') });
    kinesis.on(GetShardIteratorCommand).resolves({ ShardIterator: 'i0' });
    kinesis
      .on(GetRecordsCommand)
      .resolvesOnce({ Records: [record('1')], NextShardIterator: 'i1', MillisBehindLatest: 10 })
      .resolvesOnce({ Records: [], NextShardIterator: 'i2', MillisBehindLatest: 5 })
      .resolvesOnce({ Records: [record('2')], NextShardIterator: 'i3', MillisBehindLatest: 0 })
      .resolves({ Records: [], NextShardIterator: 'i4', MillisBehindLatest: 0 });
    const seen: string[] = [];
    for await (const page of reader.read('s-0', { after: '0' })) seen.push(...page.map((r) => r.sequenceNumber));
    expect(seen).toEqual(['1', '2']);
    // By an ARN the SDK would call a host of the account, which a network without a way out need not reach.
    expect(kinesis.calls().filter((call) => 'StreamARN' in call.args[0].input)).toEqual([]);
    expect(kinesis.commandCalls(GetShardIteratorCommand)[0]!.args[0].input).toMatchObject({
      StreamName: 's',
      ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
      StartingSequenceNumber: '0',
    });
  });

  it('finds nothing in a shard that went with its last record, and fails nobody by it', async () => {
    kinesis.on(GetShardIteratorCommand).rejects(new ResourceNotFoundException({ message: 'gone', $metadata: {} }));
    const seen: unknown[] = [];
    for await (const page of reader.read('s-0', { after: '0' })) seen.push(page);
    expect(seen).toEqual([]);
  });

  it('names both parents of a merged shard', async () => {
    const merged = {
      ShardId: 's-2',
      ParentShardId: 's-0',
      AdjacentParentShardId: 's-1',
      HashKeyRange: undefined,
      SequenceNumberRange: undefined,
    };
    kinesis
      .on(ListShardsCommand)
      .resolvesOnce({ Shards: [], NextToken: 't' })
      .resolves({ Shards: [merged] });
    expect(await reader.parentsOf('s-2')).toEqual(['s-0', 's-1']);
    expect(kinesis.calls().filter((call) => 'StreamARN' in call.args[0].input)).toEqual([]);
  });
});

describe('SqsChannelQueue', () => {
  const queue = new SqsChannelQueue(new SQSClient({ region }), 'https://queue', 'https://dead');
  const message = (id: string) => ({
    messageId: id,
    receiptHandle: `receipt of ${id}`,
    body: '{}',
    attributes: { ApproximateReceiveCount: '2', MessageGroupId: 'slack' },
  });

  it('sets aside a message in its group, told apart by its id, with the reason beside it', async () => {
    sqs.on(SendMessageCommand).resolves({});
    await queue.setAside(message('m-1'), 'hooks.slack.com answered 400');
    expect(sqs.commandCalls(SendMessageCommand)[0]?.args[0].input).toEqual({
      QueueUrl: 'https://dead',
      MessageBody: '{}',
      MessageGroupId: 'slack',
      MessageDeduplicationId: 'm-1',
      MessageAttributes: { REASON: { DataType: 'String', StringValue: 'hooks.slack.com answered 400' } },
    });
  });

  it('hides all that waits for as long, and fails where the queue did not', async () => {
    sqs.on(ChangeMessageVisibilityBatchCommand).resolvesOnce({ Successful: [], Failed: [] });
    await queue.hide([message('m-1'), message('m-2')], 20);
    expect(sqs.commandCalls(ChangeMessageVisibilityBatchCommand)[0]?.args[0].input).toEqual({
      QueueUrl: 'https://queue',
      Entries: [
        { Id: '0', ReceiptHandle: 'receipt of m-1', VisibilityTimeout: 20 },
        { Id: '1', ReceiptHandle: 'receipt of m-2', VisibilityTimeout: 20 },
      ],
    });
    const Failed = [{ Id: '0', SenderFault: true, Code: 'MessageNotInflight' }];
    sqs.on(ChangeMessageVisibilityBatchCommand).resolves({ Successful: [], Failed });
    await expect(queue.hide([message('m-1')], 20)).rejects.toThrow('MessageNotInflight');
  });
});
