import { ChangeMessageVisibilityBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ChannelMessage, ChannelQueue } from '../ports/channel-queue.ts';

/** A channel's FIFO queue and its dead letters. */
export class SqsChannelQueue implements ChannelQueue {
  private readonly client: SQSClient;
  private readonly queueUrl: string;
  private readonly deadLettersUrl: string;

  constructor(client: SQSClient, queueUrl: string, deadLettersUrl: string) {
    this.client = client;
    this.queueUrl = queueUrl;
    this.deadLettersUrl = deadLettersUrl;
  }

  async setAside({ messageId, body, attributes }: ChannelMessage, reason: string): Promise<void> {
    await this.client.send(
      new SendMessageCommand({
        QueueUrl: this.deadLettersUrl,
        MessageBody: body,
        MessageGroupId: attributes.MessageGroupId,
        // By message, not by text: one that was moved back and is refused again within five minutes must not vanish.
        MessageDeduplicationId: messageId,
        MessageAttributes: { REASON: { DataType: 'String', StringValue: reason } },
      }),
    );
  }

  async hide(messages: readonly ChannelMessage[], forS: number): Promise<void> {
    const Entries = messages.map(({ receiptHandle }, i) => ({
      Id: String(i),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: Math.ceil(forS),
    }));
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.queueUrl, Entries });
    const [failed] = (await this.client.send(command)).Failed ?? [];
    if (failed !== undefined) throw new Error(`the queue hid a notice no longer: ${failed.Code}`);
  }
}
