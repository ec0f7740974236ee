import { expect, it } from 'vitest';
import type { DeliveryQueue } from '../../../local/delivery/delivery-queue.ts';
import { type Operation, owner } from '../../../local/engine.ts';
import type { Mailbox } from '../../../local/mailbox/mailbox.ts';
import { createSns } from '../../../local/sns/sns.ts';
import { openSurroundings } from '../surroundings.ts';

it('a topic takes a subject of one line and less than a hundred characters', async () => {
  const { cloud, remove } = openSurroundings(0);
  const deliveries = { add: () => undefined, handle: () => undefined } as unknown as DeliveryQueue;
  const sns = createSns(cloud, deliveries, {} as Mailbox);
  const named = { stack: 's', logicalId: 'T', physicalName: 's-T', properties: { TopicName: 'alerts' } };
  await sns.resources['AWS::SNS::Topic']!.create({ ...named, type: 'AWS::SNS::Topic' });
  const publish = (Subject: string) =>
    (sns.operations.Publish as Operation).run(
      { TopicArn: 'arn:aws:sns:us-east-1:000000000000:alerts', Message: 'm', Subject },
      owner,
    );
  expect(publish('x'.repeat(99))).toMatchObject({ MessageId: expect.any(String) });
  expect(() => publish('x'.repeat(100))).toThrow('Invalid parameter: Subject');
  expect(() => publish('two\nlines')).toThrow('Invalid parameter: Subject');
  remove();
});
