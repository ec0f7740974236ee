import type { Feed } from '../../core/api/live-feed.ts';

/** `since` is the number that the client has; null once it hears each delta as it comes. */
export interface LiveConnection {
  readonly connectionId: string;
  readonly topics: Readonly<Record<string, Since>>;
}

/** `fresh`: a snapshot is wanted. */
export type Since = number | 'fresh' | null;

/** Who is connected, what each watches, and how far each topic's feed has come. */
export interface LiveStore {
  connect(connectionId: string, expiresAtMs: number): Promise<void>;
  disconnect(connectionId: string): Promise<void>;
  /** False where the connection is not known, or watches as many topics as it may. */
  watch(connectionId: string, topic: string, since: Since): Promise<boolean>;
  unwatch(connectionId: string, topic: string): Promise<void>;
  /** Notes how far a connection is behind, unless it asked for something else meanwhile. */
  note(connectionId: string, topic: string, change: { readonly before: Since; readonly after: Since }): Promise<void>;
  list(nowMs: number): Promise<readonly LiveConnection[]>;
  loadFeed(topic: string, nowMs: number): Promise<Feed | undefined>;
  /** False when somebody else has saved it since `before`. */
  saveFeed(
    topic: string,
    feed: Feed,
    options: { readonly before: number | null; readonly expiresAtMs: number },
  ): Promise<boolean>;
}

/** Who feeds at the moment: the newest, and the one before it learns that with its next renewal. */
export interface FeederLease {
  take(holder: string, untilMs: number): Promise<void>;
  /** False when another one has taken it. */
  renew(holder: string, untilMs: number): Promise<boolean>;
  release(holder: string): Promise<void>;
  /** True for one caller where nobody holds it: who then starts a feeder, and has until then to see it begin. */
  claim(nowMs: number, untilMs: number): Promise<boolean>;
}

/** `full`: its buffer is, or it is sent too much; what it missed is to be sent later, together. */
export type Posted = 'sent' | 'gone' | 'full';

export interface Parcel {
  readonly connectionId: string;
  /** One after the other; what follows one that was not taken is not sent. */
  readonly texts: readonly string[];
}

export interface Poster {
  /** What became of each parcel, in their order. */
  post(parcels: readonly Parcel[]): Promise<readonly Posted[]>;
}

/** Starts another run of the feeder, and does not wait for it. */
export type StartFeeder = () => Promise<void>;
