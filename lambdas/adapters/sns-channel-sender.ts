import { InvalidParameterException, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { ChannelRequest } from '../../core/incidents/channels/channel-request.ts';
import { type ChannelSender, NoticeRefused } from '../ports/channel-sender.ts';

/** A channel behind a topic: Amazon Q Developer in chat applications. */
export class SnsChannelSender implements ChannelSender {
  private readonly client = new SNSClient({});

  async post({ url, body }: ChannelRequest): Promise<void> {
    const command = new PublishCommand({ TopicArn: url, Message: JSON.stringify(body) });
    await this.client.send(command).catch((error: unknown) => {
      throw error instanceof InvalidParameterException ? new NoticeRefused(error.message) : error;
    });
  }
}
