import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Reminder } from '../ports/notifier.ts';

/** The longest that SQS delays a message (developer guide, "Delay queues"); what is later goes in several hops. */
const longestDelayS = 900;

/** Time itself as messages: a check that comes back to its own queue when it is due. */
export class SqsReminder implements Reminder {
  private readonly client: SQSClient;
  private readonly queueUrl: string;
  private readonly nowMs: () => number;

  constructor(client: SQSClient, queueUrl: string, nowMs: () => number) {
    this.client = client;
    this.queueUrl = queueUrl;
    this.nowMs = nowMs;
  }

  async checkAt(incidentId: string, dueMs: number): Promise<void> {
    const waitS = Math.ceil((dueMs - this.nowMs()) / 1000);
    await this.client.send(
      new SendMessageCommand({
        QueueUrl: this.queueUrl,
        MessageBody: JSON.stringify({ check: { incidentId, dueMs } }),
        DelaySeconds: Math.max(0, Math.min(longestDelayS, waitS)),
      }),
    );
  }
}
