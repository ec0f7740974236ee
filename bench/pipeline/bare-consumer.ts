/** The same load into an MQTT broker that only parses each message: what the pipeline's rate stands beside. Takes caPem, cert and key from a folder. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { Aedes } from 'aedes';

const [file = ''] = process.argv.slice(2);
const { ca, cert, key } = JSON.parse(readFileSync(file, 'utf8')) as { ca: string; cert: string; key: string };
const aedes = await Aedes.createBroker({ concurrency: 1000 });
let bytes = 0;
aedes.on('publish', (packet, client) => {
  if (client === null) return;
  const message = JSON.parse(packet.payload.toString()) as { machine_id?: string };
  bytes += message.machine_id?.length ?? 0;
});
const server = createServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true }, (socket) =>
  aedes.handle(socket),
);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(String(typeof address === 'object' ? address?.port : address));
});
process.once('SIGTERM', () => process.exit(bytes > 0 ? 0 : 1));
