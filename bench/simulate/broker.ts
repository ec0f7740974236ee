/** A broker over mutual TLS in a process of its own, so that its work is not counted as the simulator's. Told over IPC. */
import type { Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { Aedes } from 'aedes';

export interface StartBroker {
  readonly kind: 'start';
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export type BrokerOrder = StartBroker | { readonly kind: 'stop' };
export interface BrokerReport {
  readonly port: number;
  /** Messages received since the process began. */
  readonly received: number;
}

let server: Server | null = null;
let aedes: Aedes | null = null;
let received = 0;
const sockets = new Set<Socket>();

process.on('message', (order: BrokerOrder) => {
  if (order.kind === 'start') void start(order);
  else stop();
});

async function start({ port, ca, cert, key }: StartBroker): Promise<void> {
  const broker = await Aedes.createBroker();
  // Aedes acknowledges before it publishes and before it tells; this hook comes before both.
  broker.authorizePublish = (_client, packet, done) => {
    if (packet.topic.endsWith('/telemetry')) received++;
    done(null);
  };
  aedes = broker;
  server = createServer({ ca, cert, key, requestCert: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  server.listen(port, '127.0.0.1', 2048, () => {
    const address = server?.address();
    tell({ port: typeof address === 'object' && address !== null ? address.port : port, received });
  });
}

/** As a killed process: every socket cut, nothing said. */
function stop(): void {
  server?.close();
  for (const socket of sockets) socket.destroy();
  aedes?.close(() => tell({ port: 0, received }));
}

const tell = (report: BrokerReport): void => {
  process.send?.(report);
};
