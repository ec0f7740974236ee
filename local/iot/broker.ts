import { createHash } from 'node:crypto';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from 'aedes';
import { remember } from '../remember.ts';
import { checkClientId, maxPayloadBytes, PublishPacer, readPublishTarget } from './limits.ts';
import { matchesTopicFilter } from './topic-filter.ts';

/** One connected machine: who it is by its certificate. */
export interface Connection {
  readonly clientId: string;
  readonly certificateId: string;
}

export interface InboundMessage {
  readonly connection: Connection;
  readonly topic: string;
  /** Set when the message came by Basic Ingest: that rule alone sees it. */
  readonly ruleName: string | null;
  readonly payload: Uint8Array;
}

/** What the broker asks of IoT Core around it. */
export interface BrokerDecisions {
  /** Whether this certificate is active and may connect under this client id. */
  mayConnect(connection: Connection): boolean;
  may(connection: Connection, action: 'Publish' | 'RetainPublish' | 'Subscribe' | 'Receive', topic: string): boolean;
  /** Runs the rules. The publish is acknowledged when it resolves: an acknowledged message is in the next hop's hands. */
  deliver(message: InboundMessage): Promise<void>;
  /** One line for a person: a refusal and its reason. */
  tell(message: string): void;
}

export interface BrokerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

interface Connected {
  readonly connection: Connection;
  readonly pacer: PublishPacer;
  readonly filters: Set<string>;
}

const notAuthorized = 5;
const brokerTopics = '$SYS/';
const findTarget = remember(readPublishTarget);

/** The message broker: MQTT 3.1.1 over mutual TLS. A refused publish closes the connection, as IoT Core does. */
export class Broker {
  private readonly decisions: BrokerDecisions;
  private readonly options: BrokerOptions;
  private readonly connections = new Map<Client, Connected>();
  private readonly sockets = new Set<TLSSocket>();
  private aedes: Aedes | undefined;
  private server: Server | undefined;

  constructor(options: BrokerOptions, decisions: BrokerDecisions) {
    this.options = options;
    this.decisions = decisions;
  }

  /** Listens; resolves with the port. */
  async start(): Promise<number> {
    const aedes = await Aedes.createBroker({ maxClientsIdLength: 128, concurrency: 1000 });
    aedes.authenticate = (client, _user, _password, done) => this.authenticate(client, done);
    aedes.authorizePublish = (client, packet, done) => this.authorizePublish(client, packet, done);
    aedes.authorizeSubscribe = (client, subscription, done) => this.authorizeSubscribe(client, subscription, done);
    aedes.authorizeForward = (client, packet) => (this.mayReceive(client, packet.topic) ? packet : null);
    aedes.on('clientDisconnect', (client) => this.connections.delete(client));
    aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) this.connections.get(client)?.filters.delete(filter);
    });
    aedes.on('clientError', (client, error) => this.decisions.tell(`client ${client.id}: ${error.message}`));
    this.aedes = aedes;
    const { caPem, certificatePem, privateKeyPem, host, port } = this.options;
    const server = createServer(
      { ca: caPem, cert: certificatePem, key: privateKeyPem, requestCert: true, rejectUnauthorized: true },
      (socket) => {
        this.sockets.add(socket);
        socket.on('close', () => this.sockets.delete(socket));
        aedes.handle(socket);
      },
    );
    server.on('tlsClientError', (error) => this.decisions.tell(`a client was refused: ${error.message}`));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => (this.server === undefined ? resolve() : this.server.close(() => resolve())));
    await new Promise<void>((resolve) => (this.aedes === undefined ? resolve() : this.aedes.close(() => resolve())));
  }

  /** Ends every connection of a certificate that is no longer welcome. */
  disconnect(certificateId: string): void {
    for (const [client, { connection }] of this.connections) {
      if (connection.certificateId === certificateId) client.close();
    }
  }

  /** To this one connection, if it listens: what IoT Core itself answers is nobody else's. */
  answer(connection: Connection, topic: string, payload: string): void {
    for (const [client, known] of this.connections) {
      if (known.connection !== connection) continue;
      if (![...known.filters].some((filter) => matchesTopicFilter(filter, topic))) return;
      const packet = {
        cmd: 'publish',
        topic,
        payload: Buffer.from(payload),
        qos: 0,
        dup: false,
        retain: false,
      } as const;
      client.publish(packet, (error) => {
        if (error !== undefined && error !== null)
          this.decisions.tell(`client ${client.id}: ${topic}: ${error.message}`);
      });
    }
  }

  private authenticate(client: Client, done: (error: AuthenticateError | null, success: boolean | null) => void): void {
    const raw = (client.conn as TLSSocket).getPeerCertificate().raw;
    const connection = { clientId: client.id, certificateId: createHash('sha256').update(raw).digest('hex') };
    const problem = checkClientId(client.id);
    if (problem === null && this.decisions.mayConnect(connection)) {
      if ([...this.connections.values()].some((known) => known.connection.clientId === client.id)) {
        this.decisions.tell(`client ${client.id}: two connections have this client id: the earlier one is cut off`);
      }
      this.connections.set(client, { connection, pacer: new PublishPacer(), filters: new Set() });
      done(null, true);
      return;
    }
    this.decisions.tell(
      problem ?? `client ${client.id}: iot:Connect is refused to certificate ${connection.certificateId.slice(0, 12)}…`,
    );
    done(Object.assign(new Error('not authorized'), { returnCode: notAuthorized }), false);
  }

  private authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    if (client === null) {
      done(packet.topic.startsWith(brokerTopics) ? null : new Error('only clients publish'));
      return;
    }
    const known = this.connections.get(client);
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const target = findTarget(packet.topic);
    const problem =
      known === undefined ? 'is not connected' : this.findPublishProblem(known.connection, packet, payload.length);
    if (known === undefined || problem !== null || !target.ok) {
      const reason = problem ?? (target.ok ? '' : target.error);
      this.decisions.tell(`client ${client.id}: publish to ${packet.topic} is refused: ${reason}; disconnected`);
      done(new Error(reason));
      return;
    }
    const deliver = (): void => {
      this.decisions.deliver({ connection: known.connection, ...target.value, payload }).then(() => done(null), done);
    };
    const delayMs = known.pacer.delayMs(performance.now());
    if (delayMs === 0) deliver();
    else setTimeout(deliver, delayMs);
  }

  private findPublishProblem(connection: Connection, packet: PublishPacket, payloadBytes: number): string | null {
    if (packet.qos === 2) return 'QoS 2 is not supported';
    if (payloadBytes > maxPayloadBytes) return `payload has ${payloadBytes} bytes, allowed are ${maxPayloadBytes}`;
    if (!this.decisions.may(connection, 'Publish', packet.topic))
      return 'its policies do not allow iot:Publish on this topic';
    if (packet.retain && !this.decisions.may(connection, 'RetainPublish', packet.topic)) {
      return 'its policies do not allow iot:RetainPublish on this topic';
    }
    return null;
  }

  private authorizeSubscribe(
    client: Client,
    subscription: Subscription,
    done: (error: Error | null, subscription?: Subscription | null) => void,
  ): void {
    const known = this.connections.get(client);
    const filter = subscription.topic;
    const isShared = filter.startsWith('$share/');
    if (known !== undefined && !isShared && this.decisions.may(known.connection, 'Subscribe', filter)) {
      known.filters.add(filter);
      done(null, subscription.qos === 2 ? { ...subscription, qos: 1 } : subscription);
      return;
    }
    const reason = isShared
      ? 'shared subscriptions are not modelled'
      : 'its policies do not allow iot:Subscribe on this filter';
    this.decisions.tell(`client ${client.id}: subscribe to ${filter} is refused: ${reason}`);
    done(null, null);
  }

  private mayReceive(client: Client, topic: string): boolean {
    const known = this.connections.get(client);
    return known !== undefined && this.decisions.may(known.connection, 'Receive', topic);
  }
}
