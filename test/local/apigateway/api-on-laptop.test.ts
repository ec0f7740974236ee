import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { parquetReadObjects } from 'hyparquet';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deskOperations } from '../../../core/api/desk.ts';
import { operations } from '../../../core/api/operations.ts';
import { createProcessMachine } from '../../../simulator/process/machine.ts';
import { until } from '../../until.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from '../assembly.ts';
import { signInAs } from './sign-in.ts';
import { type Signer, sign } from './signed.ts';

const machineId = 'SEAS-CNC-01';
/** What this file looks at in answers. */
interface Told {
  readonly workOrderId: string;
  readonly detail: string;
  readonly samples: readonly number[];
}

describe('the API on the laptop', () => {
  let test: TestLaptop;
  let client: MqttClient;
  let token = '';

  const get = async (path: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) => {
    const response = await fetch(`${test.laptop.url}${path}`, { headers });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };

  beforeAll(async () => {
    await synthesise();
    test = await openLaptop();
    const connection = (await enroll(test, { [machineId]: 'cnc-process', 'SILENT-01': 'cnc-process' }))(machineId);
    client = await connectAsync(connection.url, connection.options);
    token = await signInAs(test.laptop.url, 'viewer');
    // The function's first start on a busy machine may take longer than a sample stays live.
    await get('/api/machines');
    const startMs = Math.floor(Date.now() / 1000) * 1000 - 60 * 2000;
    const machine = createProcessMachine({ machineId, seed: 7, startMs, intervalMs: 2000, faults: [] });
    for (let i = 0; i < 60; i++) {
      await client.publishAsync(`factory/${machineId}/telemetry`, JSON.stringify(machine.next().payload), { qos: 1 });
    }
    await until(() => expect(test.laptop.ledger.totals()).toMatchObject({ published: 60, inFlight: 0 }));
  });
  afterAll(async () => {
    await client?.endAsync(true);
    await test?.stop();
  });

  it('shows a machine as its last sample left it, and one that never spoke as such', async () => {
    const { body } = await get('/api/machines');
    expect(body.machines).toMatchObject([
      { machineId, freshness: 'live', severity: expect.any(String), site: 'laptop' },
      { machineId: 'SILENT-01', freshness: 'never', decision: 'do_not_proceed', ageMs: null },
    ]);
    const twin = (await get(`/api/machines/${machineId}`)).body;
    expect(twin).toMatchObject({ sequence: 59, phase: 'roughing', freshness: 'live' });
    const load = twin.values.find((value: { signal: string }) => value.signal === 'spindle_load_pct');
    expect(load).toMatchObject({ unit: '%', quality: 'good', value: expect.any(Number), ageMs: expect.any(Number) });
  });

  it('answers every operation to a viewer as its schema says', async () => {
    for (const { path, query, answer, method } of [...operations, ...deskOperations]) {
      if (method !== 'GET' || /\{(incident|workOrder)Id\}/.test(path)) continue;
      const site = Object.hasOwn(query.shape, 'site');
      const filled = path.replace('{machineId}', machineId).replace('{typeName}', 'cnc-process');
      const { status, body, headers } = await get(site ? `${filled}?site=laptop` : filled);
      expect(status, `${path} ${JSON.stringify(body)}`).toBe(200);
      expect(headers.get('content-type')).toBe(answer.contentType);
      answer.schema.parse(body);
    }
  });

  it('tells how the machine was at a past time, and that it was not heard of before', async () => {
    const now = (await get(`/api/machines/${machineId}`)).body;
    const at = new Date(Date.parse(now.sampledAt) - 30_000).toISOString();
    const past = (await get(`/api/machines/${machineId}?at=${at}`)).body;
    expect(past).toMatchObject({ freshness: 'live', asOf: at, rebuilt: { fromSampleAt: expect.any(String) } });
    expect(past.sequence).toBe(now.sequence - 15);
    expect(past.values.map(({ signal }: { signal: string }) => signal)).toContain('spindle_load_pct');
    const before = (await get(`/api/machines/${machineId}?at=2020-01-01T00:00:00Z`)).body;
    expect(before).toMatchObject({ freshness: 'never', values: [] });
  });

  it('sums the plant up, with the work that is due and what it costs', async () => {
    const { plant, sites } = (await get('/api/fleet')).body;
    expect(plant).toMatchObject({ machines: 2, never: 1, due: 1, orderNow: 1 });
    expect(plant.actingEur).toBeGreaterThan(0);
    expect(sites).toMatchObject([{ site: 'laptop', due: 1, waitingEur: plant.waitingEur }]);
  });

  it('lists the incidents that stood open at a past time', async () => {
    const idsOf = (body: { incidents: { incidentId: string }[] }) => body.incidents.map(({ incidentId }) => incidentId);
    const live = async () => (await get('/api/incidents?site=laptop')).body;
    await until(async () => expect(idsOf(await live())).not.toEqual([]));
    const [first] = (await live()).incidents;
    const open = (await get(`/api/incidents?site=laptop&at=${first.openedAt}`)).body;
    expect(idsOf(open)).toContain(first.incidentId);
    expect(idsOf((await get('/api/incidents?site=laptop&at=2020-01-01T00:00:00Z')).body)).toEqual([]);
    const { body } = await get(`/api/incidents/${first.incidentId}`);
    expect(body).toMatchObject({ incidentId: first.incidentId, historyBreak: null });
  });

  it('counts a machine’s samples as the cloud’s own ledger does', async () => {
    const { machines } = (await get('/api/ledger')).body;
    const [told] = machines;
    const { stored, duplicates, quarantined } = test.laptop.ledger.totals();
    expect(told).toMatchObject({ machineId, missing: 0, duplicates, quarantined });
    expect(told.received).toBe(told.used + told.late + told.duplicates + told.quarantined);
    // Counted when the state was last written: the last sample or two may not be in yet.
    expect(stored - told.used).toBeLessThan(5);
    expect(machines[1]).toMatchObject({ machineId: 'SILENT-01', received: 0, countedUntil: null });
  });

  it('gives the history as a Parquet file through gateway and function', async () => {
    const response = await fetch(`${test.laptop.url}/api/machines/${machineId}/history.parquet?resolutionS=10`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const rows = await parquetReadObjects({ file: await response.arrayBuffer() });
    expect(rows.reduce((sum, { samples }) => sum + Number(samples), 0)).toBe(60);
  });

  it('pages a history whose parts are the whole, and downsamples in the store', async () => {
    const path = `/api/machines/${machineId}/history?resolutionS=10&signals=spindle_load_pct`;
    const whole = (await get(path)).body;
    expect(whole.samples.reduce((sum: number, n: number) => sum + n, 0)).toBe(60);
    const times: number[] = [];
    let cursor: string | null = null;
    do {
      const page: { timesMs: number[]; next: string | null } = (
        await get(`${path}&limit=5&to=${whole.to}&from=${whole.from}${cursor === null ? '' : `&cursor=${cursor}`}`)
      ).body;
      times.push(...page.timesMs);
      cursor = page.next;
    } while (cursor !== null);
    expect(times).toEqual(whole.timesMs);
    const { mean, min, max } = whole.signals.spindle_load_pct;
    mean.forEach((value: number, i: number) => {
      expect(value).toBeGreaterThanOrEqual(min[i]);
      expect(value).toBeLessThanOrEqual(max[i]);
    });
  });

  it('tells the chatter of the scenario as an anomaly', async () => {
    const { body } = await get(`/api/machines/${machineId}/anomalies`);
    const chatter = body.anomalies.find((anomaly: { code: string }) => anomaly.code === 'chatter_risk');
    expect(chatter.samples).toBeGreaterThanOrEqual(9);
    expect(body.next).toBeNull();
  });

  it('lets nothing of a parameter into a query', async () => {
    const attempts = [
      `signals=spindle_load_pct"%20FROM%20x--`,
      'signals=nothing_like_it',
      `from=2026-01-01T00:00:00Z'%20OR%201=1`,
      'resolutionS=1);DROP',
      'cursor=..%2F..',
      'limit=1e99',
      'unheard_of=1',
    ];
    for (const attempt of attempts) {
      const { status, body } = await get(`/api/machines/${machineId}/history?${attempt}`);
      expect(status, attempt).toBe(400);
      expect(body.detail, attempt).toBeTruthy();
    }
    const { status } = await get(`/api/machines/${encodeURIComponent("x' OR '1'='1")}/history`);
    expect(status).toBe(400);
    expect((await get('/api/machines/NOBODY-01')).status).toBe(404);
  });

  it('takes a person’s wish to an order, a decision to the workflow, and findings to a label', async () => {
    const operator = await signInAs(test.laptop.url, 'operator');
    const send = async (path: string, body: object, bearer = operator) => {
      const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
      const response = await fetch(`${test.laptop.url}${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as Told };
    };
    const wish = { action: 'check_cooling', reason: 'it runs warm' };
    const path = `/api/machines/${machineId}/maintenance-requests`;
    expect((await send(path, wish, token)).status).toBe(403);
    const asked = await send(path, wish);
    expect(asked.status, JSON.stringify(asked.body)).toBe(200);
    const order = `/api/work-orders/${asked.body.workOrderId}`;
    const stateOf = async (): Promise<string> => (await get(order)).body.state;
    await until(async () => expect(await stateOf()).toBe('proposed'));
    const schedule = (await get('/api/maintenance/schedule?site=laptop')).body;
    expect(schedule.undecided).toContainEqual(
      expect.objectContaining({ workOrderId: asked.body.workOrderId, requestedBy: 'operator' }),
    );
    const again = await send(path, wish);
    expect([again.status, again.body.detail]).toEqual([409, expect.stringContaining(asked.body.workOrderId)]);
    const ready = async () => (await send(`${order}/decisions`, { verdict: 'approve' })).status;
    await until(async () => expect(await ready()).toBe(200));
    await until(async () => expect(await stateOf()).toBe('scheduled'));
    const done = await send(`${order}/findings`, { result: 'confirmed', text: 'a kinked hose' });
    expect(done.body).toMatchObject({ state: 'done', findings: { by: 'operator' } });
    expect((await send(`${order}/decisions`, { verdict: 'reject', reason: 'late' })).status).toBe(409);
  });

  it('lets a program in by its role’s signature, where IAM lets the role invoke that very route', async () => {
    const { laptop } = test;
    const createRole = async (name: string, ManagedPolicyArns: readonly string[]) => {
      const AssumeRolePolicyDocument = { Statement: [] };
      const properties = { RoleName: name, AssumeRolePolicyDocument, ManagedPolicyArns };
      const type = 'AWS::IAM::Role';
      const request = { stack: 't', logicalId: name, physicalName: name, type, properties };
      const { attributes } = await laptop.cloud.findModel(type)!.create(request);
      return laptop.credentials.issue(attributes!.Arn!);
    };
    const outputs = [...laptop.deployment.outputs.values()].flatMap((ofStack) => Object.entries(ofStack));
    const arnOf = (output: string) => String(outputs.find(([name]) => name.includes(output))?.[1]);
    const reader = await createRole('historian', [arnOf('ReadPolicyArn')]);
    const stranger = await createRole('stranger', []);
    const ask = async (path: string, signer: Signer, signing = {}) => {
      const url = new URL(path, laptop.url);
      const response = await fetch(url, await sign(url, signer, signing));
      return { status: response.status, body: (await response.json()) as Told };
    };
    const history = `/iam/api/machines/${machineId}/history?resolutionS=10&signals=spindle_load_pct`;
    const read = await ask(history, reader);
    expect(read.body.samples.reduce((sum: number, n: number) => sum + n, 0)).toBe(60);
    const forbidden = { status: 403, body: { message: 'Forbidden' } };
    expect(await ask(history, stranger)).toEqual(forbidden);
    expect(await ask(history, { ...reader, secretAccessKey: 'guess' })).toEqual(forbidden);
    const wish = { method: 'POST', body: '{"action":"change_tool","reason":"because"}' };
    expect(await ask(`/iam/api/machines/${machineId}/maintenance-requests`, reader, wish)).toEqual(forbidden);
    expect((await fetch(`${laptop.url}${history}`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      403,
    );
    expect((await ask(`/api/machines/${machineId}`, reader)).status).toBe(401);
  });

  it('answers the examples of its description, signed by curl where a program asks', async () => {
    const commands = [...readFileSync('docs/api.md', 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
      .flatMap(([, block = '']) => block.trim().split('\n'))
      .filter((command) => command !== '');
    const { clientId } = (await (await fetch(`${test.laptop.url}/config.json`)).json()) as { clientId: string };
    const operator = await signInAs(test.laptop.url, 'operator');
    const env = { ...process.env, API: test.laptop.url, CLIENT: clientId, TOKEN: operator, MACHINE: machineId };
    expect(commands.length).toBeGreaterThan(10);
    for (const command of commands) {
      const answer = await promisify(execFile)('bash', ['-c', command], { env }).catch((error: Error) => error);
      expect(answer, command).not.toBeInstanceOf(Error);
      expect(JSON.parse((answer as { stdout: string }).stdout), command).toBeTruthy();
    }
  });

  it('answers 304 while nothing but ages changed', async () => {
    const path = `/api/machines/SILENT-01`;
    const etag = (await get(path)).headers.get('etag') ?? '';
    expect((await get(path, { authorization: `Bearer ${token}`, 'if-none-match': etag })).status).toBe(304);
  });

  it('stops at the gateway whoever has no token, a changed one or a foreign one', async () => {
    const [head, body = '', signature] = token.split('.');
    const admin = Buffer.from(body, 'base64url').toString().replaceAll('viewer', 'admin');
    const forged = `${head}.${Buffer.from(admin).toString('base64url')}.${signature}`;
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.AA`;
    for (const bad of ['', 'Bearer x', `Bearer ${forged}`, `Bearer ${unsigned}`]) {
      const { status, headers } = await get('/api/machines', bad === '' ? {} : { authorization: bad });
      expect(status, bad.slice(0, 20)).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
    expect((await get('/api/openapi.json', {})).status).toBe(200);
    await expect(signInAs(test.laptop.url, 'viewer', 'guess')).rejects.toThrow('NotAuthorizedException');
  });

  it('lets more callers at once wait for their turn than it runs of a function, and fails none', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => get(`/api/machines/${machineId}`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  /** The last of this file: it spends what the stage allows. */
  it('makes a caller wait who asks more often than the stage allows', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 400 }, async () => (await get('/api/machines', {})).status),
    );
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });
});
