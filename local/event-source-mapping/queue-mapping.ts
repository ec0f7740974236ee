/** One mapping from a queue to a function: what the function takes is deleted, the rest comes again by the queue's rules. */
import type { Caller, Cloud, Json } from '../engine.ts';
import { formatArn } from '../engine.ts';
import type { LambdaFunction } from '../lambda/function.ts';
import type { QueueMessage, SqsEngine } from '../sqs/sqs.ts';

export interface QueueMappingParts {
  readonly cloud: Cloud;
  readonly sqs: SqsEngine;
  readonly queueArn: string;
  readonly target: LambdaFunction;
  readonly caller: Caller;
  readonly batchSize: number;
  readonly reportsItemFailures: boolean;
}

const pauseMs = 200;

export class QueueMapping {
  readonly #parts: QueueMappingParts;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: QueueMappingParts) {
    this.#parts = parts;
  }

  start(): void {
    const { cloud, caller, queueArn } = this.#parts;
    for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']) {
      cloud.authorize(caller, { action: `sqs:${action}`, resource: queueArn });
    }
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#underWay;
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#underWay = this.#poll();
    }, delayMs);
  }

  async #poll(): Promise<void> {
    const { sqs, queueArn, batchSize, cloud } = this.#parts;
    let delayMs = pauseMs;
    try {
      const messages = sqs.receive(queueArn, batchSize);
      if (messages.length > 0) {
        await this.#deliver(messages);
        delayMs = 0;
      }
    } catch (error) {
      cloud.tell('lambda', `mapping of ${queueArn}: ${(error as Error).message}`);
    }
    this.#schedule(delayMs);
  }

  async #deliver(messages: readonly QueueMessage[]): Promise<void> {
    const { sqs, queueArn, target, reportsItemFailures, cloud } = this.#parts;
    const outcome = await target.invoke({
      Records: messages.map((message) => toEventRecord(message, queueArn, cloud)),
    });
    if (!outcome.ok) return;
    const failed = reportsItemFailures ? readFailed(outcome.payload) : new Set<string>();
    // As Lambda does: then nothing is known of any of them (developer guide, "Using Lambda with Amazon SQS").
    if ([...failed].some((id) => !messages.some(({ messageId }) => messageId === id))) {
      cloud.tell(
        'lambda',
        `the function of ${queueArn} names as failed what was not in its batch; all of it comes again`,
      );
      return;
    }
    for (const message of messages) if (!failed.has(message.messageId)) sqs.remove(queueArn, message.receiptHandle);
  }
}

function readFailed(payload: string): ReadonlySet<string> {
  const response = JSON.parse(payload) as { batchItemFailures?: { itemIdentifier?: string }[] | null } | null;
  return new Set((response?.batchItemFailures ?? []).map(({ itemIdentifier = '' }) => itemIdentifier));
}

function toEventRecord(message: QueueMessage, queueArn: string, cloud: Cloud): Json {
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAtMs),
      ApproximateFirstReceiveTimestamp: String(cloud.nowMs()),
      SenderId: formatArn(cloud, 'sts', 'laptop'),
      ...message.fifo,
    },
    messageAttributes: message.attributes,
    md5OfBody: message.md5,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: cloud.region,
  };
}
