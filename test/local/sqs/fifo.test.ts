import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Json } from '../../../local/engine.ts';
import { owner } from '../../../local/engine.ts';
import { createSqs, type SqsEngine } from '../../../local/sqs/sqs.ts';
import { openSurroundings } from '../surroundings.ts';

const folders: string[] = [];
const openEngines: SqsEngine[] = [];

function openQueues(properties: Json = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'fifo-'));
  folders.push(folder);
  const clock = { nowMs: 1_000_000 };
  const cloud = { ...openSurroundings(0, folder).cloud, nowMs: () => clock.nowMs };
  const sqs = createSqs(cloud, { endpointUrl: 'http://localhost' });
  openEngines.push(sqs);
  const create = (name: string, more: Json) => {
    const request = { stack: 'S', logicalId: name, type: 'AWS::SQS::Queue', physicalName: name };
    const queue = { FifoQueue: true, ContentBasedDeduplication: true, VisibilityTimeout: 30, ...more };
    return sqs.resources['AWS::SQS::Queue']!.create({ ...request, properties: queue });
  };
  create('dead', {});
  const deadArn = 'arn:aws:sqs:us-east-1:000000000000:dead.fifo';
  create('work', { RedrivePolicy: { deadLetterTargetArn: deadArn, maxReceiveCount: 2 }, ...properties });
  const arn = 'arn:aws:sqs:us-east-1:000000000000:work.fifo';
  const send = (MessageBody: string, MessageGroupId = 'a', more: Json = {}) =>
    sqs.operations.SendMessage!.run({ QueueUrl: arn, MessageBody, MessageGroupId, ...more }, owner) as Json;
  return {
    ...{ clock, sqs, create, send, arn, deadArn },
    take: (max = 10, from = arn) => sqs.receive(from, max),
    bodies: (max = 10, from = arn) => sqs.receive(from, max).map(({ body }) => body),
  };
}

afterEach(async () => {
  for (const engine of openEngines.splice(0)) await engine.stop?.();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('a batch', () => {
  it('fails by the entry: the others are sent, once', () => {
    const { sqs, arn, bodies } = openQueues();
    const Entries = [
      { Id: 'first', MessageBody: 'one', MessageGroupId: 'a' },
      { Id: 'second', MessageBody: 'two' },
      { Id: 'third', MessageBody: 'three', MessageGroupId: 'a' },
    ];
    expect(sqs.operations.SendMessageBatch!.run({ QueueUrl: arn, Entries }, owner)).toMatchObject({
      Successful: [{ Id: 'first' }, { Id: 'third' }],
      Failed: [{ Id: 'second', SenderFault: true, Code: 'MissingParameter' }],
    });
    expect(bodies()).toEqual(['one', 'three']);
  });

  it('has one to ten entries', () => {
    const { sqs, arn } = openQueues();
    const sendBatch = (count: number) => () =>
      sqs.operations.SendMessageBatch!.run(
        {
          QueueUrl: arn,
          Entries: Array.from({ length: count }, (_, i) => ({ Id: `${i}`, MessageBody: `${i}`, MessageGroupId: 'a' })),
        },
        owner,
      );
    expect(sendBatch(0)).toThrow('at least one entry');
    expect(sendBatch(11)).toThrow('11');
    expect(sendBatch(10)).not.toThrow();
  });
});

describe('order', () => {
  it('keeps a group back while one of its messages is in flight, and lets other groups go on', () => {
    const { send, take, bodies, sqs, arn } = openQueues();
    for (const [body, group] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
    ] as const)
      send(body, group);
    const [first] = take(1);
    expect(first?.body).toBe('a1');
    expect(bodies()).toEqual(['b1']);
    sqs.remove(arn, first!.receiptHandle);
    expect(bodies()).toEqual(['a2']);
  });

  it('gives a batch whose visibility was changed again when that is over, in its order', () => {
    const { clock, send, take, bodies, sqs, arn } = openQueues();
    for (const body of ['1', '2', '3']) send(body);
    const Entries = take().map(({ receiptHandle: ReceiptHandle }, i) => ({
      ...{ Id: String(i), ReceiptHandle, VisibilityTimeout: 5 },
    }));
    expect(sqs.operations.ChangeMessageVisibilityBatch!.run({ QueueUrl: arn, Entries }, owner)).toMatchObject({
      Successful: [{ Id: '0' }, { Id: '1' }, { Id: '2' }],
    });
    clock.nowMs += 4999;
    expect(bodies()).toEqual([]);
    clock.nowMs += 1;
    expect(bodies()).toEqual(['1', '2', '3']);
  });

  it('gives a message that was not dealt with again before those behind it', () => {
    const { send, take, bodies, clock, sqs, arn } = openQueues();
    for (const body of ['1', '2', '3']) send(body);
    const [, second] = take();
    sqs.remove(arn, second!.receiptHandle);
    clock.nowMs += 30_000;
    expect(bodies()).toEqual(['1', '3']);
  });

  it('refuses to delete by a receipt whose time is over', () => {
    const { send, take, clock, sqs, arn } = openQueues();
    send('1');
    const [message] = take();
    clock.nowMs += 30_000;
    expect(() => sqs.remove(arn, message!.receiptHandle)).toThrow('The receipt handle has expired.');
    expect(take()).toHaveLength(1);
  });

  it('holds through any receiving, deleting and timing out: a group is seen in its order', () => {
    const step = fc.oneof(
      fc.record({ send: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ take: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ finish: fc.nat(5) }),
      fc.record({ waitMs: fc.constantFrom(5_000, 31_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, sqs, arn, send } = openQueues({ RedrivePolicy: undefined });
        let count = 0;
        const finished: Record<string, number> = {};
        let held: ReturnType<SqsEngine['receive']> = [];
        for (const action of steps) {
          if ('send' in action) send(String(++count), action.send);
          else if ('waitMs' in action) {
            clock.nowMs += action.waitMs;
            if (action.waitMs > 30_000) held = [];
          } else if ('take' in action) held.push(...sqs.receive(arn, action.take));
          else if (held.length > 0) {
            // A receiver that keeps to the order, as a function does: the group's first comes first.
            const chosen = held[action.finish % held.length]!;
            const message = held.find(({ fifo }) => fifo?.MessageGroupId === chosen.fifo?.MessageGroupId)!;
            sqs.remove(arn, message.receiptHandle);
            held = held.filter((other) => other !== message);
            const group = message.fifo!.MessageGroupId;
            expect(Number(message.body)).toBeGreaterThan(finished[group] ?? 0);
            finished[group] = Number(message.body);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('deduplication', () => {
  it('takes the same content once in five minutes, even after it was received and deleted', () => {
    const { send, take, clock, sqs, arn } = openQueues();
    const first = send('same');
    sqs.remove(arn, take()[0]!.receiptHandle);
    expect(send('same')).toEqual(first);
    expect(take()).toEqual([]);
    clock.nowMs += 5 * 60_000;
    expect(send('same').MessageId).not.toBe(first.MessageId);
    expect(take()).toHaveLength(1);
  });

  it('goes by the id that the sender gives, over all groups', () => {
    const { send, bodies } = openQueues({ ContentBasedDeduplication: false });
    send('first', 'a', { MessageDeduplicationId: 'x' });
    send('second', 'b', { MessageDeduplicationId: 'x' });
    send('first', 'a', { MessageDeduplicationId: 'y' });
    expect(bodies()).toEqual(['first', 'first']);
  });

  it('numbers messages in the order of their sending', () => {
    const { send } = openQueues();
    const [one, two] = [send('1'), send('2')];
    expect(one.SequenceNumber).toMatch(/^\d{20}$/);
    expect(String(two.SequenceNumber) > String(one.SequenceNumber)).toBe(true);
  });
});

it('moves what was received too often to its dead-letter queue, with group and order, and goes on behind it', () => {
  const { send, take, bodies, clock, deadArn } = openQueues();
  send('poison');
  for (let i = 0; i < 2; i++) {
    expect(take(1)).toHaveLength(1);
    clock.nowMs += 30_000;
  }
  send('next');
  expect(bodies()).toEqual(['next']);
  const [dead] = take(1, deadArn);
  expect(dead).toMatchObject({ body: 'poison', fifo: { MessageGroupId: 'a' }, sentAtMs: clock.nowMs });
});

describe('refused', () => {
  it.each<[string, Json, Json, RegExp]>([
    ['no group', {}, { MessageGroupId: undefined }, /must contain the parameter MessageGroupId/],
    ['no id to deduplicate by', { ContentBasedDeduplication: false }, {}, /MessageDeduplicationId provided explicitly/],
    ['a delay of one message', {}, { DelaySeconds: 5 }, /Value 5 for parameter DelaySeconds is invalid/],
  ])('%s', (_, properties, message, says) => {
    expect(() => openQueues(properties).send('x', 'a', message)).toThrow(says);
  });

  it.each<[string, Json, string]>([
    ['a name without .fifo', { QueueName: 'plain' }, 'QueueName: got "plain"'],
    ['.fifo on a standard queue', { QueueName: 'x.fifo', FifoQueue: false }, 'QueueName: got "x.fifo"'],
    [
      'a FIFO queue behind a standard one',
      { FifoQueue: undefined, RedrivePolicy: { deadLetterTargetArn: 'a:dead.fifo', maxReceiveCount: 1 } },
      'must be of the same kind',
    ],
  ])('%s', (_, properties, says) => {
    expect(() => openQueues().create('other', properties)).toThrow(says);
  });
});
