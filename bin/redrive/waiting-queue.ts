import {
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  type Message,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { Refusal } from '../command/run-command.ts';

/** While one run works on a message, a second one does not see it; who only looks hides it as long as the look takes. */
export const workingS = 120;
export const lookingS = 20;

/** A queue where messages wait for a person. */
export class WaitingQueue {
  private readonly client: SQSClient;
  private readonly queueUrl: string;

  private constructor(client: SQSClient, queueUrl: string) {
    this.client = client;
    this.queueUrl = queueUrl;
  }

  static async open(client: SQSClient, queueName: string): Promise<WaitingQueue> {
    try {
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queueName }));
      return new WaitingQueue(client, QueueUrl!);
    } catch (error) {
      if (!(error instanceof QueueDoesNotExist)) throw error;
      throw new Refusal(`there is no queue ${queueName}: the stage was deployed without it, or not at all`, 1);
    }
  }

  /** Each message once; what is not taken out comes back after a while. */
  async *messages(hiddenS: number): AsyncIterable<readonly Message[]> {
    for (;;) {
      const { Messages = [] } = await this.client.send(
        new ReceiveMessageCommand({
          QueueUrl: this.queueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: hiddenS,
          WaitTimeSeconds: 1,
          MessageSystemAttributeNames: ['MessageGroupId'],
          // Where the bus wanted to bring an event (EventBridge user guide, "Using dead-letter queues"); why a channel's notice was refused.
          MessageAttributeNames: ['TARGET_ARN', 'REASON'],
        }),
      );
      if (Messages.length === 0) return;
      yield Messages;
    }
  }

  async takeOut(messages: readonly Message[]): Promise<void> {
    const Entries = messages.map((message, i) => ({ Id: String(i), ReceiptHandle: message.ReceiptHandle! }));
    await this.client.send(new DeleteMessageBatchCommand({ QueueUrl: this.queueUrl, Entries }));
  }
}
