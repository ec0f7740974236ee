/**
 * From the first abnormal sample to the notification leaving, on the laptop: a machine publishes over MQTT with mutual TLS
 * a sample that chatters, and a receiver of webhooks on this machine notes when it is told. Between them is the whole way:
 * rule, stream, detection, bus, queue, incident, bus, queue that keeps order, channel, HTTP. Each measurement is another
 * machine, so that each is an incident of its own; the first ones pay the cold starts and are told apart.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectAsync, type MqttClient } from 'mqtt';
import { enrollFleet } from '../local/command/enroll-fleet.ts';
import { ensureAssembly } from '../local/command/synth.ts';
import { owner } from '../local/engine.ts';
import { type Laptop, startLaptop } from '../local/laptop.ts';
import { createProcessMachine } from '../simulator/process/machine.ts';
import { describeMachine } from './machine.ts';
import { readNumber } from './options.ts';

const help = `npm run bench -- alert [--alarms n] [--write] [--json]
  --alarms n    machines that begin to chatter, one after the other (default 150)
  --write       keep the result in bench/results/alert.json
  --json        the result on stdout as JSON`;

/** They make the functions start. */
const coldAlarms = 5;
const machinesTogether = 25;
const betweenMs = 120;
const patienceMs = 20_000;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      alarms: { type: 'string', default: '150' },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const alarms = Math.round(readNumber(values, 'alarms', coldAlarms + 1));
  const result = await measure(alarms);
  if (values.write) writeFileSync('bench/results/alert.json', `${JSON.stringify(result, null, 2)}\n`);
  const { p50Ms, p99Ms, maxMs, told } = result;
  console.log(
    values.json ? JSON.stringify(result) : `${told} told: half within ${p50Ms} ms, 99 % ${p99Ms} ms, all ${maxMs} ms`,
  );
  return told === alarms ? 0 : 1;
}

async function measure(alarms: number) {
  const folder = mkdtempSync(join(tmpdir(), 'alert-'));
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await ensureAssembly('node_modules/.cache/laptop-assembly', 'local', say);
  const options = { assemblyFolder: 'node_modules/.cache/laptop-assembly', dataFolder: join(folder, 'data') };
  const laptop = await startLaptop({ ...options, port: 0, mqttPort: 0, tell: (from, line) => say(`${from}: ${line}`) });
  const receiver = await openReceiver();
  try {
    const secret = { SecretId: 'factory-local-channel-webhook', SecretString: receiver.url };
    await laptop.cloud.call('secretsmanager', 'PutSecretValue', secret, owner);
    const delaysMs = await raiseAlarms({ laptop, receiver, folder, alarms });
    return { ...describeMachine(), loadAverage: loadavg().map((x) => Number(x.toFixed(2))), alarms, ...rate(delaysMs) };
  } finally {
    receiver.server.close();
    await laptop.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Receiver {
  readonly server: Server;
  readonly url: string;
  /** Machine → when it was told of. */
  readonly toldAtMs: Map<string, number>;
}

async function openReceiver(): Promise<Receiver> {
  const toldAtMs = new Map<string, number>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { incident } = JSON.parse(body) as { incident: { caseFile: { machineId: string } } };
    const { machineId } = incident.caseFile;
    if (!toldAtMs.has(machineId)) toldAtMs.set(machineId, performance.now());
    response.writeHead(204).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, toldAtMs };
}

interface Field {
  readonly laptop: Laptop;
  readonly receiver: Receiver;
  readonly folder: string;
  readonly alarms: number;
}

/** In order of raising. */
async function raiseAlarms({ laptop, receiver, folder, alarms }: Field): Promise<number[]> {
  const credentials = join(folder, 'credentials');
  const delaysMs: number[] = [];
  for (let from = 0; from < alarms; from += machinesTogether) {
    const count = Math.min(machinesTogether, alarms - from);
    const ids = Array.from({ length: count }, (_, i) => `CHATTER-${String(from + i + 1).padStart(4, '0')}`);
    const fleet = ids.map((machineId) => ({ machineId, machineType: 'cnc-process' }));
    await enrollFleet(laptop, fleet, credentials);
    for (const machineId of ids) {
      const client = await connect(laptop, credentials, machineId);
      const sentAtMs = await sendAbnormal(client, machineId);
      delaysMs.push((await waitFor(receiver, machineId)) - sentAtMs);
      await client.endAsync();
      await sleep(betweenMs);
    }
  }
  return delaysMs;
}

function connect(laptop: Laptop, credentials: string, machineId: string): Promise<MqttClient> {
  const read = (...path: string[]): string => readFileSync(join(credentials, ...path), 'utf8');
  return connectAsync(`mqtts://localhost:${laptop.iot.port()}`, {
    ...{ clientId: machineId, ca: read('ca.pem'), reconnectPeriod: 0 },
    ...{ cert: read(machineId, 'cert.pem'), key: read(machineId, 'private.key') },
  });
}

/** Some samples of a machine at work, then the one that is not: its publishing is the beginning. */
async function sendAbnormal(client: MqttClient, machineId: string): Promise<number> {
  const intervalMs = 500;
  const normal = 20;
  const startMs = Math.floor(Date.now() / 1000) * 1000 - (normal + 4) * intervalMs;
  const faults = [{ mode: 'chatter', onsetS: (normal * intervalMs) / 1000, growthS: 0, severity: 1 }];
  const machine = createProcessMachine({ machineId, seed: 7, startMs, intervalMs, faults });
  const next = (): unknown => machine.next().payload;
  const topic = `factory/${machineId}/telemetry`;
  const before = JSON.stringify({ samples: Array.from({ length: normal }, next) });
  await client.publishAsync(topic, before, { qos: 1 });
  const sentAtMs = performance.now();
  for (let i = 0; i < 3; i++) await client.publishAsync(topic, JSON.stringify(next()), { qos: 1 });
  return sentAtMs;
}

async function waitFor({ toldAtMs }: Receiver, machineId: string): Promise<number> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const atMs = toldAtMs.get(machineId);
    if (atMs !== undefined) return atMs;
    if (performance.now() > untilMs) throw new Error(`${machineId}: nobody was told within ${patienceMs / 1000} s`);
    await sleep(2);
  }
}

function rate(delaysMs: readonly number[]) {
  const warm = delaysMs.slice(coldAlarms).sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(warm[Math.min(warm.length - 1, Math.floor(share * warm.length))] ?? 0);
  return {
    told: delaysMs.length,
    coldMs: delaysMs.slice(0, coldAlarms).map(Math.round),
    ...{ p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) },
    targetP99Ms: 2000,
  };
}
