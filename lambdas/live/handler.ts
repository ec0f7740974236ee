import { quoteGot, sayAllowed } from '../../core/allowed.ts';
import { type Frame, type LiveRequest, mostTopics, requestActions, requestSchema } from '../../core/api/live.ts';
import { formatMoment } from '../../core/api/moment.ts';
import type { FeederLease, LiveStore, Poster, Since, StartFeeder } from '../ports/live.ts';
import type { Log } from '../ports/telling.ts';

/** What API Gateway hands over of a WebSocket, as far as it is used. */
export interface SocketEvent {
  readonly requestContext: {
    readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
    readonly connectionId: string;
    readonly requestId: string;
    readonly authorizer?: { readonly name?: string; readonly role?: string };
  };
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SocketReply {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LiveDeps {
  readonly store: LiveStore;
  readonly lease: FeederLease;
  readonly poster: Poster;
  readonly startFeeder: StartFeeder;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** What a client offers beside its token, and what it hears back (RFC 6455, 1.9: the server names the one it took). */
export const subprotocol = 'factory-twin';
/** API Gateway ends a connection after two hours (developer guide, "Quotas for WebSocket APIs"). */
const longestConnectionMs = 2 * 3_600_000;
/** A cold start and the first beat. */
const startTakesMs = 5000;

/** Notes who is connected and what each watches. Everything watched is sent by the feeder, in the order of its beats. */
export function createLiveHandler(deps: LiveDeps) {
  return async (event: SocketEvent): Promise<SocketReply> => {
    const { eventType, connectionId } = event.requestContext;
    if (eventType === 'CONNECT') return connect(deps, event);
    if (eventType === 'DISCONNECT') await deps.store.disconnect(connectionId);
    else await hear(deps, event);
    return { statusCode: 200 };
  };
}

async function connect(deps: LiveDeps, { requestContext, headers = {} }: SocketEvent): Promise<SocketReply> {
  const { connectionId, authorizer } = requestContext;
  await deps.store.connect(connectionId, deps.nowMs() + longestConnectionMs);
  deps.log.info('connected', { connectionId, subject: authorizer?.name, role: authorizer?.role });
  const offered = Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol')?.[1] ?? '';
  if (!offered.split(/,\s*/).includes(subprotocol)) return { statusCode: 200 };
  return { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': subprotocol } };
}

async function hear(deps: LiveDeps, event: SocketEvent): Promise<void> {
  const { connectionId, requestId } = event.requestContext;
  const read = readRequest(event.body ?? '');
  const problem = typeof read === 'string' ? read : await obey(deps, connectionId, read);
  if (problem !== null) await tell(deps, connectionId, { type: 'error', message: problem, requestId });
}

/** A sentence where it is none. */
function readRequest(body: string): LiveRequest | string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return 'the message is not JSON';
  }
  const parsed = requestSchema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') return sayAllowed(issue.message);
  const where = issue.path.join('.') || 'message';
  if (where === 'action' || where === 'message') return `action: allowed are ${requestActions.join(', ')}`;
  return `${where}: got ${quoteGot(issue.input)}; ${sayAllowed(issue.message)}`;
}

async function obey(deps: LiveDeps, connectionId: string, request: LiveRequest): Promise<string | null> {
  if (request.action === 'unsubscribe') {
    await deps.store.unwatch(connectionId, request.topic);
    return null;
  }
  if (request.action === 'ping') {
    await tell(deps, connectionId, { type: 'pong', asOf: formatMoment(deps.nowMs()) });
    await ensureFeeder(deps);
    return null;
  }
  const since: Since = request.action === 'resume' ? request.since : 'fresh';
  if (!(await deps.store.watch(connectionId, request.topic, since))) {
    return `topic: a connection watches at most ${mostTopics}; unsubscribe from one first`;
  }
  await ensureFeeder(deps);
  return null;
}

/** A feeder that died leaves its lease to run out: the next who speaks starts another, and one does. */
async function ensureFeeder({ lease, startFeeder, nowMs }: LiveDeps): Promise<void> {
  if (await lease.claim(nowMs(), nowMs() + startTakesMs)) await startFeeder();
}

async function tell({ poster, store }: LiveDeps, connectionId: string, frame: Frame): Promise<void> {
  const [posted] = await poster.post([{ connectionId, texts: [JSON.stringify({ frames: [frame] })] }]);
  if (posted === 'gone') await store.disconnect(connectionId);
}
