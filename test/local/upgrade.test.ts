import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { serve } from '../../local/wire/server.ts';

it('refuses an upgrade whose address nobody can read, and goes on', async () => {
  const answer = async () => ({ statusCode: 200, headers: {}, body: 'here' });
  const server = await serve(0, answer, (request) => void new URL(request.url ?? '/', 'http://localhost'));
  const heard = await new Promise<string>((done, fail) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write('GET // HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    });
    socket.setTimeout(2000, () => fail(new Error('no answer')));
    socket.once('data', (data) => done(String(data)));
    socket.once('error', fail);
  });
  expect(heard).toMatch(/^HTTP\/1\.1 400 /);
  expect(await (await fetch(server.url)).text()).toBe('here');
  await server.close();
});
