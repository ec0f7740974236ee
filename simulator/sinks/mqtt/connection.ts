/**
 * One MQTT connection that outlives its sockets: QoS 1, a clean session each time, its own back-off, and the outbox as the only
 * memory. What was in flight when a socket ended is published again on the next, so a message is acknowledged at least once.
 * A message that the broker answers by closing, as IoT Core does for a topic its policy forbids, would otherwise block the
 * queue for ever: after a close with unanswered messages one goes out at a time, and three closes on the same one refuse it.
 */
import type { ConnectionOptions as ConnectionOptionsOfTls } from 'node:tls';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { Random } from '../../../core/random/random.ts';
import type { LedgerBook } from '../ledger.ts';
import type { Entry, Outbox } from './outbox.ts';
import { PublishLimit } from './publish-limit.ts';

export interface Backoff {
  readonly firstMs: number;
  readonly ceilingMs: number;
}

/** AWS's advice for devices: start near a second, double, jitter, stay under minutes. */
export const defaultBackoff: Backoff = { firstMs: 500, ceilingMs: 30_000 };

export interface ConnectionOptions {
  readonly clientId: string;
  readonly url: string;
  readonly tls: Pick<ConnectionOptionsOfTls, 'secureContext'> & Pick<IClientOptions, 'ALPNProtocols'>;
  readonly will: { readonly topic: string; readonly payload: string };
  readonly outbox: Outbox;
  readonly book: LedgerBook;
  readonly random: Random;
  readonly backoff: Backoff;
  /** Milliseconds until this process may open one more connection. */
  readonly reserveConnect: () => number;
  readonly onTrouble: (message: string) => void;
}

/** IoT Core holds at most 100 unacknowledged publishes a connection. */
const maxInFlight = 64;
const maxStrikes = 3;
const keepaliveS = 30;
const connectTimeoutMs = 10_000;
/** How TLS 1.3 and IoT Core say no: the handshake ends well and then the socket closes. */
const unanswered = 'closed by the broker before it answered: it may not know the certificate, or forbid this client id';

export class Connection {
  online = false;
  private readonly options: ConnectionOptions;
  private readonly limit = new PublishLimit();
  private client: MqttClient | null = null;
  private timer: NodeJS.Timeout | undefined;
  private paceTimer: NodeJS.Timeout | undefined;
  private failedAttempts = 0;
  private probing = false;
  private closed = false;
  private holdOffUntilMs = 0;

  constructor(options: ConnectionOptions) {
    this.options = options;
    this.schedule(options.reserveConnect());
  }

  /** Publishes as much as the limits allow now. */
  pump(): void {
    const { outbox } = this.options;
    const ceiling = this.probing ? 1 : maxInFlight;
    while (this.online && this.paceTimer === undefined && outbox.inFlight < ceiling) {
      const entry = outbox.peek();
      if (entry === undefined) return;
      const waitMs = this.limit.take(performance.now(), entry.bytes);
      if (waitMs > 0) {
        this.paceTimer = setTimeout(() => this.resume(), waitMs);
        return;
      }
      outbox.markSent();
      this.publish(entry);
    }
  }

  /** Cuts the socket without a farewell and stays away for a while. */
  interrupt(durationMs: number): void {
    this.holdOffUntilMs = performance.now() + durationMs;
    this.client?.stream.destroy();
  }

  /** A farewell keeps the last will unsent; with messages unanswered the socket is just cut, and the will tells. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.paceTimer);
    const { client } = this;
    if (client === null) return;
    await new Promise<void>((resolve) => {
      client.end(!this.online || this.options.outbox.inFlight > 0, () => resolve());
    });
    this.online = false;
  }

  private resume(): void {
    this.paceTimer = undefined;
    this.pump();
  }

  private schedule(delayMs: number): void {
    this.timer = setTimeout(() => this.connect(), delayMs);
  }

  private connect(): void {
    const { clientId, url, tls, will } = this.options;
    const client = mqtt.connect(url, {
      ...tls,
      clientId,
      clean: true,
      protocolVersion: 4,
      keepalive: keepaliveS,
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: 0,
      will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: false },
    });
    this.client = client;
    client.on('connect', () => {
      this.online = true;
      this.pump();
    });
    let reason: string | null = null;
    client.on('error', (error) => {
      reason = describeError(error);
    });
    client.once('close', () => {
      reason ??= this.online ? null : unanswered;
      // What our own end cuts off is no trouble: the ledger tells what became of the samples.
      if (reason !== null && !this.closed) this.options.onTrouble(`${clientId}: ${reason}`);
      this.lose(client);
    });
  }

  private publish(entry: Entry): void {
    const { client } = this;
    const { topic, text } = entry;
    client?.publish(topic, text, { qos: 1 }, (error) => {
      if (this.client !== client) return;
      if (error) return;
      this.failedAttempts = 0;
      this.probing = false;
      this.options.book.acknowledge(entry.sampleCount);
      this.options.outbox.remove(entry);
      this.pump();
    });
  }

  private lose(client: MqttClient): void {
    const { outbox, backoff, random, reserveConnect } = this.options;
    const wasOnline = this.online;
    this.online = false;
    this.client = null;
    client.end(true);
    if (wasOnline && outbox.inFlight > 0) this.blame();
    outbox.rewind();
    if (this.closed) return;
    const ceilingMs = Math.min(backoff.ceilingMs, backoff.firstMs * 2 ** this.failedAttempts++);
    const delayMs = Math.max(random.uniform(ceilingMs / 2, ceilingMs), this.holdOffUntilMs - performance.now());
    this.schedule(delayMs + reserveConnect());
  }

  /** The connection ended on unanswered messages: from now on one at a time, until one is found guilty or acknowledged. */
  private blame(): void {
    const { outbox, book } = this.options;
    const alone = this.probing && outbox.inFlight === 1;
    this.probing = true;
    if (!alone) return;
    outbox.rewind();
    const entry = outbox.peek()!;
    if (++entry.strikes < maxStrikes) return;
    outbox.remove(entry);
    book.refuse(entry.sampleCount, `closed by the broker on topic ${entry.topic}`);
  }
}

function describeError(error: Error & { code?: unknown; errors?: readonly Error[] }): string {
  // Node reports a host with several addresses as one error that only holds others.
  const cause = error.errors?.[0] ?? error;
  // OpenSSL wraps its reason in numbers, routines, a source file and a line break.
  const reason = cause.message.split('\n')[0]?.replace(/[0-9A-F]*:error:[^:]*:SSL routines:[^:]*:([^:]*).*/, 'TLS: $1');
  return reason || String(error.code ?? 'connection failed');
}
