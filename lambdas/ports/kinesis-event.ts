/** What Lambda hands over from a shard, as far as it is used; the batch is one shard's, in order. */
export interface KinesisRecord {
  /** `shardId-000000000000:49590338271490256608559692538361571095921575989136588898`. */
  readonly eventID: string;
  readonly kinesis: {
    readonly sequenceNumber: string;
    readonly partitionKey: string;
    /** Base64. */
    readonly data: string;
    /** Seconds since 1970, with a fraction. */
    readonly approximateArrivalTimestamp: number;
  };
}

/** With a tumbling window the event source carries `state` from batch to batch, and ends a window by a call without records. */
export interface KinesisEvent {
  readonly Records: readonly KinesisRecord[];
  /** What the last batch of the same window and shard answered with; `{}` where a window begins. */
  readonly state?: unknown;
}

/** Everything from the lowest of these on is delivered again; an empty list takes the whole batch as done. */
export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
  /** Without one an event source with a window takes the batch as failed. */
  readonly state: object;
}
