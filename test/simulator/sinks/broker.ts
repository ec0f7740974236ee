/** A real broker over mutual TLS on a free port of the loopback, for tests: it remembers what was published and can die. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { Aedes, type Client } from 'aedes';
import { createCa, issueCertificate } from '../../../local/iot/certificate-authority.ts';

export interface Received {
  readonly clientId: string | null;
  readonly topic: string;
  readonly text: string;
}

const ca = createCa('test CA');
const serverCredentials = issueCertificate(ca, { commonName: 'localhost', usage: 'server', ips: ['127.0.0.1'] });

export const tlsFor = (clientId: string) => {
  const { certificatePem, privateKeyPem } = issueCertificate(ca, { commonName: clientId, usage: 'client' });
  return { ca: ca.certificatePem, cert: certificatePem, key: privateKeyPem };
};

export class TestBroker {
  readonly received: Received[] = [];
  readonly connected: string[] = [];
  /** Topics a policy would forbid: the broker closes the connection on them, as IoT Core does. */
  forbiddenTopics: readonly string[] = [];
  port = 0;
  private server: Server | null = null;
  private aedes: Aedes | null = null;
  private readonly sockets = new Set<Socket>();

  get endpoint(): string {
    return `mqtts://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker();
    // Aedes acknowledges before it publishes and before it tells; this hook comes before both.
    aedes.authorizePublish = (client, packet, done) => {
      if (this.forbiddenTopics.includes(packet.topic)) return done(new Error('not allowed'));
      this.received.push({ clientId: client?.id ?? null, topic: packet.topic, text: packet.payload.toString() });
      done(null);
    };
    aedes.on('client', (client: Client) => this.connected.push(client.id));
    const { certificatePem: cert, privateKeyPem: key } = serverCredentials;
    const options = { cert, key, ca: ca.certificatePem, requestCert: true };
    const server = createServer(options, (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      aedes.handle(socket);
    });
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    this.aedes = aedes;
  }

  /** Dies as a killed process does: sockets cut, nothing said. */
  async stop(): Promise<void> {
    const { server, aedes } = this;
    if (server === null || aedes === null) return;
    this.server = null;
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
  }
}
