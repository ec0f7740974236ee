/** How long a change takes to so many clients of the live feed, and whether each of them heard each change. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createDurations } from '../../local/ledger/percentiles.ts';
import { openClients, round } from './load.ts';

export interface FanOutOptions {
  readonly clients: number;
  readonly seconds: number;
  readonly token: string;
  /** Renews every machine's twin; resolves when it is done. */
  readonly renew: () => Promise<unknown>;
}

interface Delta {
  readonly type: string;
  readonly from?: number;
  readonly seq: number;
  readonly asOf: string;
  readonly changed?: readonly { readonly sampledAt: string }[];
}

const topic = 'site:bench';

export async function measureFanOut(url: string, { clients, seconds, token, renew }: FanOutOptions) {
  const [fromBeat, fromChange] = [createDurations(), createDurations()];
  const seqs = new Array<number>(clients).fill(-1);
  let [frames, gaps, message] = [0, 0, ''];
  let isMeasuring = false;
  const hear = (client: number, frame: Delta, nowMs: number): void => {
    if (frame.type === 'delta' && frame.from !== seqs[client]) gaps += 1;
    seqs[client] = frame.seq;
    if (!isMeasuring || frame.type !== 'delta') return;
    frames += 1;
    fromBeat.add(nowMs - Date.parse(frame.asOf));
    fromChange.add(nowMs - Date.parse(frame.changed?.[0]?.sampledAt ?? frame.asOf));
  };
  const opened = await openClients(url, {
    clients,
    protocols: ['factory-twin', token],
    onOpen: (socket) => socket.send(JSON.stringify({ action: 'subscribe', topic })),
    onText: (client, text) => {
      const nowMs = Date.now();
      for (const frame of (JSON.parse(text) as { frames: Delta[] }).frames) hear(client, frame, nowMs);
      if (isMeasuring) message = text;
    },
  });
  while (seqs.some((seq) => seq < 0)) await sleep(50);
  isMeasuring = true;
  for (let s = 0; s < seconds; s++) {
    const beganMs = performance.now();
    await renew();
    await sleep(Math.max(0, 1000 - (performance.now() - beganMs)));
  }
  await sleep(2000);
  isMeasuring = false;
  // Whoever is behind is told everything in the end.
  const isLevel = new Set(seqs).size === 1;
  opened.close();
  return {
    message,
    result: {
      clients,
      seconds,
      deliveriesPerS: Math.round(frames / seconds),
      bytesPerMessage: message.length,
      beatToClientMs: round(fromBeat.percentiles()),
      changeToClientMs: round(fromChange.percentiles()),
      gaps,
      isLevel,
    },
  };
}

/** The same bytes from a server that does nothing else. */
export async function measureBareFanOut(url: string, { clients, seconds }: Pick<FanOutOptions, 'clients' | 'seconds'>) {
  const durations = createDurations();
  const opened = await openClients(url, {
    clients,
    protocols: [],
    onOpen: () => undefined,
    onText: (_client, text) => {
      const { sentAtMs, frames } = JSON.parse(text) as { sentAtMs?: number; frames?: unknown };
      if (frames === undefined && sentAtMs !== undefined) durations.add(Date.now() - sentAtMs);
    },
  });
  await sleep(seconds * 1000);
  opened.close();
  return { beatToClientMs: round(durations.percentiles()) };
}
