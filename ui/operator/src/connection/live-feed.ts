/**
 * The live feed as a client sees it: topics over one WebSocket, each a snapshot and then numbered deltas. A gap in the
 * numbers, or a connection that comes back, is closed by `resume`; a connection that says nothing is given up.
 * Without one the page asks again and again, so nothing here is ever the only way.
 */
import type { Entry, Frame } from '../../../../core/api/live.ts';
import type { PlantClock } from './plant-clock.ts';

export interface Shown {
  /** Each with the moment as of which it was told. */
  readonly entries: readonly Entry[];
  /** When it was last heard that this is how it is, by this machine's clock. */
  readonly heardAtMs: number;
  /** The same moment by the plant's clock. */
  readonly asOfMs: number;
}

/** As much of a WebSocket as is needed here. */
export interface Socket {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
}

export interface Hearing {
  readonly opened: () => void;
  readonly heard: (text: string) => void;
  readonly closed: () => void;
}

export type Dial = (hearing: Hearing) => Socket;

const openState = 1;

interface Topic {
  readonly listeners: Set<() => void>;
  readonly keyName: string;
  seq: number | null;
  entries: Map<string, Entry>;
  /** Parts of a frame that is not whole yet. */
  pending: Map<string, Entry> | null;
}

type DataFrame = Extract<Frame, { type: 'snapshot' | 'delta' }>;

const firstPauseMs = 1000;
const longestPauseMs = 15_000;
/** After this long without a word the server is asked for one, and after as long again it is given up. */
const silenceMs = 4000;

export class LiveFeed {
  private readonly connect: Dial;
  private readonly clock: PlantClock;
  private readonly topics = new Map<string, Topic>();
  private socket: Socket | null = null;
  private failures = 0;
  private heardAtMs = 0;
  private asOfMs = 0;
  private pulse: ReturnType<typeof setInterval> | undefined;

  constructor(connect: Dial, clock: PlantClock) {
    this.connect = connect;
    this.clock = clock;
  }

  /** Calls back at every news of the topic, and when there is no news any more. */
  watch(name: string, listener: () => void): () => void {
    const topic = this.topics.get(name) ?? this.open(name);
    topic.listeners.add(listener);
    return () => {
      topic.listeners.delete(listener);
      if (topic.listeners.size > 0) return;
      this.topics.delete(name);
      this.say({ action: 'unsubscribe', topic: name });
      if (this.topics.size === 0) this.close();
    };
  }

  /** Null while the connection is not there or has not told the topic yet. */
  read(name: string): Shown | null {
    const topic = this.topics.get(name);
    if (topic === undefined || topic.seq === null || this.socket?.readyState !== openState) return null;
    return { entries: [...topic.entries.values()], heardAtMs: this.heardAtMs, asOfMs: this.asOfMs };
  }

  close(): void {
    clearInterval(this.pulse);
    this.topics.clear();
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  private open(name: string): Topic {
    const keyName = name.startsWith('incidents:') ? 'incidentId' : 'machineId';
    const topic: Topic = { listeners: new Set(), keyName, seq: null, entries: new Map(), pending: null };
    this.topics.set(name, topic);
    if (this.socket === null) this.dial();
    else this.say({ action: 'subscribe', topic: name });
    return topic;
  }

  private dial(): void {
    const socket = this.connect({
      opened: () => this.greet(),
      heard: (text) => {
        this.heard();
        for (const frame of (JSON.parse(text) as { frames?: Frame[] }).frames ?? []) this.take(frame);
      },
      closed: () => this.lose(socket),
    });
    this.socket = socket;
    clearInterval(this.pulse);
    this.pulse = setInterval(() => this.check(), silenceMs / 2);
  }

  private greet(): void {
    this.failures = 0;
    this.heard();
    for (const [name, { seq }] of this.topics) {
      this.say(seq === null ? { action: 'subscribe', topic: name } : { action: 'resume', topic: name, since: seq });
    }
  }

  private heard(): void {
    this.heardAtMs = Date.now();
  }

  private check(): void {
    const silentMs = Date.now() - this.heardAtMs;
    if (this.socket?.readyState !== openState) return;
    if (silentMs > 2 * silenceMs) this.socket.close();
    else if (silentMs > silenceMs) this.say({ action: 'ping' });
  }

  private lose(socket: Socket): void {
    if (this.socket !== socket) return;
    clearInterval(this.pulse);
    for (const topic of this.topics.values()) tell(topic);
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.failures++);
    setTimeout(() => {
      if (this.socket === socket && this.topics.size > 0) this.dial();
    }, pauseMs);
  }

  private say(request: object): void {
    if (this.socket?.readyState === openState) this.socket.send(JSON.stringify(request));
  }

  private take(frame: Frame): void {
    if (frame.type !== 'error') {
      this.clock.hear(frame.asOf);
      this.asOfMs = Date.parse(frame.asOf);
    }
    if (frame.type === 'pong') for (const topic of this.topics.values()) tell(topic);
    if (frame.type !== 'snapshot' && frame.type !== 'delta') return;
    const topic = this.topics.get(frame.topic);
    if (topic === undefined) return;
    if (frame.type === 'delta' && frame.from !== topic.seq) {
      // Told already, or a gap.
      if (topic.seq !== null && frame.seq > topic.seq && frame.part === 1) {
        this.say({ action: 'resume', topic: frame.topic, since: topic.seq });
      }
      return;
    }
    addPart(topic, frame);
    if (frame.part === frame.parts) tell(topic);
  }
}

const tell = ({ listeners }: Topic): void => {
  for (const listener of listeners) listener();
};

function addPart(topic: Topic, frame: DataFrame): void {
  const isFirst = frame.part === 1;
  if (isFirst) topic.pending = frame.type === 'snapshot' ? new Map() : new Map(topic.entries);
  if (topic.pending === null) return;
  const { asOf } = frame;
  for (const told of frame.type === 'snapshot' ? frame.entries : frame.changed) {
    const entry: Entry = { ...told, asOf };
    const key = String(entry[topic.keyName]);
    topic.pending.set(key, frame.type === 'snapshot' ? entry : { ...topic.pending.get(key), ...entry });
  }
  if (frame.type === 'delta') for (const key of frame.removed) topic.pending.delete(key);
  if (frame.part < frame.parts) return;
  topic.entries = topic.pending;
  topic.pending = null;
  topic.seq = frame.seq;
}
