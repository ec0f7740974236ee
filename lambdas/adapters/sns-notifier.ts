import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Audience } from '../../core/incidents/audience.ts';
import type { Message, Notifier } from '../ports/notifier.ts';

type Topics = Readonly<Partial<Record<Audience, string>>>;

/** One topic an audience; a function knows those that it may publish to. */
export class SnsNotifier implements Notifier {
  private readonly client: SNSClient;
  private readonly topicArns: Topics;

  constructor(client: SNSClient, topicArns: Topics) {
    this.client = client;
    this.topicArns = topicArns;
  }

  async send({ audience, subject, body, attributes }: Message): Promise<void> {
    const given = Object.entries(attributes).filter(([, value]) => value !== '');
    await this.client.send(
      new PublishCommand({
        TopicArn: this.topicArns[audience],
        Subject: subject,
        MessageStructure: 'json',
        // A text message is billed by the piece: its reader looks at the mail or the page for the rest.
        Message: JSON.stringify({ default: body, sms: subject }),
        MessageAttributes: Object.fromEntries(
          given.map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
        ),
      }),
    );
  }
}
