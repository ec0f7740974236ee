export interface ChannelMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string; readonly MessageGroupId: string };
}

export interface ChannelQueue {
  /** Into the dead letters, with the reason; twice the same is one. */
  setAside(message: ChannelMessage, reason: string): Promise<void>;
  /** Messages in flight come again after so long. */
  hide(messages: readonly ChannelMessage[], forS: number): Promise<void>;
}
