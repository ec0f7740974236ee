/** Samples over MQTT as a fleet of devices sends them: one connection a machine, or a gateway's few for all of them. */
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { createRandom } from '../../../core/random/random.ts';
import { type Channel, formatBasicIngestTopic, formatTopic, parseTopic } from '../../../core/telemetry/topic.ts';
import { maxPayloadBytes } from '../encoder.ts';
import { LedgerBook } from '../ledger.ts';
import type { Message, Sink } from '../sink.ts';
import { type Backoff, Connection, defaultBackoff } from './connection.ts';
import type { TlsMaterial } from './credentials.ts';
import { Outbox, type OutboxBudget } from './outbox.ts';

export interface MqttSinkOptions {
  readonly endpoint: string;
  /** The same object for clients that share a certificate: it is then read only once. */
  readonly tlsFor: (clientId: string) => TlsMaterial;
  readonly machineIds: readonly string[];
  /** 0: every machine its own connection, client id = machine id. Otherwise this many connections share the machines. */
  readonly sharedConnections: number;
  readonly basicIngestRule?: string;
  readonly outboxFolder: string;
  readonly outboxLimitMb: number;
  readonly seed: number | string;
  readonly backoff?: Backoff;
  readonly onTrouble?: (message: string) => void;
}

interface Lane {
  readonly connection: Connection;
  readonly outbox: Outbox;
}

const flushEveryMs = 1000;
const drainPollMs = 20;
/** IoT Core takes 500 new connections a second of an account; half of that leaves room for others. */
const msBetweenConnects = 4;
/** A run that may wait does so above this many samples a connection: enough to keep the wire busy, little to lose. */
const comfortableSamplesPerConnection = 2000;
const maxTopicBytes = 256;
const bytesPerMb = 1_048_576;

export class MqttSink implements Sink {
  readonly book = new LedgerBook();
  private readonly options: MqttSinkOptions;
  private readonly lanes: readonly Lane[];
  private readonly laneOf: ReadonlyMap<string, Lane>;
  private readonly contexts = new Map<TlsMaterial, SecureContext>();
  private readonly topics = new Map<string, string | null>();
  private readonly flushTimer: NodeJS.Timeout;
  private nextConnectMs = 0;
  private trouble = '';

  constructor(options: MqttSinkOptions) {
    this.options = options;
    const { machineIds, sharedConnections } = options;
    const budget: OutboxBudget = { limitBytes: options.outboxLimitMb * bytesPerMb, usedBytes: 0 };
    const shared = Array.from({ length: Math.min(sharedConnections, machineIds.length) }, (_, i) => `gateway-${i + 1}`);
    const clientIds = sharedConnections > 0 ? shared : machineIds;
    // Everything that a wrong file can spoil comes before the first connection.
    const prepared = clientIds.map((clientId) => this.prepareLane(clientId, budget));
    this.lanes = prepared.map((lane) => this.openLane(lane));
    this.laneOf = new Map(machineIds.map((id, i) => [id, this.lanes[i % this.lanes.length]!]));
    this.flushTimer = setInterval(() => this.flush(), flushEveryMs);
  }

  accept(message: Message): void {
    const { machineId, text, sampleCount } = message;
    const topic = this.topicOf(message);
    const lane = this.laneOf.get(machineId);
    if (topic === null || lane === undefined) {
      this.book.refuse(sampleCount, `topic not allowed for machine "${machineId}"`);
    } else if (text.length > maxPayloadBytes || Buffer.byteLength(text) > maxPayloadBytes) {
      this.book.refuse(sampleCount, `payload above ${maxPayloadBytes} bytes`);
    } else if (!lane.outbox.push(topic, text, sampleCount)) {
      this.book.refuse(sampleCount, `outbox full (${this.options.outboxLimitMb} MB)`);
    } else {
      lane.connection.pump();
    }
  }

  async ready(signal: AbortSignal): Promise<void> {
    const comfortable = comfortableSamplesPerConnection * this.lanes.length;
    while (this.queuedSamples() > comfortable && !signal.aborted) await sleep(drainPollMs);
  }

  queuedSamples(): number {
    return this.lanes.reduce((sum, { outbox }) => sum + outbox.queuedSamples, 0);
  }

  describeLink(): string {
    const online = this.lanes.filter(({ connection }) => connection.online).length;
    const trouble = this.trouble === '' || this.queuedSamples() === 0 ? '' : ` (${this.trouble})`;
    return `${online}/${this.lanes.length} connected${trouble}`;
  }

  disconnect(machineId: string, durationMs: number): void {
    this.laneOf.get(machineId)?.connection.interrupt(durationMs);
  }

  async close(mayWait: () => boolean): Promise<void> {
    // Whoever lost patience may kill the process while it drains: what it still holds is on disk by then.
    this.flush(true);
    while (this.queuedSamples() > 0 && mayWait()) await sleep(drainPollMs);
    clearInterval(this.flushTimer);
    await Promise.all(this.lanes.map(({ connection }) => connection.close()));
    for (const { outbox } of this.lanes) this.settle(outbox);
  }

  private prepareLane(clientId: string, budget: OutboxBudget) {
    const { outboxFolder, tlsFor } = this.options;
    const tls = this.secure(clientId, tlsFor(clientId));
    const outbox = new Outbox(join(outboxFolder, `${clientId}.ndjson`), budget);
    this.book.carryOver(outbox.carriedOver);
    return { clientId, tls, outbox };
  }

  private openLane({ clientId, tls, outbox }: ReturnType<MqttSink['prepareLane']>): Lane {
    const { options } = this;
    const connection = new Connection({
      clientId,
      url: options.endpoint,
      tls,
      will: {
        topic: formatTopic(clientId, 'lifecycle'),
        payload: JSON.stringify({ event: 'connection_lost', machine_id: clientId }),
      },
      outbox,
      book: this.book,
      random: createRandom(`${options.seed}/connection/${clientId}`),
      backoff: options.backoff ?? defaultBackoff,
      reserveConnect: () => this.reserveConnect(),
      onTrouble: (message) => {
        this.trouble = message;
        options.onTrouble?.(message);
      },
    });
    return { connection, outbox };
  }

  /** Reading keys is a third of what a connection costs, and a fleet reconnects all at once. */
  private secure(clientId: string, material: TlsMaterial) {
    const { alpnProtocols, ...pem } = material;
    const secureContext = this.contexts.get(material) ?? readKeys(clientId, pem);
    this.contexts.set(material, secureContext);
    return { secureContext, ...(alpnProtocols !== undefined && { ALPNProtocols: [...alpnProtocols] }) };
  }

  private reserveConnect(): number {
    const nowMs = performance.now();
    this.nextConnectMs = Math.max(nowMs, this.nextConnectMs + msBetweenConnects);
    return this.nextConnectMs - nowMs;
  }

  /** A disk that is full may have room later: until then memory keeps what it would not take. */
  private flush(everything = false): void {
    for (const { outbox } of this.lanes) {
      try {
        outbox.flush(everything);
      } catch (error) {
        this.trouble = describeDisk(error);
        this.options.onTrouble?.(this.trouble);
      }
    }
  }

  private settle(outbox: Outbox): void {
    try {
      outbox.close();
    } catch (error) {
      const lost = outbox.abandonUnwritten();
      if (lost > 0) this.book.refuse(lost, describeDisk(error));
    }
  }

  /** Null where the rules of topics forbid it. */
  private topicOf({ machineId, channel }: Message): string | null {
    const key = `${machineId}/${channel}`;
    let topic = this.topics.get(key);
    if (topic === undefined) {
      const plain = formatTopic(machineId, channel);
      const rule = this.options.basicIngestRule;
      const allowed = parseTopic(plain).ok && Buffer.byteLength(plain) <= maxTopicBytes;
      const full = rule === undefined ? plain : formatBasicIngestTopic(ruleOf(rule, channel), machineId, channel);
      topic = allowed ? full : null;
      this.topics.set(key, topic);
    }
    return topic;
  }
}

/** A stage has a rule a channel: from the name of its telemetry's, those of the others. */
const ruleOf = (telemetryRule: string, channel: Channel): string =>
  telemetryRule.replace(/(?<=^|_)telemetry$/, channel);

const describeDisk = (error: unknown): string =>
  `outbox not writable (${(error as NodeJS.ErrnoException).code ?? String(error)})`;

function readKeys(clientId: string, pem: Omit<TlsMaterial, 'alpnProtocols'>): SecureContext {
  try {
    return createSecureContext(pem);
  } catch (error) {
    throw new Error(`${clientId}: certificate and key cannot be used: ${(error as Error).message}`);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
