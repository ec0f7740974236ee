import type { ChannelRequest } from '../../core/incidents/channels/channel-request.ts';

export interface ChannelSender {
  /** Throws where the receiver did not take it; the message says why without the secret in it. */
  post(request: ChannelRequest): Promise<void>;
}
