import { on } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { listRootFields } from '../../../local/appsync/ask.ts';
import { createRealtime, type Realtime } from '../../../local/appsync/realtime.ts';
import type { GraphApi } from '../../../local/appsync/resources.ts';
import type { Cloud, Json } from '../../../local/engine.ts';

const schema = buildSchema(`
  directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
  type Note { site: String!, text: String }
  type Query { none: Note }
  type Mutation { write(text: String): Note }
  type Subscription { written(site: String): Note @aws_subscribe(mutations: ["write"]) }
`);

let realtime: Realtime;
let socket: WebSocket;
let messages: NodeJS.AsyncIterator<unknown[]>;
const server = createServer();
beforeEach(async () => {
  const api = { schema, modes: ['aws_iam'], depthLimit: 75, allowsIntrospection: false } as unknown as GraphApi;
  realtime = createRealtime({ tell: () => undefined } as unknown as Cloud, {
    find: () => api,
    admit: (_api, authorization) => (authorization === 'token' ? { mode: 'aws_iam', identity: {} } : null),
  });
  server.on('upgrade', realtime.upgrade);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const header = Buffer.from(JSON.stringify({ Authorization: 'token' })).toString('base64url');
  const { port } = server.address() as AddressInfo;
  socket = new WebSocket(`ws://127.0.0.1:${port}/graphql?header=${header}`, ['graphql-ws']);
  messages = on(socket, 'message');
  await new Promise((done) => socket.once('open', done));
});
afterEach(() => {
  realtime.stop();
  server.removeAllListeners('upgrade').close();
});

const next = async (): Promise<Json> => JSON.parse(String((await messages.next()).value?.[0])) as Json;

const ask = (message: string): Promise<Json> => {
  socket.send(message);
  return next();
};

it.each(['{"type":"start","id":"1"}', '{"type":"start","id":"1","payload":null}'])(
  'answers %s, which brings nothing, with an error, and goes on',
  async (message) => {
    expect(await ask(message)).toMatchObject({ type: 'error', id: '1' });
    expect(await ask('{"type":"connection_init"}')).toMatchObject({ type: 'connection_ack' });
  },
);

describe('a subscription', () => {
  const subscribe = (query: string, variables?: Json | null) =>
    ask(
      JSON.stringify({
        type: 'start',
        id: '1',
        payload: {
          data: JSON.stringify({ query, variables }),
          extensions: { authorization: { Authorization: 'token' } },
        },
      }),
    );
  /** What comes before the answer to a question asked afterwards. */
  const hearOf = async (query: string, data: Json): Promise<unknown[]> => {
    const heard: unknown[] = [];
    const asker = { mode: 'aws_iam', identity: {} };
    realtime.tell({ query, variables: {}, operationName: null, asker }, { data });
    let message = await ask('{"type":"connection_init"}');
    while (message.type === 'data') {
      heard.push((message.payload as Json).data);
      message = await next();
    }
    return heard;
  };
  const note = { site: 'north', text: 'hello' };
  const told = [{ written: { text: 'hello' } }];
  const query = 'subscription ($site: String) { written(site: $site) { text } }';

  it.each([
    ['no variable for its argument', undefined, told],
    ['no variables', null, told],
    ['the site of the note', { site: 'north' }, told],
    ['another site', { site: 'south' }, []],
  ])('with %s hears of a mutation as its arguments say', async (_, variables, expected) => {
    expect(await subscribe(query, variables)).toMatchObject({ type: 'start_ack' });
    expect(await hearOf('mutation { write { site text } }', { write: note })).toEqual(expected);
  });

  it('hears of a mutation by its own name, as on AWS', async () => {
    await subscribe('subscription { written { text } }');
    expect(await hearOf('mutation { other: write { site text } }', { other: note })).toEqual([]);
  });

  it.each([
    ['subscription { ...F } fragment F on Subscription { written { text } }', {}, 'names its field itself'],
    [query, { site: { a: 1 } }, '$site'],
  ])('is refused as %s with %j', async (text, variables, says) => {
    const refusal = await subscribe(text, variables);
    expect(refusal).toMatchObject({ type: 'error' });
    expect(JSON.stringify(refusal)).toContain(says);
  });
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
