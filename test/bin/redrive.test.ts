import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import {
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it, vi } from 'vitest';
import { deliverToChannels, moveBack } from '../../bin/redrive/move-back.ts';
import { putBack, readFailedBatch, readIngestError, readQuarantined } from '../../bin/redrive/redrive.ts';
import { WaitingQueue } from '../../bin/redrive/waiting-queue.ts';

const textOf = (data: Uint8Array): string => Buffer.from(data).toString('utf8');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('redrive', () => {
  it('reads a quarantined record as it came', () => {
    const body = JSON.stringify({ machineId: 'M-1', reason: 'unknown_machine', dataBase64: base64('{"a":1}') });
    const record = readQuarantined(body);
    expect([record.machineId, record.reason, textOf(record.data)]).toEqual(['M-1', 'unknown_machine', '{"a":1}']);
  });

  it('marks a lifecycle message as its rule would have, and leaves samples as they are', () => {
    const errorOf = (topic: string) =>
      JSON.stringify({
        topic,
        base64OriginalPayload: base64('{"event":"x"}'),
        failures: [{ errorMessage: 'throttled' }],
      });
    expect(textOf(readIngestError(errorOf('factory/M-1/lifecycle')).data)).toBe('{"event":"x","channel":"lifecycle"}');
    const sample = readIngestError(errorOf('$aws/rules/factory_dev_telemetry/factory/M-1/telemetry'));
    expect([sample.machineId, sample.reason, textOf(sample.data)]).toEqual(['M-1', 'throttled', '{"event":"x"}']);
  });

  it('reads every record of a batch that was set aside', () => {
    const Records = [{ kinesis: { partitionKey: 'M-1', data: base64('{}') } }];
    expect(readFailedBatch(JSON.stringify({ payload: JSON.stringify({ Records }) }))).toMatchObject([
      { machineId: 'M-1' },
    ]);
    expect(readFailedBatch(JSON.stringify({ payload: { Records } }))).toHaveLength(1);
  });

  it('names the queue that a stage does not have', async () => {
    const sqs = mockClient(SQSClient);
    sqs.on(GetQueueUrlCommand).rejects(new QueueDoesNotExist({ message: 'x', $metadata: {} }));
    await expect(WaitingQueue.open(new SQSClient({ region: 'us-east-1' }), 'factory-dev-cmms')).rejects.toThrow(
      'there is no queue factory-dev-cmms: the stage was deployed without it, or not at all',
    );
    sqs.restore();
  });

  it('fails when the stream refuses a part, so that the message stays where it waits', async () => {
    const kinesis = mockClient(KinesisClient);
    kinesis.on(PutRecordsCommand).resolves({ FailedRecordCount: 1, Records: [] });
    const client = new KinesisClient({ region: 'us-east-1' });
    await expect(putBack(client, 's', [{ machineId: 'M-1', data: Buffer.from('{}') }])).rejects.toThrow(
      'the stream refused 1 of 1 records; try again later',
    );
  });
});

describe('notices that the bus could not bring', () => {
  const message = (TARGET_ARN: string) => ({
    Body: '{"detail-type":"incident"}',
    MessageId: 'm-1',
    ReceiptHandle: 'r-1',
    MessageAttributes: { TARGET_ARN: { DataType: 'String', StringValue: TARGET_ARN } },
  });
  const open = (TARGET_ARN: string) => {
    const sqs = mockClient(SQSClient);
    sqs.on(GetQueueUrlCommand).callsFake(({ QueueName }) => ({ QueueUrl: `https://sqs.example/${QueueName}` }));
    sqs
      .on(ReceiveMessageCommand)
      .resolvesOnce({ Messages: [message(TARGET_ARN)] })
      .resolves({});
    sqs.on(SendMessageCommand).resolves({});
    sqs.on(DeleteMessageBatchCommand).resolves({});
    return sqs;
  };
  const move = { connection: { region: 'us-east-1' }, listOnly: false };

  it('go to the one channel they were for, in its group, and leave the others alone', async () => {
    const sqs = open('arn:aws:sqs:us-east-1:123456789012:factory-dev-channel-amazon-q.fifo');
    expect(await deliverToChannels('dev', move)).toBe(1);
    const sent = sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);
    expect(sent).toEqual([
      {
        QueueUrl: 'https://sqs.example/factory-dev-channel-amazon-q.fifo',
        MessageBody: '{"detail-type":"incident"}',
        MessageGroupId: 'amazon_q',
        MessageDeduplicationId: 'm-1',
      },
    ]);
    expect(sqs.commandCalls(DeleteMessageBatchCommand)).toHaveLength(1);
  });

  it('stay where they are when no channel has the queue they were for', async () => {
    const sqs = open('arn:aws:sqs:us-east-1:123456789012:elsewhere.fifo');
    await expect(deliverToChannels('dev', move)).rejects.toThrow(
      'message m-1: for "elsewhere.fifo", which is no channel',
    );
    expect(sqs.commandCalls(DeleteMessageBatchCommand)).toHaveLength(0);
  });
});

describe('notices that a channel did not take', () => {
  const refusedBy = (id: string, reason?: string) => ({
    ...{ Body: '{}', MessageId: id, ReceiptHandle: id },
    ...(reason !== undefined && { MessageAttributes: { REASON: { DataType: 'String', StringValue: reason } } }),
  });

  it('are listed with the reasons of those that were refused, and left where they are', async () => {
    const sqs = mockClient(SQSClient);
    sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: 'https://sqs.example/dead' });
    const answer = 'events.pagerduty.com answered 400';
    const Messages = [refusedBy('m-1', answer), refusedBy('m-2'), refusedBy('m-3', answer)];
    sqs.on(ReceiveMessageCommand).resolvesOnce({ Messages }).resolves({});
    const print = vi.spyOn(console, 'log').mockReturnValue();
    const move = { connection: { region: 'us-east-1' }, listOnly: true };
    expect(await moveBack('factory-dev-channel-pagerduty.fifo', move)).toBe(3);
    expect(print.mock.calls).toEqual([[`${answer}\t2`]]);
    print.mockRestore();
    expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(0);
    expect(sqs.commandCalls(DeleteMessageBatchCommand)).toHaveLength(0);
  });
});
