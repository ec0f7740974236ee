import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openArtefact, writeArtefact } from '../../../core/learning/artefact.ts';
import type { FinishedLife } from '../../../core/prognosis/similarity.ts';
import { unpackJson } from '../../../lambdas/adapters/packed-json.ts';
import type { PresentState } from '../../../lambdas/ports/twin-writer.ts';
import { modelsBucketName } from '../../../lib/names.ts';
import { ownerKeyId } from '../../../local/wire/credentials.ts';
import { createPumpMachine } from '../../../simulator/pump/machine.ts';
import { createPumpTraining } from '../../../simulator/pump/training.ts';
import { until } from '../../until.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from '../assembly.ts';

const machineId = 'PUMP-001';
const pinnedId = 'PUMP-002';
const bucket = modelsBucketName('local', '000000000000', 'us-east-1');
/** Less than a minute in all: older values are stale on arrival, and stale ones teach nothing. */
const intervalMs = 100;
const samples = 560;
const batch = 56;

const credentials = { accessKeyId: ownerKeyId, secretAccessKey: 'any' };

let test: TestLaptop;
let clients: Record<string, MqttClient>;
let dynamoDb: DynamoDBClient;

beforeAll(async () => {
  await synthesise();
  test = await openLaptop();
  const connectionOf = await enroll(test, { [machineId]: 'centrifugal-pump', [pinnedId]: 'centrifugal-pump' });
  const connect = ({ url, options }: ReturnType<typeof connectionOf>) => connectAsync(url, options);
  clients = {
    [machineId]: await connect(connectionOf(machineId)),
    [pinnedId]: await connect(connectionOf(pinnedId)),
  };
  dynamoDb = new DynamoDBClient({ endpoint: test.laptop.url, region: 'us-east-1', credentials });
});
afterAll(async () => {
  dynamoDb?.destroy();
  for (const client of Object.values(clients ?? {})) await client.endAsync(true);
  await test?.stop();
});

it('tells the state by the model that ships, and keeps the life of a bearing that was replaced', async () => {
  const client = clients[machineId]!;
  await wearBearing(machineId);
  const renewed = { event: 'maintenance_done', component: 'bearing' };
  await client.publishAsync(`factory/${machineId}/lifecycle`, JSON.stringify(renewed), { qos: 1 });

  const { environment } = test.laptop.lambda
    .listFunctions()
    .find(({ settings }) => settings.environment.LIFE_TABLE)!.settings;
  const asked = new QueryCommand({
    TableName: environment.LIFE_TABLE!,
    KeyConditionExpression: 'machineType = :type',
    ExpressionAttributeValues: { ':type': { S: 'centrifugal-pump' } },
  });
  const lives = await until(async () => {
    const { Items = [] } = await dynamoDb.send(asked);
    expect(Items).toHaveLength(1);
    return Items;
  });
  expect(lives[0]!.lifeId!.S).toContain(`/${machineId}/`);
  expect((unpackJson(lives[0]!.life!.B!) as FinishedLife).failureMode).toBe('bearing_wear');

  expect(await modelOf(machineId)).toMatch(/^centrifugal-pump-0/);
});

it('puts a machine on a plant’s own model by one command, and takes it off again', async () => {
  const shipped = openArtefact(readFileSync('core/learning/models/centrifugal-pump.json', 'utf8'));
  if (!shipped.ok) throw new Error(shipped.error);
  const { model, artefact } = shipped.value;
  const file = join(test.folder, 'own.json');
  writeFileSync(file, writeArtefact(model, { ...artefact, codeVersion: '9.9.9' }));
  const pinned = await command('bin/registry.ts', 'local', 'pin', file, pinnedId);
  expect(pinned.err).toContain('1 machines pinned to centrifugal-pump-9.9.9-');
  await wearBearing(pinnedId);
  await until(async () => expect(await modelOf(pinnedId)).toMatch(/^centrifugal-pump-9\.9\.9-/));

  const { err } = await command('bin/registry.ts', 'local', 'unpin', pinnedId);
  expect(err).toMatch(/PUMP-002: no longer on centrifugal-pump-9\.9\.9-/);
  writeFileSync(file, readFileSync(file, 'utf8').replace('9.9.9', '9.9.8'));
  expect(await command('bin/registry.ts', 'local', 'pin', file, pinnedId)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^registry: \S+own\.json: model: got checksum .* the file is damaged\n$/),
  });
});

it('trains on the archive where it lies in S3', async () => {
  const s3 = new S3Client({ endpoint: test.laptop.url, region: 'us-east-1', credentials, forcePathStyle: true });
  const payloads = [...createPumpTraining({ seed: 5, units: 6, machineIdPrefix: 'P' })].map(({ payload }) => payload);
  const lines = payloads.filter((_, i) => i % 20 === 0).map((payload) => `${JSON.stringify(payload)}\n`);
  const parts = [lines.slice(0, lines.length >> 1), lines.slice(lines.length >> 1)];
  for (const [i, part] of parts.entries()) {
    const Key = `training/centrifugal-pump/2026/01/0${i + 1}.gz`;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: gzipSync(part.join('')) }));
  }
  s3.destroy();
  const train = (prefix: string) => {
    const from = ['--from', 'archive', '--data-path', `s3://${bucket}/${prefix}`, '--out', join(test.folder, 'models')];
    return command('bin/train.ts', '--machine-type', 'centrifugal-pump', ...from, '--json');
  };
  const { code, out, err } = await train('training/');
  expect(err).toContain('2 objects fetched');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ source: 'archive', promoted: true });
  expect((await train('nothing/')).err).toContain(`got "s3://${bucket}/nothing/", there is nothing below it`);
});

/** One that wears to its end within a minute of its own. */
async function wearBearing(machine: string): Promise<void> {
  const startMs = Math.floor(Date.now() / 1000) * 1000 - samples * intervalMs;
  const faults = [{ mode: 'bearing_wear', onsetS: 16, growthS: 40, severity: 1 }];
  const pump = createPumpMachine({ machineId: machine, seed: 3, startMs, intervalMs, lifecycle: 'none', faults });
  for (let sent = 0; sent < samples; sent += batch) {
    const payloads = Array.from({ length: batch }, () => pump.next().payload);
    await clients[machine]!.publishAsync(`factory/${machine}/telemetry`, JSON.stringify({ samples: payloads }), {
      qos: 1,
    });
  }
}

async function modelOf(machine: string): Promise<string | null> {
  const { environment } = test.laptop.lambda
    .listFunctions()
    .find(({ settings }) => settings.environment.LIFE_TABLE)!.settings;
  const Key = { machineId: { S: machine } };
  const { Item } = await dynamoDb.send(new GetItemCommand({ TableName: environment.TWIN_TABLE!, Key }));
  return Item === undefined ? null : ((unpackJson(Item.state!.B!) as PresentState).condition?.modelVersion ?? null);
}

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function command(program: string, ...args: string[]): Promise<Outcome> {
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: test.laptop.url,
    AWS_ACCESS_KEY_ID: ownerKeyId,
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_REGION: 'us-east-1',
  };
  return new Promise((done) =>
    execFile(process.execPath, [program, ...args], { encoding: 'utf8', env, maxBuffer: 1e8 }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code), out, err }),
    ),
  );
}
