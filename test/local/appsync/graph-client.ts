import WebSocket from 'ws';
import { until } from '../../until.ts';

type Json = Record<string, unknown>;

/** A client of AppSync's subscriptions, written after its documentation. */
export async function subscribe(url: string, token: string, data: object) {
  const host = new URL(url).host;
  const header = Buffer.from(JSON.stringify({ host, Authorization: token })).toString('base64');
  const address = `${url.replace(/^http/, 'ws')}?header=${encodeURIComponent(header)}&payload=e30=`;
  const socket = new WebSocket(address, ['graphql-ws']);
  const heard: Json[] = [];
  socket.on('message', (text) => heard.push(JSON.parse(String(text)) as Json));
  await new Promise((done, fail) => {
    socket.once('open', done);
    socket.once('error', fail);
  });
  const say = (message: Json): void => socket.send(JSON.stringify(message));
  say({ type: 'connection_init' });
  const extensions = { authorization: { host, Authorization: token } };
  say({ id: 'one', type: 'start', payload: { data: JSON.stringify(data), extensions } });
  return { heard, until, say, close: () => socket.terminate() };
}
