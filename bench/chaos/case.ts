import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { createProcessMachine } from '../../simulator/process/machine.ts';
import type { Command, Look } from './cloud-process.ts';
import { mountSmallDisk, unmount } from './small-disk.ts';

export const machineIds = ['SEAS-CNC-01', 'SEAS-CNC-02', 'SEAS-CNC-03'];
export const samplesPerMachine = 120;
const sampleEveryMs = 50;
/** From the clock's start to the first sample's timestamp: the cloud is up by then. */
const leadMs = 6000;
const drainMs = 60_000;

/** What a case does to messages on their way, and to the cloud meanwhile. */
export interface ChaosCase {
  readonly name: string;
  readonly about: string;
  /** The messages in place of the n-th of a machine. */
  readonly distort?: (payload: string, n: number) => readonly string[];
  /** In which order a machine's messages go; the n-th goes at its place in the list. */
  readonly order?: (n: number) => number;
  readonly harm?: (cloud: CloudProcess) => Promise<void>;
  /** The cloud's data lie on a disk that can be filled, where one can be mounted. */
  readonly smallDisk?: true;
  /** Out of order, a twin rightly concludes something else; what the machine read last is the same all the same. */
  readonly compares: 'state' | 'reading';
}

export class CloudProcess {
  readonly #assembly: string;
  readonly #folder: string;
  readonly #clockStartMs: number;
  readonly #startedAtMs = performance.now();
  #child: ChildProcess | undefined;
  readonly #port: number;
  #lastId = 0;

  constructor(assembly: string, folder: string, port: number, clockStartMs: number) {
    this.#port = port;
    this.#assembly = assembly;
    this.#folder = folder;
    this.#clockStartMs = clockStartMs;
  }

  /** Its disk can be filled for real. */
  hasSmallDisk = false;

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    const clockMs = Math.round(this.#clockStartMs + performance.now() - this.#startedAtMs);
    const args = [this.#assembly, this.#folder, String(this.#port), String(clockMs), machineIds.join(',')];
    const child = fork('bench/chaos/cloud-process.ts', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child = child;
    await new Promise<void>((done, fail) => {
      child.once('message', () => done());
      child.once('exit', (code) => fail(new Error(`the cloud ended with code ${code} at its start`)));
    });
  }

  async tell<T>(command: Command): Promise<T> {
    const id = ++this.#lastId;
    const child = this.#child!;
    const answered = new Promise<T>((done, fail) => {
      const onMessage = (message: { id: number; answer: T; error?: string }): void => {
        if (message.id !== id) return;
        child.off('message', onMessage);
        if (message.error === undefined) done(message.answer);
        else fail(new Error(`${command}: ${message.error}`));
      };
      child.on('message', onMessage);
    });
    child.send({ id, command });
    return answered;
  }

  /** As a power cut does, but for the disk. */
  async kill(): Promise<void> {
    const child = this.#child!;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }
}

export interface Outcome extends Look {
  readonly sent: number;
  readonly seconds: number;
}

/** Runs one case from an empty disk to the last sample's end. */
export async function runCase(chaos: ChaosCase, assembly: string, clockStartMs: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), `chaos-${chaos.name}-`));
  const startMs = performance.now();
  const cloud = new CloudProcess(assembly, folder, await findFreePort(), clockStartMs);
  if (chaos.smallDisk) cloud.hasSmallDisk = mountSmallDisk(join(folder, 'data'));
  try {
    await cloud.start();
    await sleep(Math.max(0, leadMs - (performance.now() - startMs)));
    const harming = chaos.harm?.(cloud);
    const sent = (
      await Promise.all(
        machineIds.map((machineId, i) =>
          publishMachine({ chaos, cloud, folder, machineId, seed: i + 1, firstMs: clockStartMs + leadMs }),
        ),
      )
    ).reduce((a, b) => a + b, 0);
    await harming;
    const look = await waitUntilDone(cloud);
    return { ...look, sent, seconds: (performance.now() - startMs) / 1000 };
  } finally {
    await cloud.kill();
    if (cloud.hasSmallDisk) unmount(join(folder, 'data'));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The broker keeps its port over restarts, as machines expect. */
async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function waitUntilDone(cloud: CloudProcess): Promise<Look> {
  const untilMs = performance.now() + drainMs;
  for (;;) {
    const look = await cloud.tell<Look>('look');
    if (look.totals.inFlight === 0 || performance.now() > untilMs) return look;
    await sleep(200);
  }
}

interface Publishing {
  readonly chaos: ChaosCase;
  readonly cloud: CloudProcess;
  readonly folder: string;
  readonly machineId: string;
  readonly seed: number;
  readonly firstMs: number;
}

/** Each message is kept until it is acknowledged, over reconnections. Gives how many were. */
async function publishMachine({ chaos, cloud, folder, machineId, seed, firstMs }: Publishing): Promise<number> {
  const read = (...path: string[]): Buffer => readFileSync(join(folder, 'credentials', ...path));
  const client: MqttClient = connect(`mqtts://localhost:${cloud.port}`, {
    clientId: machineId,
    ca: read('ca.pem'),
    cert: read(machineId, 'cert.pem'),
    key: read(machineId, 'private.key'),
    reconnectPeriod: 200,
    clean: false,
  });
  // Connections are cut on purpose; the client comes back.
  client.on('error', () => undefined);
  const machine = createProcessMachine({ machineId, seed, startMs: firstMs, intervalMs: sampleEveryMs, faults: [] });
  const payloads = Array.from({ length: samplesPerMachine }, () => JSON.stringify(machine.next().payload));
  const order = payloads.map((_, n) => n).sort((a, b) => (chaos.order?.(a) ?? a) - (chaos.order?.(b) ?? b));
  const acknowledged: Promise<unknown>[] = [];
  for (const n of order) {
    for (const message of chaos.distort?.(payloads[n]!, n) ?? [payloads[n]!]) {
      acknowledged.push(client.publishAsync(`factory/${machineId}/telemetry`, message, { qos: 1 }));
    }
    await sleep(sampleEveryMs);
  }
  const inTime = await Promise.race([Promise.all(acknowledged), sleep(drainMs, null, { ref: false })]);
  if (inTime === null) throw new Error(`${machineId}: not every message was acknowledged within ${drainMs / 1000} s`);
  await client.endAsync(true);
  return acknowledged.length;
}
