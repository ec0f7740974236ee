/**
 * The laptop cloud as a process of its own, for `bench -- api`: registers machines, makes one real row and present state
 * by the pipeline, renews the present state of each machine once a second when it is told to, and rolls minutes up.
 *
 *   node bench/api/cloud-process.ts <assembly> <data folder> <machine ids>
 */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { connectAsync } from 'mqtt';
import { enrollFleet } from '../../local/command/enroll-fleet.ts';
import { type Json, owner } from '../../local/engine.ts';
import { startLaptop } from '../../local/laptop.ts';
import { createProcessMachine } from '../../simulator/process/machine.ts';

const [assembly = '', dataFolder = '', idsText = ''] = process.argv.slice(2);
const machineIds = idsText.split(',');
const laptop = await startLaptop({
  assemblyFolder: resolve(assembly),
  dataFolder,
  port: 0,
  mqttPort: 0,
  tell: (source, message) => process.stderr.write(`${source}: ${message}\n`),
});
const call = (operation: string, input: Json, service = 'dynamodb'): Promise<unknown> =>
  laptop.cloud.call(service, operation, input, owner);
const tableOf = (variable: string): string => {
  const found = laptop.lambda.listFunctions().find(({ settings }) => settings.environment[variable] !== undefined);
  return found?.settings.environment[variable] ?? '';
};
const [registry, twins] = [tableOf('REGISTRY_TABLE'), tableOf('TWIN_TABLE')];

async function publishSamples(machineId: string): Promise<void> {
  const folder = join(dataFolder, 'credentials');
  await enrollFleet(laptop, [{ machineId, machineType: 'cnc-process' }], folder);
  const read = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');
  const client = await connectAsync(`mqtts://localhost:${laptop.iot.port()}`, {
    clientId: machineId,
    ca: read('ca.pem'),
    cert: read(machineId, 'cert.pem'),
    key: read(machineId, 'private.key'),
  });
  const startMs = Date.now() - 5000;
  const samples = createProcessMachine({ machineId, seed: 1, startMs, intervalMs: 1000, faults: [] });
  for (let i = 0; i < 5; i++) {
    await client.publishAsync(`factory/${machineId}/telemetry`, JSON.stringify(samples.next().payload), { qos: 1 });
  }
  while (laptop.ledger.totals().stored < 5) await new Promise((done) => setTimeout(done, 20));
  await client.endAsync();
}

/** Everything of the state stays as it is but its moments: those of a machine that sends once a second. */
async function renewTwins(model: Json): Promise<void> {
  const now = { N: String(Date.now()) };
  for (const machineId of machineIds) {
    const Item = { ...model, machineId: { S: machineId }, sampledAtMs: now, receivedAtMs: now };
    await call('PutItem', { TableName: twins, Item });
  }
}

/** The minutes of a day that ended then, as they stand just before the next of four runs a day: the last six hours are raw. */
async function rollUp(endMs: number): Promise<void> {
  const hourMs = 3_600_000;
  const { ScheduledQueries } = (await call('ListScheduledQueries', {}, 'timestream')) as {
    ScheduledQueries: { Arn: string; TargetDestination: { TimestreamDestination: { TableName: string } } }[];
  };
  const minutes = ScheduledQueries.find((one) => /minute/i.test(one.TargetDestination.TimestreamDestination.TableName));
  // A run looks eight hours back.
  for (const hours of [22, 14, 6]) {
    const run = { ScheduledQueryArn: minutes?.Arn, InvocationTime: (endMs - hours * hourMs) / 1000 };
    await call('ExecuteScheduledQuery', run, 'timestream');
  }
}

let model: Json | undefined;
process.on('message', async (message: string) => {
  const [command, given] = message.split(' ');
  if (command === 'roll-up') await rollUp(Number(given));
  if (command === 'prepare') {
    await publishSamples(machineIds[0] ?? '');
    for (const machineId of machineIds) {
      const [machineType, name, site, line] = ['cnc-process', machineId, 'bench', 'one'].map((S) => ({ S }));
      await call('PutItem', {
        TableName: registry,
        Item: { machineId: { S: machineId }, machineType, name, site, line },
      });
    }
  }
  if (command === 'renew' || command === 'prepare') {
    const Key = { machineId: { S: machineIds[0] } };
    model ??= ((await call('GetItem', { TableName: twins, Key })) as { Item: Json }).Item;
    await renewTwins(model);
  }
  if (command === 'stop') {
    await laptop.stop();
    process.disconnect();
    return;
  }
  process.send?.({ done: command, rssMb: Math.round(process.memoryUsage.rss() / 1024 / 1024) });
});
process.send?.({ done: 'start', url: laptop.url, liveUrl: laptop.webSockets.listUrls()[0] });
