import type { DetailType } from '../../core/events/event-types.ts';

/** One thing worth telling. Its id is the same on every replay, so that a receiver can tell a repetition. */
export interface TwinEvent {
  readonly detailType: DetailType;
  readonly eventId: string;
  readonly machineId: string;
  readonly atMs: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface EventPublisher {
  /** Gives the events that could not be put for now. */
  publish(events: readonly TwinEvent[]): Promise<readonly TwinEvent[]>;
}
