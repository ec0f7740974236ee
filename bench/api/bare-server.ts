/**
 * The control: a server that answers the same bytes and does nothing else, and sends the same message to every WebSocket
 * once a second.
 *
 *   node bench/api/bare-server.ts <folder with twin.json, history.json, message.json>
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';

const folder = process.argv[2] ?? '.';
const bytesOf = (name: string): Buffer => readFileSync(join(folder, `${name}.json`));
const bodies: Readonly<Record<string, Buffer>> = { '/twin': bytesOf('twin'), '/history': bytesOf('history') };
const message = bytesOf('message');
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(bodies[request.url ?? '']);
});
const sockets = new WebSocketServer({ server });
setInterval(() => {
  const sentAt = Buffer.from(JSON.stringify({ sentAtMs: Date.now() }));
  for (const socket of sockets.clients) {
    socket.send(message, { binary: false });
    socket.send(sentAt, { binary: false });
  }
}, 1000);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
