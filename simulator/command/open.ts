/** From an understood command line to open files, machines and connections; what cannot be opened is told in one sentence. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cncJobs, readJobProgram } from '../cnc/job.ts';
import { parseGenericConfig } from '../generic/config.ts';
import type { SimulatedMachine } from '../machine.ts';
import { createFleet, defaultSeed, type SimulationOptions } from '../run.ts';
import { createCsvEncoder } from '../sinks/csv.ts';
import { createJsonEncoder, type Encoder } from '../sinks/encoder.ts';
import { alpnFor, readCredentials, readEndpoint, type TlsMaterial } from '../sinks/mqtt/credentials.ts';
import { MqttSink, type MqttSinkOptions } from '../sinks/mqtt/mqtt-sink.ts';
import { makeOutputFolder } from '../sinks/output-folder.ts';
import type { Sink } from '../sinks/sink.ts';
import { openTextFile, TextSink } from '../sinks/text-sink.ts';
import type { Arguments } from './arguments.ts';
import { listEnrolled } from './enrolled.ts';

/** What the user can put right. */
export class UserError extends Error {}

export interface OpenRun {
  readonly simulation: SimulationOptions;
  readonly fleet: SimulatedMachine[];
  readonly encoder: Encoder;
  readonly sink: Sink;
  readonly labels: Sink | null;
  readonly record: Sink | null;
  /** Where undelivered samples stay; null without MQTT. */
  readonly outboxFolder: string | null;
}

export async function openRun(args: Arguments, onReaderGone: () => void): Promise<OpenRun> {
  const simulation = readSimulation(args);
  const fleet = buildFleet(simulation);
  // A second fleet of the same seed shows the columns without taking a sample from the first.
  const encoder =
    args.output === 'csv'
      ? createCsvEncoder(buildFleet(simulation).map((machine) => machine.next().payload))
      : createJsonEncoder(args.batchSize);
  const labels = await openText(args.labelsPath);
  const record = await openText(args.recordPath);
  const outboxFolder = args.output === 'mqtt' ? openOutboxFolder(args.mqtt.outboxFolder) : null;
  const sink =
    outboxFolder === null ? await openTextOutput(args, onReaderGone) : openMqtt(args, simulation, fleet, outboxFolder);
  return { simulation, fleet, encoder, sink, labels, record, outboxFolder };
}

function readSimulation(args: Arguments): SimulationOptions {
  const { simulation, configPath, programPath, mqtt } = args;
  const genericMachines = configPath === undefined ? [] : readConfig(configPath);
  const isFleetNamed = (simulation.machines ?? []).length + genericMachines.length > 0;
  const machines =
    isFleetNamed || mqtt.credentials === undefined ? simulation.machines : unwrap(listEnrolled(mqtt.credentials));
  return {
    ...simulation,
    ...(machines !== undefined && { machines }),
    genericMachines,
    ...(programPath !== undefined && { programText: readProgramText(programPath) }),
  };
}

/** One of the simulator's own programs by its name, or a file. */
function readProgramText(nameOrPath: string): string {
  const job = cncJobs.find(({ name }) => name === nameOrPath);
  return job === undefined ? readText(nameOrPath) : readJobProgram(job);
}

function readConfig(path: string) {
  const parsed = parseGenericConfig(readText(path));
  if (!parsed.ok) throw new UserError(parsed.error.map((problem) => `"${path}": ${problem}`).join('\n'));
  return parsed.value;
}

function buildFleet(simulation: SimulationOptions): SimulatedMachine[] {
  const fleet = createFleet(simulation);
  if (!fleet.ok) throw new UserError(fleet.error);
  return fleet.value;
}

async function openTextOutput(args: Arguments, onReaderGone: () => void): Promise<Sink> {
  if (args.output === 'stdout') return new TextSink(process.stdout, onReaderGone);
  const path = args.filePath ?? (args.output === 'csv' ? 'telemetry.csv' : 'telemetry.ndjson');
  return (await openText(path))!;
}

async function openText(path: string | undefined): Promise<Sink | null> {
  if (path === undefined) return null;
  try {
    return new TextSink(await openTextFile(path));
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}

function openMqtt(
  args: Arguments,
  simulation: SimulationOptions,
  fleet: SimulatedMachine[],
  outboxFolder: string,
): Sink {
  const { mqtt } = args;
  const endpoint = mqtt.endpoint ?? unwrap(readEndpoint(mqtt.credentials!));
  const machineIds = fleet.map((machine) => machine.machineId);
  const read = (clientId: string): TlsMaterial => ({
    ...unwrap(readCredentials(credentialPaths(mqtt), clientId)),
    ...alpnFor(endpoint),
  });
  // Files named one by one are the same for every machine.
  const common = mqtt.credentials === undefined ? read('--out mqtt') : undefined;
  const tlsFor = (clientId: string): TlsMaterial => common ?? read(clientId);
  return openOrTell({
    endpoint,
    tlsFor,
    machineIds,
    sharedConnections: mqtt.client === 'shared' ? connectionsFor(fleet, args) : 0,
    outboxFolder,
    outboxLimitMb: mqtt.outboxLimitMb,
    seed: simulation.seed ?? defaultSeed,
    ...(mqtt.basicIngestRule !== undefined && { basicIngestRule: mqtt.basicIngestRule }),
  });
}

function openOrTell(options: MqttSinkOptions): Sink {
  try {
    return new MqttSink(options);
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}

function credentialPaths({ credentials, ca, cert, key }: Arguments['mqtt']) {
  return {
    ...(credentials !== undefined && { folder: credentials }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** Three quarters of the 80 publishes a second that a connection sustains: room to catch up after an outage. */
const plannedPublishesPerS = 60;

function connectionsFor(fleet: readonly SimulatedMachine[], args: Arguments): number {
  const pace = Number.isFinite(args.speed) ? args.speed : 1;
  const samplesPerS = fleet.reduce((sum, machine) => sum + (pace * 1000) / machine.intervalMs, 0);
  return Math.max(1, Math.ceil(samplesPerS / args.batchSize / plannedPublishesPerS));
}

/** Before the first sample: what an outage leaves must have a place to go. */
function openOutboxFolder(path: string | undefined): string {
  // Made when something has to be kept.
  if (path === undefined) return join(tmpdir(), `factory-twin-outbox-${randomUUID()}`);
  makeOutputFolder('--outbox', path);
  return path;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`cannot read "${path}": ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
  }
}

function unwrap<T>(result: { ok: true; value: T } | { ok: false; error: string }): T {
  if (!result.ok) throw new UserError(result.error);
  return result.value;
}
