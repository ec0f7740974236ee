/**
 * A laptop cloud as a process of its own, which a chaos case may harm and kill: answers commands of its parent. Its clock
 * starts at a given moment, so that every case sees the same samples at the same time.
 *
 *   node bench/chaos/cloud-process.ts <assembly> <folder> <mqtt port> <clock start, ms> <machine ids>
 */
import { join, resolve } from 'node:path';
import { installClock } from '../../local/clock.ts';
import { enrollFleet } from '../../local/command/enroll-fleet.ts';
import { type Json, owner, ServiceError } from '../../local/engine.ts';
import { type Laptop, startLaptop } from '../../local/laptop.ts';

export type Command =
  | 'kill-functions'
  | 'restart-broker'
  | 'throttle-store'
  | 'break-store'
  | 'fill-disk'
  | 'heal'
  | 'look'
  | 'stop';

export interface Look {
  readonly totals: ReturnType<Laptop['ledger']['totals']>;
  /** Machine → its present state, without the moments of receipt. */
  readonly states: Readonly<Record<string, unknown>>;
  /** Episodes that were opened, each with how often it was told under different ids. */
  readonly opened: Readonly<Record<string, number>>;
}

const [assembly = '', folder = '', portText, startText, idsText = ''] = process.argv.slice(2);
const startMs = Number(startText);
installClock({ realStartMs: Date.now(), startMs, speed: 1 });

const laptop = await startLaptop({
  assemblyFolder: resolve(assembly),
  dataFolder: join(folder, 'data'),
  port: 0,
  mqttPort: Number(portText),
  tell: (source, message) => process.stderr.write(`${source}: ${message}\n`),
});
const machines = idsText.split(',').map((machineId) => ({ machineId, machineType: 'cnc-process' }));
await enrollFleet(laptop, machines, join(folder, 'credentials'));

const eventIds = new Map<string, Set<string>>();
laptop.events.listeners.add((event) => {
  const { transition, eventId } = event.detail as { transition?: { kind: string; episodeId: string }; eventId: string };
  if (event['detail-type'] !== 'anomaly' || transition?.kind !== 'opened') return;
  const ids = eventIds.get(transition.episodeId) ?? new Set();
  eventIds.set(transition.episodeId, ids.add(eventId));
});

/** What a write meets while the disk is full or the store is away. */
const faults = new Map<string, Error>();
for (const [service, operations] of Object.entries({
  timestream: ['WriteRecords'],
  dynamodb: ['PutItem'],
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
  'fill-disk': () => {
    for (const service of ['timestream', 'dynamodb', 's3']) {
      faults.set(service, new ServiceError('InternalServerException', 'ENOSPC: no space left on device', 500));
    }
  },
  heal: () => faults.clear(),
  look,
  stop: async () => {
    await laptop.stop();
    setImmediate(() => process.exit(0));
  },
};

async function look(): Promise<Look> {
  const table = laptop.lambda.listFunctions().find(({ settings }) => settings.environment.LEASE_TABLE !== undefined)!;
  const input = { TableName: table.settings.environment.TWIN_TABLE };
  const { Items } = (await laptop.cloud.call('dynamodb', 'Scan', input, owner)) as { Items: Record<string, Json>[] };
  const states = Items.map((item) => [String(item.machineId!.S), strip(JSON.parse(String(item.state!.S)))]);
  const opened = [...eventIds].map(([episodeId, ids]) => [episodeId, ids.size]);
  return { totals: laptop.ledger.totals(), states: Object.fromEntries(states), opened: Object.fromEntries(opened) };
}

/** When a sample came is a matter of the case; what the twin made of it is not. */
function strip(state: Json): Json {
  return JSON.parse(
    JSON.stringify(state, (key, value: unknown) => (key === 'receivedAtMs' || key === 'ageMs' ? undefined : value)),
  ) as Json;
}

process.on('message', async ({ id, command }: { id: number; command: Command }) => {
  process.send!({ id, answer: (await commands[command]()) ?? null });
});
process.send!({ ready: true, port: laptop.iot.port() });
