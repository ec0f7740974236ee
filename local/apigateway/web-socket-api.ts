/**
 * API Gateway's WebSocket APIs: the authorizer of $connect, routes by the message's action, Lambda proxy events, and the
 * management API by which a function sends to a connection.
 * Source: API Gateway developer guide, "Working with WebSocket APIs" and "Quotas for WebSocket APIs".
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Cloud, type Engine, formatArn, type Json, type ResourceModel, ServiceError } from '../engine.ts';
import { authorize, type Connection, callRoute, describe, HandshakeRefused } from './socket-calls.ts';
import { takeToken } from './token-bucket.ts';
import { type SocketApi, socketModels } from './web-socket-resources.ts';

export interface WebSocketEngine extends Engine {
  readonly models: Readonly<Record<string, ResourceModel>>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Of each API: `ws://host:port/stage`. */
  listUrls(): readonly string[];
}

const idleTimeoutMs = 10 * 60_000;
const longestConnectionMs = 2 * 3_600_000;
/** A frame; clients do not split what they send, so it is a message's too. */
const mostFrameBytes = 32 * 1024;
const mostMessageBytes = 128 * 1024;
/** How much API Gateway holds for a reader that is slow is not told; here it is this much. */
const mostBufferedBytes = 1024 * 1024;

export function createWebSockets(cloud: Cloud, { endpointUrl }: { readonly endpointUrl: string }): WebSocketEngine {
  const apis = new Map<string, SocketApi>();
  const connections = new Map<string, Connection>();
  const underWay = new Set<Promise<unknown>>();
  const server = new WebSocketServer({ noServer: true, maxPayload: mostFrameBytes, handleProtocols: takeProtocol });
  const endpoint = endpointUrl.replace(/^http/, 'ws');
  const track = (task: Promise<unknown>): void => {
    underWay.add(task);
    void task.finally(() => underWay.delete(task));
  };
  const open = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    try {
      const connection = await connect(cloud, apis, request);
      server.handleUpgrade(request, socket, head, (webSocket) => {
        connection.socket = webSocket;
        connections.set(connection.id, connection);
        attend(connection, webSocket);
      });
    } catch (error) {
      const status = error instanceof HandshakeRefused ? error.statusCode : 500;
      if (status >= 500) cloud.tell('apigateway', `$connect: ${(error as Error).message}`);
      socket.end(`HTTP/1.1 ${status} ${(error as Error).message}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    }
  };
  const attend = (connection: Connection, webSocket: WebSocket): void => {
    const longest = setTimeout(() => webSocket.close(1001, 'Going away'), longestConnectionMs);
    const busy = (): void => {
      clearTimeout(connection.idleTimer);
      connection.idleTimer = setTimeout(() => webSocket.close(1001, 'Going away'), idleTimeoutMs);
    };
    busy();
    webSocket.on('message', (data) => {
      busy();
      track(hear(cloud, connection, String(data)));
    });
    webSocket.on('error', (error) => cloud.tell('apigateway', `connection ${connection.id}: ${error.message}`));
    webSocket.on('close', (code) => {
      clearTimeout(longest);
      clearTimeout(connection.idleTimer);
      connections.delete(connection.id);
      track(leave(cloud, connection, code));
    });
  };
  return {
    name: 'execute-api',
    resources: {},
    models: socketModels(cloud, apis, endpoint),
    operations: { PostToConnection: postToConnection(cloud, apis, connections) },
    upgrade: (...args) => track(open(...args)),
    listUrls: () => [...apis.values()].flatMap(({ stage }) => (stage === null ? [] : [`${endpoint}/${stage.name}`])),
    stop: async () => {
      for (const { socket } of connections.values()) socket?.terminate();
      // Their closing is told to $disconnect, as it is there.
      while (connections.size > 0 || underWay.size > 0) {
        await Promise.allSettled([...underWay, new Promise((done) => setImmediate(done))]);
      }
      server.close();
    },
  };
}

/** The function behind $connect chooses; its answer waits here for the handshake. */
const chosenProtocols = new WeakMap<IncomingMessage, string>();
const takeProtocol = (_offered: Set<string>, request: IncomingMessage): string | false =>
  chosenProtocols.get(request) ?? false;

async function connect(
  cloud: Cloud,
  apis: ReadonlyMap<string, SocketApi>,
  request: IncomingMessage,
): Promise<Connection> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const api = [...apis.values()].find(({ stage }) => stage !== null && url.pathname === `/${stage.name}`);
  const route = api?.routes.get('$connect');
  if (api === undefined || route === undefined) throw new HandshakeRefused(404, 'Not Found');
  const handshake: Json = {
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    ...(url.search === '' ? {} : { queryStringParameters: Object.fromEntries(url.searchParams) }),
  };
  const draft = {
    id: `${randomBytes(11).toString('base64url')}=`,
    api,
    connectedAtMs: cloud.nowMs(),
    authorizer: null,
    socket: null,
    idleTimer: undefined,
  };
  if (api.stage !== null && !takeToken(api.stage.bucket, cloud.nowMs())) {
    throw new HandshakeRefused(429, 'Too Many Requests');
  }
  const connection: Connection = { ...draft, authorizer: await authorize(cloud, draft, { route, handshake }) };
  const event = { ...handshake, ...describe(cloud, connection, { eventType: 'CONNECT', routeKey: '$connect' }) };
  const reply = (await callRoute(cloud, connection, { routeKey: '$connect', event })) as {
    statusCode?: number;
    headers?: Record<string, string>;
  };
  const status = reply.statusCode ?? 502;
  if (status < 200 || status > 299) throw new HandshakeRefused(status, 'refused by the integration of $connect');
  const protocol = reply.headers?.['Sec-WebSocket-Protocol'];
  if (protocol !== undefined) chosenProtocols.set(request, protocol);
  return connection;
}

/** The route that `action` names, else `$default`. */
async function hear(cloud: Cloud, connection: Connection, body: string): Promise<void> {
  const { api, socket } = connection;
  const requestId = randomUUID();
  const refuse = (message: string): void => {
    socket?.send(JSON.stringify({ message, connectionId: connection.id, requestId }));
  };
  if (api.stage !== null && !takeToken(api.stage.bucket, cloud.nowMs())) return refuse('Too Many Requests');
  const action = readAction(body);
  const routeKey = action !== null && !action.startsWith('$') && api.routes.has(action) ? action : '$default';
  if (!api.routes.has(routeKey)) return refuse('Forbidden');
  const event = { ...describe(cloud, connection, { eventType: 'MESSAGE', routeKey, requestId }), body };
  try {
    await callRoute(cloud, connection, { routeKey, event });
  } catch (error) {
    cloud.tell('apigateway', `${routeKey}: ${(error as Error).message}`);
    refuse('Internal server error');
  }
}

function readAction(body: string): string | null {
  try {
    const { action } = JSON.parse(body) as { action?: unknown };
    return action === undefined ? null : String(action);
  } catch {
    return null; // what is no JSON names no route
  }
}

async function leave(cloud: Cloud, connection: Connection, code: number): Promise<void> {
  const routeKey = '$disconnect';
  if (!connection.api.routes.has(routeKey)) return;
  const about = describe(cloud, connection, { eventType: 'DISCONNECT', routeKey });
  const requestContext = { ...(about.requestContext as Json), disconnectStatusCode: code, disconnectReason: '' };
  try {
    await callRoute(cloud, connection, { routeKey, event: { ...about, requestContext } });
  } catch (error) {
    // Best effort, as there: who was connected is found gone when it is written to.
    cloud.tell('apigateway', `$disconnect: ${(error as Error).message}`);
  }
}

const postToConnection = (
  cloud: Cloud,
  apis: ReadonlyMap<string, SocketApi>,
  connections: ReadonlyMap<string, Connection>,
) => ({
  members: ['Stage', 'ConnectionId', 'Data'],
  access: (input: Json) => {
    const api = [...apis.values()].find(({ stage }) => stage?.name === input.Stage);
    const path = `${api?.id ?? '*'}/${String(input.Stage)}/POST/@connections/${String(input.ConnectionId)}`;
    return [{ action: 'execute-api:ManageConnections', resource: formatArn(cloud, 'execute-api', path) }];
  },
  run: async ({ ConnectionId, Stage, Data }: Json) => {
    const connection = connections.get(String(ConnectionId));
    const socket = connection?.api.stage?.name === Stage ? connection?.socket : undefined;
    if (socket === undefined || socket === null || socket.readyState !== socket.OPEN) {
      throw new ServiceError('GoneException', 'the connection is gone', 410);
    }
    const data = Data as Buffer;
    if (data.byteLength > mostMessageBytes) {
      throw new ServiceError(
        'PayloadTooLargeException',
        `got ${data.byteLength} bytes, allowed are ${mostMessageBytes}`,
        413,
      );
    }
    if (socket.bufferedAmount > mostBufferedBytes) {
      throw new ServiceError('LimitExceededException', 'the client does not read what it is sent', 429);
    }
    socket.send(data, { binary: false });
    connection?.idleTimer?.refresh();
    return {};
  },
});
