/**
 * A fleet that costs next to nothing, as a process of its own: MQTT packets written by hand onto mutual TLS, so that the two
 * cores measure the pipeline and not the load. Samples are the simulators' own, made beforehand; each message takes the
 * next sample of its machine with the moment of publishing as its timestamp.
 *
 *   node bench/pipeline/publisher.ts <credentials folder> <the load as JSON>
 *
 * Says `connected` before the first message, and what was sent as JSON after the last.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { machineCatalogue } from '../../simulator/catalogue.ts';
import type { Load, Sent } from './load.ts';

const [folder = '', loadText = '{}'] = process.argv.slice(2);
const { machines, rate: messagesPerS, seconds, type, window, faultyMachines } = JSON.parse(loadText) as Load;
const tickMs = 10;
/** The scripted scenario of a cnc-process works as it should this far; past these a machine says the same again. */
const samplesPerMachine = 28;
/** A shop's pace for what the samples say; what they carry as time is the moment of publishing. */
const madeIntervalMs = 1000;

interface Connection {
  readonly socket: TLSSocket;
  readonly topic: Buffer;
  readonly bodies: readonly string[];
  readonly faultyBodies: readonly string[];
  readonly faultyFromMs: number;
  sent: number;
  lastStampMs: number;
}

let unacknowledged = 0;
const { endpoint } = JSON.parse(readFileSync(join(folder, 'endpoint.json'), 'utf8')) as { endpoint: string };
const port = Number(new URL(endpoint).port);
const machineIds = readdirSync(folder, { withFileTypes: true })
  .filter((e) => e.isDirectory())
  .map((e) => e.name);
const connections = await Promise.all(machineIds.map(open));

process.stdout.write('connected\n');

let due = 0;
let turn = 0;
const startedMs = performance.now();
const startedCpu = process.cpuUsage();
await new Promise<void>((done) => {
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startedMs;
    const target = Math.floor((Math.min(elapsedMs, seconds * 1000) * messagesPerS) / 1000);
    for (const connection of connections) connection.socket.cork();
    while (due < target) {
      publish(connections[turn++ % connections.length]!);
      due += 1;
      if (unacknowledged >= window) break;
    }
    for (const connection of connections) connection.socket.uncork();
    if (elapsedMs < seconds * 1000) return;
    clearInterval(timer);
    done();
  }, tickMs);
});
while (unacknowledged > 0 && performance.now() - startedMs < (seconds + 60) * 1000)
  await new Promise((done) => setTimeout(done, 10));
const { user, system } = process.cpuUsage(startedCpu);
const result: Sent = {
  sent: connections.reduce((sum, c) => sum + c.sent, 0),
  unacknowledged,
  seconds: (performance.now() - startedMs) / 1000,
  cpuMs: (user + system) / 1000,
};
process.stdout.write(JSON.stringify(result));
for (const { socket } of connections) socket.destroy();

async function open(machineId: string, index: number): Promise<Connection> {
  const own = join(folder, machineId);
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: readFileSync(join(folder, 'ca.pem')),
    cert: readFileSync(join(own, 'cert.pem')),
    key: readFileSync(join(own, 'private.key')),
  });
  const connection: Connection = {
    socket,
    topic: Buffer.from(`factory/${machineId}/telemetry`),
    bodies: makeBodies(machineId, index, false),
    faultyBodies: makeBodies(machineId, index, true),
    faultyFromMs: findFaultMs(index),
    sent: 0,
    lastStampMs: 0,
  };
  await new Promise<void>((done, fail) => {
    socket.once('error', fail);
    socket.once('secureConnect', () => socket.write(connectPacket(machineId)));
    socket.once('data', (answer: Buffer) =>
      answer[3] === 0 ? done() : fail(new Error(`${machineId} was refused: ${answer[3]}`)),
    );
  });
  // A PUBACK has four bytes and nothing else comes.
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    const before = Math.floor(bytes / 4);
    bytes += chunk.length;
    unacknowledged -= Math.floor(bytes / 4) - before;
  });
  return connection;
}

/** Spread over the run, from when nothing is cold any more. */
function findFaultMs(index: number): number {
  const every = Math.max(1, Math.floor(machines / faultyMachines));
  return index % every === 0 ? (0.3 + (0.6 * index) / machines) * seconds * 1000 : Number.POSITIVE_INFINITY;
}

/** Each body without its timestamp's value, which is put in when it is sent. */
function makeBodies(machineId: string, index: number, isFaulty: boolean): string[] {
  const entry = machineCatalogue[type]!;
  const machine = entry.create({
    machineId,
    seed: index + 1,
    startMs: 1_767_225_600_000,
    intervalMs: madeIntervalMs,
    faults: isFaulty ? [{ mode: entry.faultModes[0]!, onsetS: 0, growthS: 1, severity: 1 }] : [],
  });
  return Array.from({ length: samplesPerMachine }, () => {
    const { timestamp: _timestamp, sequence: _sequence, ...rest } = machine.next().payload;
    return JSON.stringify(rest).slice(1);
  });
}

function publish(connection: Connection): void {
  // A machine has one sample a moment.
  const stampMs = Math.max(Date.now(), connection.lastStampMs + 1);
  connection.lastStampMs = stampMs;
  const isFaulty = performance.now() - startedMs >= connection.faultyFromMs;
  const bodies = isFaulty ? connection.faultyBodies : connection.bodies;
  const body = bodies[connection.sent % bodies.length]!;
  const payload = `{"timestamp":"${new Date(stampMs).toISOString()}","sequence":${connection.sent},${body}`;
  const { topic, socket } = connection;
  const length = 2 + topic.length + 2 + Buffer.byteLength(payload);
  const packet = Buffer.allocUnsafe(1 + 4 + length);
  packet[0] = 0x32; // PUBLISH, QoS 1
  let at = 1;
  for (let rest = length; ; ) {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    packet[at++] = rest > 0 ? digit | 0x80 : digit;
    if (rest === 0) break;
  }
  at = packet.writeUInt16BE(topic.length, at);
  at += topic.copy(packet, at);
  connection.sent += 1;
  unacknowledged += 1;
  at = packet.writeUInt16BE((connection.sent % 65_535) + 1, at);
  at += packet.write(payload, at);
  socket.write(packet.subarray(0, at));
}

/** MQTT 3.1.1, clean session, keep-alive 60 s. */
function connectPacket(clientId: string): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, 4]),
    Buffer.from('MQTT'),
    Buffer.from([4, 2, 0, 60, 0, clientId.length]),
    Buffer.from(clientId),
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}
