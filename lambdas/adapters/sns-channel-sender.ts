import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { ChannelRequest } from '../../core/incidents/channels/channel-request.ts';
import type { ChannelSender } from '../ports/channel-sender.ts';

/** A channel behind a topic: Amazon Q Developer in chat applications. */
export class SnsChannelSender implements ChannelSender {
  private readonly client = new SNSClient({});

  async post({ url, body }: ChannelRequest): Promise<void> {
    await this.client.send(new PublishCommand({ TopicArn: url, Message: JSON.stringify(body) }));
  }
}
