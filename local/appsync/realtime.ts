/**
 * AppSync's subscriptions: its WebSocket protocol, and who hears of which mutation.
 * Source: AppSync developer guide, "Building a real-time WebSocket client" and "Real-time data".
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { executeSync, getArgumentValues, getVariableValues, Kind, valueFromASTUntyped } from 'graphql';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Cloud, Json } from '../engine.ts';
import { type Asker, type Asking, listRootFields, mayAsk, type Prepared, prepare } from './ask.ts';
import type { GraphApi } from './resources.ts';

export interface Realtime {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells those whose subscription names a mutation that was just answered. */
  tell(asking: Asking, answer: Json): void;
  stop(): void;
}

interface Parts {
  readonly find: () => GraphApi | undefined;
  readonly admit: (api: GraphApi, authorization: string | undefined) => Asker | null;
}

interface Subscription {
  readonly socket: WebSocket;
  readonly id: string;
  readonly prepared: Prepared;
  readonly variables: Json;
  readonly field: string;
  readonly filter: Json;
}

/** A client that hears nothing for so long takes the connection for dead; a `ka` comes well before. */
const connectionTimeoutMs = 300_000;
const keepAliveMs = 60_000;

export function createRealtime(cloud: Cloud, { find, admit }: Parts): Realtime {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('graphql-ws') ? 'graphql-ws' : false),
  });
  const subscriptions = new Set<Subscription>();
  const attend = (socket: WebSocket): void => {
    const keepAlive = setInterval(() => say(socket, { type: 'ka' }), keepAliveMs);
    socket.on('message', (data) => hear(socket, String(data)));
    socket.on('error', (error) => cloud.tell('appsync', error.message));
    socket.on('close', () => {
      clearInterval(keepAlive);
      for (const one of subscriptions) if (one.socket === socket) subscriptions.delete(one);
    });
  };
  const hear = (socket: WebSocket, text: string): void => {
    const message = readMessage(text);
    const id = String(message?.id);
    if (message?.type === 'connection_init') {
      say(socket, { type: 'connection_ack', payload: { connectionTimeoutMs } });
    } else if (message?.type === 'start') {
      const begun = begin(socket, id, (message.payload ?? {}) as Json);
      if (typeof begun === 'string') refuse(socket, id, begun);
      else {
        subscriptions.add(begun);
        say(socket, { type: 'start_ack', id });
      }
    } else if (message?.type === 'stop') {
      for (const one of subscriptions) if (one.socket === socket && one.id === id) subscriptions.delete(one);
      say(socket, { type: 'complete', id });
    } else refuse(socket, id, 'UnsupportedOperation');
  };
  const begin = (socket: WebSocket, id: string, payload: Json): Subscription | string => {
    const api = find();
    const extensions = payload.extensions as { authorization?: { Authorization?: string } } | undefined;
    const asker = api === undefined ? null : admit(api, extensions?.authorization?.Authorization);
    if (api === undefined || asker === null) return 'UnauthorizedException';
    const { query = '', variables } = readMessage(String(payload.data)) ?? {};
    const asking = { query: String(query), variables: (variables ?? {}) as Json, operationName: null, asker };
    const prepared = prepare(api, asking);
    if ('errors' in prepared) return (prepared.errors[0] as { message: string }).message;
    if (prepared.operation.operation !== 'subscription') return 'UnsupportedOperation';
    if (!mayAsk(api, prepared, asker.mode)) return 'Unauthorized';
    const filter = readFilter(prepared, asking.variables);
    return typeof filter === 'string' ? filter : { socket, id, prepared, variables: asking.variables, ...filter };
  };
  return {
    upgrade: (request, socket, head) => {
      const api = find();
      const asker = api === undefined ? null : admit(api, readHeader(request).Authorization);
      if (asker === null) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      } else server.handleUpgrade(request, socket, head, attend);
    },
    tell: (asking, answer) => {
      if (answer.errors !== undefined || subscriptions.size === 0) return;
      // By the answer's name: AppSync tells nobody of a mutation under an alias (elm-graphql, issue 106).
      for (const { type, field } of listRootFields(asking.query)) {
        const value = (answer.data as Json | null)?.[field] as Json | null | undefined;
        if (type === 'Mutation' && value) publish(subscriptions, field, value);
      }
    },
    stop: () => {
      for (const { socket } of subscriptions) socket.terminate();
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

const say = (socket: WebSocket, message: Json): void => socket.send(JSON.stringify(message));

const refuse = (socket: WebSocket, id: string, message: string): void =>
  say(socket, { type: 'error', id, payload: { errors: [{ errorType: message, message }] } });

function readMessage(text: string): Json | null {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** `?header=<base64 of JSON>`: a browser cannot send headers with a WebSocket. */
function readHeader(request: IncomingMessage): { readonly Authorization?: string } {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  return (readMessage(Buffer.from(query.get('header') ?? '', 'base64').toString()) ?? {}) as { Authorization?: string };
}

/** The field that is subscribed to, and what the arguments that it was given have to equal; or what is wrong with it. */
function readFilter({ schema, operation }: Prepared, given: Json): Pick<Subscription, 'field' | 'filter'> | string {
  const [selection] = operation.selectionSet.selections;
  const field = selection?.kind === Kind.FIELD ? schema.getSubscriptionType()?.getFields()[selection.name.value] : null;
  if (selection?.kind !== Kind.FIELD || !field) return 'a subscription names its field itself, not in a fragment';
  const { variableValues, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
  if (variableValues === undefined) return errors?.[0]?.message ?? 'ValidationError';
  return { field: field.name, filter: getArgumentValues(field, selection, variableValues) };
}

function publish(subscriptions: ReadonlySet<Subscription>, mutation: string, value: Json): void {
  for (const { socket, id, prepared, variables, field, filter } of subscriptions) {
    const node = prepared.schema.getSubscriptionType()?.getFields()[field]?.astNode;
    const mutations = node?.directives?.find(({ name }) => name.value === 'aws_subscribe')?.arguments?.[0]?.value;
    const names = mutations === undefined ? [] : (valueFromASTUntyped(mutations) as string[]);
    const isMeant = Object.entries(filter).every(([name, wanted]) => wanted === null || value[name] === wanted);
    if (!names.includes(mutation) || !isMeant) continue;
    const { schema, document } = prepared;
    const { data, errors } = executeSync({
      schema,
      document,
      variableValues: variables,
      rootValue: { [field]: value },
    });
    say(socket, { type: 'data', id, payload: errors === undefined ? { data } : { data, errors } });
  }
}
