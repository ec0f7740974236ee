import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '../../local/engine.ts';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Json;
}

/** A server of this machine that takes what it is sent, unless it is down or `judge` answers otherwise. */
export async function openReceiver(judge: (received: Received) => number = () => 204) {
  const taken: Received[] = [];
  let refusals = 0;
  let isUp = true;
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const received = { path: request.url ?? '', headers: request.headers, body: JSON.parse(text) as Json };
    const status = isUp ? judge(received) : 503;
    if (status < 300) taken.push(received);
    else refusals++;
    response.writeHead(status).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    taken,
    refusals: () => refusals,
    setUp: (isUpNow: boolean) => {
      isUp = isUpNow;
    },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}

export type Receiver = Awaited<ReturnType<typeof openReceiver>>;
