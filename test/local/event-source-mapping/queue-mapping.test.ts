import { afterEach, describe, expect, it } from 'vitest';
import { type Json, owner } from '../../../local/engine.ts';
import { QueueMapping } from '../../../local/event-source-mapping/queue-mapping.ts';
import type { LambdaFunction } from '../../../local/lambda/function.ts';
import { createSqs } from '../../../local/sqs/sqs.ts';
import { until } from '../../until.ts';
import { openSurroundings } from '../surroundings.ts';

interface QueueRecord {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Json;
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A FIFO queue, a function, and a clock that `pass` moves on. */
function open(take: (records: readonly QueueRecord[]) => readonly string[]) {
  const surroundings = openSurroundings(Date.UTC(2026, 0, 1));
  let nowMs = Date.UTC(2026, 0, 1);
  const told: string[] = [];
  const cloud = {
    ...surroundings.cloud,
    nowMs: () => nowMs,
    tell: (_source: string, message: string) => void told.push(message),
  };
  const sqs = createSqs(cloud, { endpointUrl: 'http://localhost' });
  const properties = { FifoQueue: true, ContentBasedDeduplication: true, VisibilityTimeout: 30 };
  const request = { stack: 'S', logicalId: 'Q', type: 'AWS::SQS::Queue', physicalName: 'notices', properties };
  sqs.resources['AWS::SQS::Queue']!.create(request);
  const queueArn = 'arn:aws:sqs:us-east-1:000000000000:notices.fifo';
  const invoke = async (event: unknown) => {
    const failed = take((event as { Records: QueueRecord[] }).Records);
    const batchItemFailures = failed.map((itemIdentifier) => ({ itemIdentifier }));
    return { ok: true, payload: JSON.stringify({ batchItemFailures }) } as const;
  };
  const target = { invoke } as unknown as LambdaFunction;
  const mapping = new QueueMapping({
    ...{ cloud, sqs, queueArn, target },
    caller: { kind: 'role', arn: 'r' },
    batchSize: 5,
    reportsItemFailures: true,
  });
  ends.push(async () => {
    await mapping.stop();
    await sqs.stop?.();
    surroundings.remove();
  });
  return {
    ...{ sqs, queueArn, mapping },
    told: () => told,
    pass: (ms: number) => {
      nowMs += ms;
    },
    send: (MessageBody: string, MessageGroupId = 'slack') =>
      sqs.operations.SendMessage!.run({ QueueUrl: queueArn, MessageBody, MessageGroupId }, owner),
  };
}

it.each(['no such message', ''])('a function that names "%s" as failed has taken nothing', async (name) => {
  let calls = 0;
  const test = open(() => [name].slice(0, calls++ === 0 ? 1 : 0));
  test.send('one');
  test.mapping.start();
  await until(() => expect(calls).toBe(1));
  await until(() => expect(test.told().join()).toContain('names as failed what was not in its batch'));
  test.pass(31_000);
  await until(() => expect(calls).toBe(2));
  await until(() => expect(test.sqs.listDepths()).toEqual([{ name: 'notices.fifo', depth: 0 }]));
});

describe('a mapping of a FIFO queue', () => {
  it('brings what was not taken again, with all behind it, in order, and what was taken never', async () => {
    const taken: string[] = [];
    let isDown = true;
    const test = open((records) => {
      const refused = records.findIndex(({ body }) => body === 'two' && isDown);
      const good = refused < 0 ? records : records.slice(0, refused);
      taken.push(...good.map(({ body }) => body));
      return records.slice(good.length).map(({ messageId }) => messageId);
    });
    for (const body of ['one', 'two', 'three']) test.send(body);
    test.mapping.start();
    await until(() => expect(taken).toEqual(['one']));
    isDown = false;
    test.send('four');
    test.send('other', 'pagerduty');
    await until(() => expect(taken).toEqual(['one', 'other'])); // the group waits for its second message
    test.pass(30_000);
    await until(() => expect(taken).toEqual(['one', 'other', 'two', 'three', 'four']));
    await until(() => expect(test.sqs.listDepths()).toEqual([{ name: 'notices.fifo', depth: 0 }]));
  });

  it('hands over group, deduplication id and sequence number', async () => {
    const seen: QueueRecord[] = [];
    const test = open((records) => {
      seen.push(...records);
      return [];
    });
    test.send('one');
    test.mapping.start();
    await until(() => expect(seen).toHaveLength(1));
    expect(seen[0]!.attributes).toMatchObject({
      MessageGroupId: 'slack',
      MessageDeduplicationId: expect.stringMatching(/^[0-9a-f]{64}$/),
      SequenceNumber: expect.stringMatching(/^\d{20}$/),
    });
  });
});

describe('a mapping that AWS would refuse', () => {
  it('is of a function that may take longer than its messages are hidden', () => {
    const { sqs, queueArn } = open(() => []);
    expect(() => sqs.checkPatience(queueArn, 60_000)).toThrow(
      'VisibilityTimeout of notices.fifo: got 30 s, less than the 60 s that its function may take',
    );
  });
});
