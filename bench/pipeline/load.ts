/** What a fleet of the bench offers. */
export interface Load {
  readonly machines: number;
  /** Messages a second of all together. */
  readonly rate: number;
  readonly seconds: number;
  readonly type: string;
  /** Messages without acknowledgement before the fleet waits. */
  readonly window: number;
  /** So many begin to chatter, one after the other: the alarms that a latency can be measured by. */
  readonly faultyMachines: number;
  /** After the first message; what comes before counts for the rate and the ledger alone. */
  readonly warmUpSeconds: number;
}

export interface Sent {
  readonly sent: number;
  readonly unacknowledged: number;
  readonly seconds: number;
  /** Of the fleet's process, while it sent. */
  readonly cpuMs: number;
}
