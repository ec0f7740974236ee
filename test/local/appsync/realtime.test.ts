import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import WebSocket from 'ws';
import { listRootFields } from '../../../local/appsync/ask.ts';
import { createRealtime } from '../../../local/appsync/realtime.ts';
import type { GraphApi } from '../../../local/appsync/resources.ts';
import type { Cloud } from '../../../local/engine.ts';

it('answers a start that brings nothing with an error, and goes on', async () => {
  const realtime = createRealtime({ tell: () => undefined } as unknown as Cloud, {
    find: () => ({}) as GraphApi,
    admit: (_api, authorization) => (authorization === 'token' ? { mode: 'aws_iam', identity: {} } : null),
  });
  const server = createServer().on('upgrade', realtime.upgrade);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const header = Buffer.from(JSON.stringify({ Authorization: 'token' })).toString('base64url');
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql?header=${header}`, ['graphql-ws']);
  await new Promise((done) => socket.once('open', done));
  const next = () => new Promise((done) => socket.once('message', (data) => done(JSON.parse(String(data)))));
  for (const message of ['{"type":"start","id":"1"}', '{"type":"start","id":"1","payload":null}']) {
    const heard = next();
    socket.send(message);
    expect(await heard).toMatchObject({ type: 'error', id: '1' });
  }
  realtime.stop();
  server.close();
});

it('asks a signature for every root field, whatever fragment it comes in', () => {
  const fields = (query: string) => listRootFields(query).map(({ type, field }) => `${type}.${field}`);
  expect(fields('{ a b { c } }')).toEqual(['Query.a', 'Query.b']);
  expect(fields('query { ... { a } ... on Query { b { c } } }')).toEqual(['Query.a', 'Query.b']);
  expect(fields('mutation { ...F } fragment F on Mutation { a ...G } fragment G on Mutation { b }')).toEqual([
    'Mutation.a',
    'Mutation.b',
  ]);
  expect(fields('{ ...F } fragment F on Query { a ...F }')).toEqual(['Query.a']);
});
