import WebSocket from 'ws';
import { type Frame, messageSchema } from '../../../core/api/live.ts';
import { until } from '../../until.ts';

/** A client of the live feed that keeps what it hears, as the page does. */
export interface LiveClient {
  readonly frames: Frame[];
  readonly protocol: string;
  say(message: unknown): void;
  /** Of one topic, those that came so far. */
  of(topic: string): Frame[];
  until(check: () => void): Promise<void>;
  drop(): void;
  readonly isOpen: boolean;
}

export function openLive(url: string, token: string, headers: Record<string, string> = {}): Promise<LiveClient> {
  const socket = new WebSocket(url, token === '' ? [] : ['factory-twin', token], { headers });
  const frames: Frame[] = [];
  socket.on('message', (data) => {
    // Whatever the server says is checked against what the documentation says it says.
    frames.push(...messageSchema.parse(JSON.parse(String(data))).frames);
  });
  return new Promise((done, fail) => {
    socket.once('error', fail);
    socket.once('open', () =>
      done({
        frames,
        protocol: socket.protocol,
        say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
        of: (topic) => frames.filter((frame) => 'topic' in frame && frame.topic === topic),
        until,
        drop: () => socket.terminate(),
        get isOpen() {
          return socket.readyState === socket.OPEN;
        },
      }),
    );
  });
}
