import type { ChannelRequest } from '../../core/incidents/channels/channel-request.ts';

export interface ChannelSender {
  /**
   * Throws where the receiver did not take it: `NoticeRefused`, or what passes, `ReceiverDown` or any other error. The message
   * says why without the secret in it.
   */
  post(request: ChannelRequest): Promise<void>;
}

/** The receiver will never take it as it is. */
export class NoticeRefused extends Error {}

/** The receiver will take it later. */
export class ReceiverDown extends Error {
  /** How long it asked to be left alone. */
  readonly askedS: number | null;

  constructor(message: string, askedS: number | null = null) {
    super(message);
    this.askedS = askedS;
  }
}
