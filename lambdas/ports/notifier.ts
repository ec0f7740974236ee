import type { Audience } from '../../core/incidents/audience.ts';

export interface Message {
  readonly audience: Audience;
  readonly subject: string;
  readonly body: string;
  /** What subscriptions can filter by. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Notifier {
  send(message: Message): Promise<void>;
}

/** Asks to look at an incident again when time may change it. */
export interface Reminder {
  checkAt(incidentId: string, dueMs: number): Promise<void>;
}
