import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** Where work waits for a person: fourteen days, the longest SQS keeps a message, encrypted, TLS only. */
export function createDeadLetterQueue(scope: Construct, id: string, queueName?: string): Queue {
  const queue = new Queue(scope, id, {
    ...(queueName === undefined ? {} : { queueName }),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledge(queue, 'SQS3', 'It is a dead-letter queue: a person empties it, nothing is behind it.');
  return queue;
}
