export interface Mail {
  /** The same when it is delivered again. */
  readonly id: string;
  readonly kind: 'email' | 'sms';
  readonly to: string;
  /** Empty for a text message. */
  readonly subject: string;
  readonly text: string;
  readonly sentAtMs: number;
}
