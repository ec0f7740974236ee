/**
 * The laptop's whole pipeline under load: fleet over mutual TLS → broker → rule → stream → function → store, twin and
 * events, every hop the one that `npm start` runs. Says what rate it sustained at ledger difference 0.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { enrollFleet } from '../local/command/enroll-fleet.ts';
import { ensureAssembly } from '../local/command/synth.ts';
import { type CertificateAuthority, issueCertificate } from '../local/iot/certificate-authority.ts';
import { type Laptop, startLaptop } from '../local/laptop.ts';
import { createLedger, type Ledger } from '../local/ledger/ledger.ts';
import { createDurations, type Durations } from '../local/ledger/percentiles.ts';
import { describeMachine } from './machine.ts';

const help = `npm run bench -- pipeline [--rate n] [--seconds n] [--machines n] [--type name] [--write] [--json]
  --rate n       messages a second that the fleet offers (default 10000)
  --seconds n    how long (default 20)
  --machines n   connections; IoT Core takes 100 messages/s of each (default 150)
  --type name    machine type (default cnc-process)
  --window n     messages without acknowledgement before the fleet waits (default 5000)
  --assembly dir the stage's synthesis, made anew when a source is newer (default cdk.out)
  --no-bare      leave out the bare consumer
  --write        keep the result in bench/results/pipeline.json
  --json         the result on stdout as JSON`;

/** How long the pipeline may take after the last message to be done with all. */
const drainMs = 120_000;

interface Load {
  readonly rate: number;
  readonly seconds: number;
  readonly type: string;
  readonly window: number;
  readonly assemblyFolder: string;
}

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      rate: { type: 'string', default: '10000' },
      seconds: { type: 'string', default: '20' },
      machines: { type: 'string', default: '150' },
      type: { type: 'string', default: 'cnc-process' },
      window: { type: 'string', default: '5000' },
      assembly: { type: 'string', default: 'cdk.out' },
      'no-bare': { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const load = {
    rate: Number(values.rate),
    seconds: Number(values.seconds),
    type: values.type,
    window: Number(values.window),
    assemblyFolder: values.assembly,
  };
  const folder = mkdtempSync(join(tmpdir(), 'bench-pipeline-'));
  try {
    const measured = await measurePipeline(folder, load, Number(values.machines));
    const bareMessagesPerS = values['no-bare'] ? null : await measureBare(folder, load);
    const result = {
      bench: 'pipeline',
      ...describeMachine(),
      load: { ...load, machines: Number(values.machines) },
      ...measured,
      bareMessagesPerS,
    };
    if (values.write) writeFileSync('bench/results/pipeline.json', `${JSON.stringify(result, null, 2)}\n`);
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`);
    return measured.difference === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measurePipeline(folder: string, load: Load, machineCount: number) {
  const { assemblyFolder } = load;
  await ensureAssembly(assemblyFolder, 'local', (line) => process.stderr.write(`pipeline: ${line}\n`));
  const hops = {
    machineToBroker: createDurations(),
    streamToDone: createDurations(),
    machineToAlert: createDurations(),
  };
  const ledger = observeLedger(createLedger(), hops.machineToBroker, hops.streamToDone);
  const laptop = await startLaptop({
    assemblyFolder,
    dataFolder: join(folder, 'data'),
    port: 0,
    mqttPort: 0,
    ledger,
    tell: (source, message) => process.stderr.write(`${source}: ${message}\n`),
  });
  try {
    await enrollFleet(laptop, listMachines(load.type, machineCount), join(folder, 'credentials'));
    observeAlerts(laptop, hops.machineToAlert);
    const watch = watchMemory();
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    const sent = await publish(folder, load);
    await drain(laptop);
    const seconds = (performance.now() - startMs) / 1000;
    const totals = ledger.totals();
    const cpu = process.cpuUsage(startCpu);
    return {
      messages: sent.sent,
      seconds,
      messagesPerS: Math.round(sent.sent / seconds),
      ledger: totals,
      difference: totals.difference + totals.inFlight + Math.abs(sent.sent - totals.published),
      latencyMs: { machineToBroker: hops.machineToBroker.percentiles(), streamToDone: hops.streamToDone.percentiles() },
      publishToAlertMs: hops.machineToAlert.percentiles(),
      // Of the cloud's process with all its threads; the fleet is another.
      cpuMsPerMessage: (cpu.user + cpu.system) / 1000 / sent.sent,
      rssMb: watch.stop(),
    };
  } finally {
    await laptop.stop();
  }
}

const listMachines = (machineType: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ machineId: `M-${String(i + 1).padStart(4, '0')}`, machineType }));

/** Looks at one message in a hundred on its way past. */
function observeLedger(ledger: Ledger, toBroker: Durations, toDone: Durations): Ledger {
  let seen = 0;
  return {
    ...ledger,
    get messages() {
      return ledger.messages;
    },
    published: (topic, payload, atMs) => {
      if (seen++ % 100 === 0) toBroker.add(Date.now() - Date.parse(Buffer.from(payload.subarray(14, 38)).toString()));
      ledger.published(topic, payload, atMs);
    },
    consumed: (records) => {
      const nowMs = Date.now();
      for (let i = 0; i < records.length; i += 100)
        toDone.add(nowMs - (records[i] as unknown as { arrivalMs: number }).arrivalMs);
      ledger.consumed(records);
    },
  };
}

/** The samples' timestamps are the moments of publishing. */
function observeAlerts(laptop: Laptop, durations: Durations): void {
  laptop.events.listeners.add((event) => {
    const { atMs, transition } = event.detail as { atMs: number; transition?: { kind: string } };
    if (transition?.kind === 'opened') durations.add(Date.now() - atMs);
  });
}

async function publish(folder: string, load: Load): Promise<{ sent: number; unacknowledged: number; seconds: number }> {
  const args = [
    'bench/pipeline/publisher.ts',
    join(folder, 'credentials'),
    String(load.rate),
    String(load.seconds),
    load.type,
    String(load.window),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((done) => child.on('close', done));
  if (code !== 0) throw new Error(`the fleet ended with code ${String(code)}`);
  return JSON.parse(output);
}

async function drain(laptop: Laptop): Promise<void> {
  const untilMs = performance.now() + drainMs;
  while (laptop.ledger.totals().inFlight > 0 && performance.now() < untilMs) await sleep(20);
}

function watchMemory(): { stop(): number } {
  let mostBytes = 0;
  const timer = setInterval(() => (mostBytes = Math.max(mostBytes, process.memoryUsage.rss())), 200);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.round(mostBytes / 1024 / 1024);
    },
  };
}

/** Offers more than it takes: its own rate comes out. */
async function measureBare(folder: string, load: Load): Promise<number> {
  const authority = JSON.parse(readFileSync(join(folder, 'data/iot/authority.json'), 'utf8')) as CertificateAuthority;
  const server = issueCertificate(authority, { commonName: 'localhost', usage: 'server', dnsNames: ['localhost'] });
  const file = join(folder, 'bare.json');
  writeFileSync(
    file,
    JSON.stringify({ ca: authority.certificatePem, cert: server.certificatePem, key: server.privateKeyPem }),
  );
  const broker = spawn(process.execPath, ['bench/pipeline/bare-consumer.ts', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((done) =>
    broker.stdout.once('data', (chunk: Buffer) => done(chunk.toString())),
  );
  writeFileSync(join(folder, 'credentials/endpoint.json'), JSON.stringify({ endpoint: `mqtts://localhost:${port}` }));
  const sent = await publish(folder, { ...load, rate: 200_000, seconds: Math.min(load.seconds, 10) });
  broker.kill('SIGTERM');
  return Math.round(sent.sent / sent.seconds);
}
