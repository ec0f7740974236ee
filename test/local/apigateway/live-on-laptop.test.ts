import { createPrivateKey, sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ApiGatewayManagementApiClient,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../../core/api/live.ts';
import { owner } from '../../../local/engine.ts';
import { ownerKeyId } from '../../../local/wire/credentials.ts';
import { createProcessMachine } from '../../../simulator/process/machine.ts';
import { sketchCase } from '../../core/incidents/plant.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from '../assembly.ts';
import { type LiveClient, openLive } from './live-client.ts';
import { signInAs } from './sign-in.ts';

const machineId = 'SEAS-CNC-01';
const site = 'site:laptop';

describe('the live feed on the laptop', () => {
  let test: TestLaptop;
  let machine: MqttClient;
  let url = '';
  let token = '';
  let publish: () => Promise<unknown>;
  const open = (by = token, headers = {}): Promise<LiveClient> => openLive(url, by, headers);

  beforeAll(async () => {
    await synthesise();
    test = await openLaptop();
    const connection = (await enroll(test, { [machineId]: 'cnc-process', 'SILENT-01': 'cnc-process' }))(machineId);
    machine = await connectAsync(connection.url, connection.options);
    const startMs = Math.floor(Date.now() / 1000) * 1000 - 60_000;
    // So far apart that each changes the present state.
    const samples = createProcessMachine({ machineId, seed: 7, startMs, intervalMs: 3000, faults: [] });
    publish = () =>
      machine.publishAsync(`factory/${machineId}/telemetry`, JSON.stringify(samples.next().payload), { qos: 1 });
    await publish();
    token = await signInAs(test.laptop.url, 'viewer');
    url = ((await (await fetch(`${test.laptop.url}/config.json`)).json()) as { liveUrl: string }).liveUrl;
  });
  afterAll(async () => {
    await machine?.endAsync(true);
    await test?.stop();
  });

  it('gives a site as a snapshot, then what changed, number after number', async () => {
    const client = await open();
    expect(client.protocol).toBe('factory-twin');
    client.say({ action: 'subscribe', topic: site });
    await client.until(() => expect(client.of(site)[0]?.type).toBe('snapshot'));
    const [snapshot] = client.of(site) as [Extract<Frame, { type: 'snapshot' }>];
    expect(snapshot.entries.map((entry) => entry.machineId).sort()).toEqual([machineId, 'SILENT-01']);
    await publish();
    await client.until(() => expect(client.of(site).at(-1)).toMatchObject({ type: 'delta' }));
    await publish();
    await client.until(() => expect(client.of(site).length).toBeGreaterThan(2));
    let seq = snapshot.seq;
    for (const frame of client.of(site).slice(1)) {
      expect(frame).toMatchObject({ type: 'delta', from: seq, removed: [] });
      if (frame.type !== 'delta') continue;
      expect(frame.changed.map((entry) => entry.machineId)).toEqual([machineId]);
      // Members that did not change are not sent again.
      expect(frame.changed[0]).not.toHaveProperty('line');
      seq = frame.seq;
    }
    client.drop();
  });

  it('gives one machine’s twin, and a machine that nobody knows as nothing', async () => {
    const client = await open();
    client.say({ action: 'subscribe', topic: `machine:${machineId}` });
    client.say({ action: 'subscribe', topic: 'machine:NOBODY-01' });
    await client.until(() => expect(client.frames).toHaveLength(2));
    const [twin] = client.of(`machine:${machineId}`) as [Extract<Frame, { type: 'snapshot' }>];
    expect(twin.entries[0]).toMatchObject({ machineId, freshness: 'live', values: expect.any(Array) });
    expect(client.of('machine:NOBODY-01')).toMatchObject([{ type: 'snapshot', entries: [] }]);
    client.drop();
  });

  it('resumes after a drop with what changed meanwhile, and with a snapshot what is too old', async () => {
    const first = await open();
    first.say({ action: 'subscribe', topic: site });
    await first.until(() => expect(first.of(site)).not.toHaveLength(0));
    const { seq } = first.of(site).at(-1) as Extract<Frame, { type: 'snapshot' }>;
    const keeper = await open();
    keeper.say({ action: 'subscribe', topic: site });
    await keeper.until(() => expect(keeper.of(site)).not.toHaveLength(0));
    first.drop();
    await publish();
    await keeper.until(() => expect(keeper.of(site).at(-1)).toMatchObject({ type: 'delta' }));
    const again = await open();
    again.say({ action: 'resume', topic: site, since: seq });
    await again.until(() => expect(again.of(site)).not.toHaveLength(0));
    expect(again.of(site)[0]).toMatchObject({ type: 'delta', from: seq, changed: [{ machineId, site: 'laptop' }] });
    again.say({ action: 'resume', topic: site, since: 5 });
    await again.until(() => expect(again.of(site).at(-1)?.type).toBe('snapshot'));
    again.drop();
    keeper.drop();
  });

  it('shows an incident when it opens', async () => {
    const client = await open();
    client.say({ action: 'subscribe', topic: 'incidents:Kiel' });
    await client.until(() => expect(client.of('incidents:Kiel')).toMatchObject([{ type: 'snapshot', entries: [] }]));
    const Detail = JSON.stringify(sketchCase({ openedAtMs: Date.now(), severity: 'critical' }));
    const entry = { EventBusName: 'factory-local-events', Source: 'factory.twin', DetailType: 'anomaly', Detail };
    await test.laptop.cloud.call('events', 'PutEvents', { Entries: [entry] }, owner);
    await client.until(() =>
      expect(client.of('incidents:Kiel').at(-1)).toMatchObject({
        type: 'delta',
        changed: [{ severity: 'critical', machineIds: ['PUMP-001'], state: 'open' }],
      }),
    );
    client.drop();
  });

  it('answers what it does not understand with one sentence, and stays', async () => {
    const client = await open();
    const wrong: readonly [unknown, string][] = [
      ['{', 'the message is not JSON'],
      [{ action: 'dance' }, 'action: allowed are subscribe, resume, unsubscribe, ping'],
      [{ action: 'subscribe', topic: 'plant' }, 'topic: got "plant"; use site:<site>'],
      [{ action: 'subscribe', topic: 'machine:../x' }, 'topic: got "machine:../x"; use site:<site>'],
      [{ action: 'resume', topic: site }, 'since: got nothing; allowed is a number'],
      [{ action: 'resume', topic: site, since: -1 }, 'since: got -1; allowed is a number >= 0'],
      [{ action: 'ping', colour: 'blue' }, 'unknown field: "colour"'],
    ];
    for (const [message, says] of wrong) {
      const before = client.frames.length;
      client.say(message);
      await client.until(() => expect(client.frames).toHaveLength(before + 1));
      expect(client.frames.at(-1)).toMatchObject({ type: 'error', message: expect.stringContaining(says) });
    }
    client.say({ action: 'ping' });
    await client.until(() => expect(client.frames.at(-1)?.type).toBe('pong'));
    client.drop();
  });

  it('lets nobody in without a token that holds, nor with one without a role', async () => {
    const [head, body = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = `${head}.${encode({ ...claims, username: 'admin' })}.${signature}`;
    const folder = join(test.folder, 'data', 'cognito');
    const key = createPrivateKey(readFileSync(join(folder, readdirSync(folder)[0] ?? '')));
    const issue = (changes: object): string => {
      const text = `${head}.${encode({ ...claims, ...changes })}`;
      return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
    };
    for (const bad of ['', 'a.b.c', forged, issue({ exp: 1 }), issue({ client_id: 'other' }), issue({ iss: 'x' })]) {
      await expect(open(bad), bad).rejects.toThrow('401');
    }
    await expect(open(issue({ 'cognito:groups': [] }))).rejects.toThrow('403');
    // A program sends the token as a header.
    const program = await open('', { authorization: `Bearer ${token}` });
    expect(program.isOpen).toBe(true);
    program.drop();
    await expect(openLive(url.replace('/live', '/other'), token)).rejects.toThrow('404');
  });

  it('sends for whoever may, and only to who is there', async () => {
    const send = (accessKeyId: string) =>
      new ApiGatewayManagementApiClient({
        endpoint: url.replace(/^ws/, 'http'),
        region: 'us-east-1',
        credentials: { accessKeyId, secretAccessKey: 'any' },
        maxAttempts: 1,
      }).send(new PostToConnectionCommand({ ConnectionId: 'L0SM9cOFvHcCIhw=', Data: Buffer.from('{}') }));
    await expect(send(ownerKeyId)).rejects.toBeInstanceOf(GoneException);
    const roles = test.laptop.cloud.iam.listRoles();
    const other = roles.find((arn) => arn.includes('DetectionWorkerRole')) ?? '';
    await expect(send(test.laptop.credentials.issue(other).accessKeyId)).rejects.toThrow(
      /DetectionWorkerRole.*not authorized to perform: execute-api:ManageConnections.*live\/POST\/@connections/,
    );
    expect(test.told).toEqual([expect.stringContaining('execute-api:ManageConnections')]);
  });
});
