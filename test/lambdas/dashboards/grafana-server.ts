import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Readonly<Record<string, unknown>>;

export interface GrafanaServer {
  readonly url: string;
  readonly plugins: Set<string>;
  /** By uid. */
  readonly dataSources: Map<string, Json>;
  readonly folders: Map<string, Json>;
  readonly dashboards: Map<string, { readonly dashboard: Json; readonly meta: Json }>;
  /** Calls that changed something, like `POST /api/folders`. */
  readonly changes: string[];
  /** Answers with this status, this often, where a path begins so. */
  fail(path: string, status: number, times: number): void;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const ok = (body: unknown = {}): Reply => ({ status: 200, body });
const notFound: Reply = { status: 404, body: { message: 'not found' } };

/** Plays the documented endpoints of Grafana's HTTP API that provisioning calls, and adds ids and versions as it does. */
export async function startGrafana(token: string): Promise<GrafanaServer> {
  const state = {
    plugins: new Set<string>(),
    dataSources: new Map<string, Json>(),
    folders: new Map<string, Json>(),
    dashboards: new Map<string, { dashboard: Json; meta: Json }>(),
    changes: [] as string[],
  };
  const faults: { path: string; status: number; times: number }[] = [];
  const answer = async (request: IncomingMessage): Promise<Reply> => {
    const path = request.url ?? '';
    if (request.headers.authorization !== `Bearer ${token}`) return { status: 401, body: { message: 'Unauthorized' } };
    const fault = faults.find((candidate) => path.startsWith(candidate.path) && candidate.times > 0);
    if (fault !== undefined) {
      fault.times--;
      return { status: fault.status, body: { message: 'as the test wants it' } };
    }
    const reply = route(state, `${request.method} ${path}`, await readBody(request));
    if (request.method !== 'GET' && reply.status < 300) state.changes.push(`${request.method} ${path}`);
    return reply;
  };
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    ...state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail: (path, status, times) => void faults.push({ path, status, times }),
    close: () => new Promise((done) => void server.close(() => done())),
  };
}

async function readBody(request: IncomingMessage): Promise<Json> {
  let text = '';
  for await (const part of request) text += String(part);
  return text === '' ? {} : (JSON.parse(text) as Json);
}

type State = Omit<GrafanaServer, 'url' | 'fail' | 'close'>;
type Route = (state: State, uid: string, body: Json) => Reply;

const put = (map: Map<string, Json>, body: Json, uid = String(body.uid)): Reply => {
  const { secureJsonData, ...open } = body;
  map.set(uid, { ...map.get(uid), ...open, id: 7, version: 1 });
  return ok();
};
const give = (found: unknown): Reply => (found === undefined ? notFound : ok(found));

const routes: readonly (readonly [pattern: RegExp, route: Route])[] = [
  [
    /^POST \/api\/plugins\/([\w-]+)\/install$/,
    ({ plugins }, plugin) => {
      if (plugins.has(plugin)) return { status: 409, body: { message: 'Plugin already installed' } };
      plugins.add(plugin);
      return ok();
    },
  ],
  [/^GET \/api\/datasources\/uid\/([\w-]+)$/, ({ dataSources }, uid) => give(dataSources.get(uid))],
  [/^POST \/api\/datasources()$/, ({ dataSources }, _, body) => put(dataSources, body)],
  [/^PUT \/api\/datasources\/uid\/([\w-]+)$/, ({ dataSources }, uid, body) => put(dataSources, body, uid)],
  [/^DELETE \/api\/datasources\/uid\/([\w-]+)$/, ({ dataSources }, uid) => (dataSources.delete(uid) ? ok() : notFound)],
  [/^GET \/api\/folders\/([\w-]+)$/, ({ folders }, uid) => give(folders.get(uid))],
  [/^POST \/api\/folders()$/, ({ folders }, _, body) => put(folders, body)],
  [/^PUT \/api\/folders\/([\w-]+)$/, ({ folders }, uid, body) => put(folders, body, uid)],
  [/^DELETE \/api\/folders\/([\w-]+)$/, ({ folders }, uid) => (folders.delete(uid) ? ok() : notFound)],
  [/^GET \/api\/dashboards\/uid\/([\w-]+)$/, ({ dashboards }, uid) => give(dashboards.get(uid))],
  [
    /^POST \/api\/dashboards\/db()$/,
    ({ dashboards }, _, { dashboard, folderUid }) => {
      const json = dashboard as Json;
      dashboards.set(String(json.uid), { dashboard: { ...json, id: 3, version: 1 }, meta: { folderUid } });
      return ok({ uid: json.uid, status: 'success' });
    },
  ],
  [/^DELETE \/api\/dashboards\/uid\/([\w-]+)$/, ({ dashboards }, uid) => (dashboards.delete(uid) ? ok() : notFound)],
  [
    /^GET \/api\/search\?folderUIDs=([\w-]+)$/,
    ({ dashboards }, folder) => ok([...dashboards.values()].filter(({ meta }) => meta.folderUid === folder)),
  ],
];

function route(state: State, call: string, body: Json): Reply {
  for (const [pattern, act] of routes) {
    const match = pattern.exec(call);
    if (match !== null) return act(state, match[1] ?? '', body);
  }
  return { status: 404, body: { message: `no such endpoint: ${call}` } };
}
