/** Load on the API: readers that ask again as soon as they are answered, and clients of the live feed. */
import { Agent, get } from 'node:http';
import WebSocket from 'ws';
import { createDurations } from '../../local/ledger/percentiles.ts';

export interface Reads {
  readonly readsPerS: number;
  readonly ms: { readonly p50: number; readonly p99: number };
  readonly bytes: number;
}

export async function readFor(
  urls: readonly string[],
  { token, readers, seconds }: { readonly token: string; readonly readers: number; readonly seconds: number },
): Promise<Reads> {
  const agent = new Agent({ keepAlive: true, maxSockets: readers });
  const durations = createDurations();
  const endMs = performance.now() + seconds * 1000;
  let [reads, bytes] = [0, 0];
  const readOn = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const beganMs = performance.now();
      bytes = (await readOnce(urls[reads % urls.length] ?? '', token, agent)).length;
      durations.add(performance.now() - beganMs);
      reads += 1;
    }
  };
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: readers }, readOn));
  const tookS = (performance.now() - beganMs) / 1000;
  agent.destroy();
  return { readsPerS: Math.round(reads / tookS), ms: round(durations.percentiles()), bytes };
}

export function readOnce(url: string, token: string, agent?: Agent): Promise<string> {
  return new Promise((done, fail) => {
    const options = { headers: { authorization: `Bearer ${token}` }, ...(agent === undefined ? {} : { agent }) };
    get(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) done(text);
        else fail(new Error(`${url} answers ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    }).on('error', fail);
  });
}

export interface Listener {
  readonly close: () => void;
}

/** Opens so many connections, some at a time: a laptop runs ten of a function at once. */
export async function openClients(
  url: string,
  {
    clients,
    protocols,
    onOpen,
    onText,
  }: {
    readonly clients: number;
    readonly protocols: readonly string[];
    readonly onOpen: (socket: WebSocket) => void;
    readonly onText: (client: number, text: string) => void;
  },
): Promise<Listener> {
  const sockets: WebSocket[] = [];
  let next = 0;
  const openOn = async (): Promise<void> => {
    while (next < clients) {
      const client = next++;
      const socket = new WebSocket(url, [...protocols]);
      socket.on('message', (data) => onText(client, String(data)));
      await new Promise((done, fail) => {
        socket.once('open', done);
        socket.once('error', fail);
      });
      onOpen(socket);
      sockets.push(socket);
    }
  };
  await Promise.all(Array.from({ length: 4 }, openOn));
  return {
    close: () => {
      for (const socket of sockets) socket.terminate();
    },
  };
}

export const round = (percentiles: { readonly p50: number; readonly p99: number } | null) => ({
  p50: Math.round((percentiles?.p50 ?? Number.NaN) * 10) / 10,
  p99: Math.round((percentiles?.p99 ?? Number.NaN) * 10) / 10,
});
