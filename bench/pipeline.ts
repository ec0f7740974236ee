/**
 * The laptop's whole pipeline under load: fleet over mutual TLS → broker → rule → stream → function → store, twin and
 * events, every hop the one that `npm start` runs. Says what rate it sustained at ledger difference 0, what a plant of a
 * thousand machines costs, and what the same load comes to in a bare broker. The machines work as they should, and about a
 * hundred go wrong, one after the other.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureAssembly } from '../local/command/synth.ts';
import { type CertificateAuthority, issueCertificate } from '../local/iot/certificate-authority.ts';
import { machineCatalogue } from '../simulator/catalogue.ts';
import { describeMachine } from './machine.ts';
import { readChoice, readNumber } from './options.ts';
import type { Load } from './pipeline/load.ts';
import { measureLoad, publish } from './pipeline/measure.ts';

const help = `npm run bench -- pipeline [--rate n] [--seconds n] [--machines n] [--type name] [--write] [--json]
  --rate n       messages a second that the fleet offers, one sample each (default 11000)
  --seconds n    how long (default 20)
  --machines n   connections; IoT Core takes 100 messages/s of each (default 150)
  --type name    machine type (default cnc-process)
  --window n     messages without acknowledgement before the fleet waits (default 1500)
  --assembly dir the stage's synthesis, made anew when a source is newer (default cdk.out)
  --no-plant     leave out the thousand machines at 1 Hz
  --no-bare      leave out the bare consumer
  --write        keep the result in bench/results/pipeline.json
  --json         the result on stdout as JSON`;

const options = {
  rate: { type: 'string', default: '11000' },
  seconds: { type: 'string', default: '20' },
  machines: { type: 'string', default: '150' },
  type: { type: 'string', default: 'cnc-process' },
  window: { type: 'string', default: '1500' },
  assembly: { type: 'string', default: 'cdk.out' },
  'no-plant': { type: 'boolean', default: false },
  'no-bare': { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Enough alarms for a percentile. */
const sustainedFaulty = 100;
/** The load of a great plant: each machine once a second, and one or two in a hundred go wrong within the minute. */
const plantMachines = 1000;
const plantSeconds = 60;
/** At a message a second of each machine V8 compiles for half a minute what it compiles within seconds of the greater load. */
const plantWarmUpSeconds = 30;
const plantFaulty = 16;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options });
  if (values.help) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const seconds = readNumber(values, 'seconds');
  const load: Load = {
    machines: readNumber(values, 'machines'),
    rate: readNumber(values, 'rate'),
    seconds,
    type: readChoice(values, 'type', Object.keys(machineCatalogue))[0]!,
    window: readNumber(values, 'window'),
    faultyMachines: sustainedFaulty,
    // Functions have started and most code is compiled by then; it counts towards the rate and the ledger, not the latencies.
    warmUpSeconds: seconds / 4,
  };
  const root = mkdtempSync(join(tmpdir(), 'bench-pipeline-'));
  const folderOf = (name: string): string => {
    mkdirSync(join(root, name));
    return join(root, name);
  };
  const loadAverage = loadavg()[0]!;
  try {
    await ensureAssembly(values.assembly, 'local', say);
    const folder = folderOf('sustained');
    const measured = await measureLoad(folder, values.assembly, load);
    const bareMessagesPerS = values['no-bare'] ? null : await measureBare(folder, load);
    const plant = values['no-plant'] ? null : await measurePlant(folderOf('plant'), values.assembly, load);
    // A neighbour on the same cores shows here: 1 and more before the start is not a quiet machine.
    const result = { bench: 'pipeline', ...describeMachine(), loadAverage, load, ...measured, bareMessagesPerS, plant };
    if (values.write) writeFileSync('bench/results/pipeline.json', `${JSON.stringify(result, null, 2)}\n`);
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`);
    return measured.difference + (plant?.difference ?? 0) === 0 ? 0 : 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const say = (line: string): void => void process.stderr.write(`pipeline: ${line}\n`);

async function measurePlant(folder: string, assembly: string, load: Load) {
  say(`${plantMachines} machines at 1 Hz`);
  const plant: Load = {
    ...load,
    machines: plantMachines,
    rate: plantMachines,
    seconds: plantSeconds,
    faultyMachines: plantFaulty,
    warmUpSeconds: plantWarmUpSeconds,
  };
  return { load: plant, ...(await measureLoad(folder, assembly, plant)) };
}

/** Offers more than it takes: its own rate comes out. */
async function measureBare(folder: string, load: Load): Promise<number> {
  say('the same load into a bare broker');
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
  const offered = { ...load, rate: 200_000, seconds: Math.min(load.seconds, 10), window: 5000 };
  const sent = await publish(folder, offered);
  broker.kill('SIGTERM');
  return Math.round(sent.sent / sent.seconds);
}
