export interface Mail {
  /** The same when it is delivered again. */
  readonly id: string;
  /** `chat`: what a chat application would show. */
  readonly kind: 'email' | 'sms' | 'chat';
  /** An address, a number, a channel. */
  readonly to: string;
  /** Empty for a text message. */
  readonly subject: string;
  readonly text: string;
  readonly sentAtMs: number;
}
