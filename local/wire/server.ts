/**
 * One loopback port for HTTP/1.1 and for HTTP/2 with prior knowledge, which the SDK's Kinesis client speaks: the first
 * bytes of an HTTP/2 connection are `PRI`.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WireRequest, WireResponse } from './request.ts';

export interface WireServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

export type Answer = (request: WireRequest) => Promise<WireResponse>;
/** A request to speak another protocol on its connection: WebSocket. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export async function serve(port: number, answer: Answer, upgrade?: Upgrade): Promise<WireServer> {
  const onRequest = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      reply(response, await answer(readRequest(request, body)));
    });
  };
  const http1 = createHttpServer({ keepAliveTimeout: 60_000 }, onRequest);
  if (upgrade !== undefined) http1.on('upgrade', refusingUnreadable(upgrade));
  const http2 = createHttp2Server(onRequest);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that goes away in mid-request is the client's affair.
    socket.on('error', () => socket.destroy());
    socket.once('readable', () => {
      const first: Buffer | null = socket.read();
      if (first === null) return;
      socket.unshift(first);
      (first.toString('latin1', 0, 3) === 'PRI' ? http2 : http1).emit('connection', socket);
    });
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** `//` is a path to HTTP and no URL: what cannot be read is the client's fault, and must not end the process. */
const refusingUnreadable =
  (upgrade: Upgrade): Upgrade =>
  (request, socket, head) => {
    try {
      upgrade(request, socket, head);
    } catch {
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    }
  };

function readRequest(request: IncomingMessage | Http2ServerRequest, body: Buffer): WireRequest {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: request.headers,
    body,
  };
}

function reply(response: ServerResponse | Http2ServerResponse, answer: WireResponse): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const headers = { 'content-length': String(body.byteLength), ...answer.headers };
  if ('stream' in response) response.writeHead(answer.statusCode, headers);
  else (response as ServerResponse).writeHead(answer.statusCode, headers);
  (response as ServerResponse).end(body);
}
