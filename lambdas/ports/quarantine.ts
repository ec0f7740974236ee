/** A message or sample that cannot be used, kept whole with its reason until a person decides. */
export interface QuarantinedMessage {
  readonly machineId: string;
  /** A code to count. */
  readonly reason: string;
  /** A sentence to read. */
  readonly message: string;
  readonly sequenceNumber: string;
  readonly receivedAtMs: number;
  /** How many samples it stands for. */
  readonly samples: number;
  /** The record's data as it came, base64: what a redrive puts back on the stream. */
  readonly dataBase64: string;
}

export interface Quarantine {
  /** Throws when it cannot keep them: then the batch is delivered again. */
  keep(messages: readonly QuarantinedMessage[]): Promise<void>;
}
