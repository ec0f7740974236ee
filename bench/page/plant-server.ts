/**
 * A plant that says something new of every machine every second, behind the addresses that the operator page asks: the
 * built page, its settings, the machines over the API, and the live feed in the frames of core/api. No cloud behind
 * it, so what is measured is the page.
 */
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Entry, LiveRequest } from '../../core/api/live.ts';
import { advanceFeed, type Entries, openFeed } from '../../core/api/live-feed.ts';
import { deltaFrames, snapshotFrames, toMessages } from '../../core/api/live-frames.ts';
import type { MachineSummary } from '../../core/api/schemas.ts';
import { decisions, severities } from '../../core/detection/observation.ts';
import { createRandom } from '../../core/random/random.ts';

const site = 'Ulm';
const topic = `site:${site}`;
const types = ['cnc-mill', 'centrifugal-pump', 'cnc-process', 'generic'];
const pageFolder = 'ui/operator/dist';
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
/** Of a machine, in a second: ten in a thousand change their state. */
const changeChance = 0.01;

export interface PlantServer {
  readonly url: string;
  readonly stop: () => void;
}

export async function startPlantServer(machineCount: number, isLive: boolean): Promise<PlantServer> {
  const plant = createPlant(machineCount);
  let liveUrl: string | null = null;
  const server = createServer((request, response) => answer(request.url ?? '/', response, { plant, liveUrl }));
  const sockets = new WebSocketServer({ server, path: '/live' });
  sockets.on('connection', (socket) => socket.on('message', (data) => plant.hear(socket, JSON.parse(String(data)))));
  const timer = setInterval(() => plant.beat(), 1000);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (isLive) liveUrl = `ws://${host}/live`;
  return {
    url: `http://${host}`,
    stop: () => {
      clearInterval(timer);
      for (const socket of sockets.clients) socket.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}

type Plant = ReturnType<typeof createPlant>;

function createPlant(machineCount: number) {
  const random = createRandom('page');
  const watching = new Set<WebSocket>();
  let machines = Array.from({ length: machineCount }, (_, i) => describeMachine(i));
  let { feed } = advanceFeed(openFeed(Date.now()), toEntries(machines));
  const asOf = (): string => new Date().toISOString();
  return {
    machines: () => machines,
    hear(socket: WebSocket, request: LiveRequest): void {
      if (request.action === 'ping') socket.send(JSON.stringify({ frames: [{ type: 'pong', asOf: asOf() }] }));
      if (request.action === 'ping' || request.action === 'unsubscribe' || request.topic !== topic) return;
      watching.add(socket);
      const entries = toEntries(machines);
      for (const text of toMessages(snapshotFrames({ topic, keyName: 'machineId', feed, entries, asOf: asOf() }))) {
        socket.send(text);
      }
    },
    beat(): void {
      const before = toEntries(machines);
      machines = machines.map((machine) => ageMachine(machine, random.next()));
      const entries = toEntries(machines);
      const from = feed.seq;
      const advanced = advanceFeed(feed, entries);
      feed = advanced.feed;
      const state = { topic, keyName: 'machineId', feed, entries, asOf: asOf() };
      const messages = toMessages(deltaFrames(state, from, advanced.changes, before));
      for (const socket of watching) for (const text of messages) socket.send(text);
    },
  };
}

const toEntries = (machines: readonly MachineSummary[]): Entries =>
  new Map(machines.map((machine) => [machine.machineId, machine as unknown as Entry]));

function describeMachine(i: number): MachineSummary {
  const machineId = `M-${String(i + 1).padStart(4, '0')}`;
  return {
    machineId,
    machineType: types[i % types.length] ?? 'generic',
    name: machineId,
    site,
    line: `line ${1 + (i % 8)}`,
    criticality: 'medium',
    freshness: 'live',
    sampledAt: new Date().toISOString(),
    ageMs: 100,
    severity: 'normal',
    decision: 'proceed',
    healthPercent: 100 - (i % 30),
  };
}

function ageMachine(machine: MachineSummary, chance: number): MachineSummary {
  const told = { ...machine, sampledAt: new Date().toISOString(), ageMs: Math.round(chance * 900) };
  if (chance >= changeChance) return told;
  const rank = Math.floor((chance / changeChance) * severities.length);
  return {
    ...told,
    severity: severities[rank] ?? 'normal',
    decision: decisions[rank] ?? 'proceed',
    healthPercent: Math.max(0, 100 - rank * 25),
  };
}

interface Answering {
  readonly plant: Plant;
  readonly liveUrl: string | null;
}

function answer(url: string, response: ServerResponse, answering: Answering): void {
  const { pathname } = new URL(url, 'http://127.0.0.1');
  const told = tell(pathname, answering);
  if (told !== undefined) {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(told));
    return;
  }
  const file = extname(pathname) === '' ? 'index.html' : pathname;
  const type = contentTypes[extname(file)];
  if (type === undefined) response.writeHead(404).end();
  else response.setHeader('content-type', type).end(readFileSync(join(pageFolder, file)));
}

function tell(pathname: string, { plant, liveUrl }: Answering): unknown {
  const machines = plant.machines();
  if (pathname === '/config.json')
    return { api: '', signIn: '/sign-in', clientId: null, refreshEveryMs: 1000, liveUrl };
  if (pathname === '/api/machines') return { asOf: new Date().toISOString(), machines, next: null };
  if (pathname === '/api/fleet') return describeFleet(machines);
  if (pathname === '/api/incidents') return { site, incidents: [], next: null };
  return undefined;
}

function describeFleet(machines: readonly MachineSummary[]) {
  const counts = {
    machines: machines.length,
    live: machines.length,
    stale: 0,
    never: 0,
    bySeverity: { normal: machines.length },
    meanHealthPercent: 90,
    due: 0,
    orderNow: 0,
    waitingEur: 0,
    actingEur: 0,
  };
  return { asOf: new Date().toISOString(), plant: counts, sites: [], lines: [{ ...counts, site, line: '' }] };
}
