/**
 * A laptop cloud as a process of its own, which a chaos case may harm and kill: answers commands of its parent. Its clock
 * starts at a given moment, so that every case sees the same samples at the same time.
 *
 *   node bench/chaos/cloud-process.ts <assembly> <folder> <mqtt port> <clock start, ms> <machine ids>
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { unpackJson } from '../../lambdas/adapters/packed-json.ts';
import { installClock } from '../../local/clock.ts';
import { enrollFleet } from '../../local/command/enroll-fleet.ts';
import { catchTheRest, tellSeldom } from '../../local/command/trouble.ts';
import { type Json, owner, ServiceError } from '../../local/engine.ts';
import { type Laptop, startLaptop } from '../../local/laptop.ts';
import { fillDisk, freeDisk } from './small-disk.ts';

export type Command =
  | 'kill-functions'
  | 'restart-broker'
  | 'throttle-store'
  | 'break-store'
  | 'fill-disk'
  | 'refuse-writes'
  | 'heal'
  | 'look';

export interface Look {
  readonly totals: ReturnType<Laptop['ledger']['totals']>;
  /** In the store, counted there. */
  readonly rows: number;
  /** Machine → its present state, without the moments of receipt. */
  readonly states: Readonly<Record<string, unknown>>;
  /** Episodes that were opened, each with how often it was told under different ids. */
  readonly opened: Readonly<Record<string, number>>;
}

const [assembly = '', folder = '', portText, startText, idsText = ''] = process.argv.slice(2);
const startMs = Number(startText);
installClock({ realStartMs: Date.now(), startMs, speed: 1 });

const dataFolder = join(folder, 'data');
const say = tellSeldom((line) => void process.stderr.write(`${line}\n`));
catchTheRest(join(folder, 'fault.log'), say);

const laptop = await startLaptop({
  assemblyFolder: resolve(assembly),
  dataFolder,
  port: 0,
  mqttPort: Number(portText),
  tell: (source, message) => say(`${source}: ${message}`),
});
const machines = idsText.split(',').map((machineId) => ({ machineId, machineType: 'cnc-process' }));
await enrollFleet(laptop, machines, join(folder, 'credentials'));

/** Kept on disk: an alarm that was told before a kill was told. */
const openedFile = join(folder, 'opened.ndjson');
laptop.events.listeners.add((event) => {
  const { transition, eventId } = event.detail as { transition?: { kind: string; episodeId: string }; eventId: string };
  if (event['detail-type'] !== 'anomaly' || transition?.kind !== 'opened') return;
  appendFileSync(openedFile, `${JSON.stringify({ episodeId: transition.episodeId, eventId })}\n`);
});

function readOpened(): Record<string, number> {
  const ids = new Map<string, Set<string>>();
  const lines = existsSync(openedFile) ? readFileSync(openedFile, 'utf8').trim().split('\n') : [];
  for (const line of lines) {
    const { episodeId, eventId } = JSON.parse(line) as { episodeId: string; eventId: string };
    ids.set(episodeId, (ids.get(episodeId) ?? new Set()).add(eventId));
  }
  return Object.fromEntries([...ids].map(([episodeId, { size }]) => [episodeId, size]));
}

/** What a write meets while the store is away. */
const faults = new Map<string, Error>();
for (const [service, operations] of Object.entries({
  timestream: ['WriteRecords'],
  dynamodb: ['PutItem', 'BatchWriteItem'],
  s3: ['PutObject'],
})) {
  for (const name of operations) {
    const operation = laptop.cloud.findEngine(service)!.operations[name]!;
    const { run } = operation;
    operation.run = (input, caller) => {
      const fault = faults.get(service);
      if (fault !== undefined) throw fault;
      return run(input, caller);
    };
  }
}

const commands: Readonly<Record<Command, () => unknown>> = {
  'kill-functions': () => Promise.all(laptop.lambda.listFunctions().map((found) => found.kill())),
  'restart-broker': async () => {
    await laptop.iot.stop!();
    await laptop.iot.start!();
  },
  'throttle-store': () => faults.set('timestream', new ServiceError('ThrottlingException', 'Rate exceeded', 429)),
  'break-store': () => faults.set('timestream', new ServiceError('InternalServerException', 'The store is down', 500)),
  'fill-disk': () => fillDisk(dataFolder),
  'refuse-writes': () => {
    for (const service of ['timestream', 'dynamodb', 's3']) {
      faults.set(service, new ServiceError('InternalServerException', 'ENOSPC: no space left on device', 500));
    }
  },
  heal: () => {
    faults.clear();
    freeDisk(dataFolder);
  },
  look,
};

async function look(): Promise<Look> {
  // First: what ends while the rest is read would be missing there.
  const totals = laptop.ledger.totals();
  const table = laptop.lambda.listFunctions().find(({ settings }) => settings.environment.LEASE_TABLE !== undefined)!;
  const input = { TableName: table.settings.environment.TWIN_TABLE };
  const { Items } = (await laptop.cloud.call('dynamodb', 'Scan', input, owner)) as { Items: Record<string, Json>[] };
  const states = Items.map((item) => [
    String(item.machineId!.S),
    strip(unpackJson(Buffer.from(String(item.state!.B), 'base64')) as Json),
  ]);
  const { STORE_DATABASE, STORE_TABLE } = table.settings.environment;
  const QueryString = `SELECT count(*) FROM "${STORE_DATABASE}"."${STORE_TABLE}"`;
  const { Rows } = (await laptop.cloud.call('timestream', 'Query', { QueryString }, owner)) as {
    Rows: { Data: { ScalarValue: string }[] }[];
  };
  return {
    totals,
    rows: Number(Rows[0]!.Data[0]!.ScalarValue),
    states: Object.fromEntries(states),
    opened: readOpened(),
  };
}

/** When a sample came, and how often, is a matter of the case; what the twin made of it is not. */
const matterOfTheCase: ReadonlySet<string> = new Set(['receivedAtMs', 'ageMs', 'counts']);

function strip(state: Json): Json {
  return JSON.parse(
    JSON.stringify(state, (key, value: unknown) => (matterOfTheCase.has(key) ? undefined : value)),
  ) as Json;
}

process.on('message', ({ id, command }: { id: number; command: Command }) => {
  Promise.resolve(commands[command]()).then(
    (answer) => process.send!({ id, answer: answer ?? null }),
    (error: Error) => process.send!({ id, error: error.message }),
  );
});
process.send!({ ready: true });
