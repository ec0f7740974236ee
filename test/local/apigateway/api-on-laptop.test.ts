import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { operations } from '../../../core/api/operations.ts';
import { createProcessMachine } from '../../../simulator/process/machine.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from '../assembly.ts';
import { signInAs } from './sign-in.ts';

const machineId = 'SEAS-CNC-01';

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
    const startMs = Math.floor(Date.now() / 1000) * 1000 - 60 * 2000;
    const machine = createProcessMachine({ machineId, seed: 7, startMs, intervalMs: 2000, faults: [] });
    for (let i = 0; i < 60; i++) {
      await client.publishAsync(`factory/${machineId}/telemetry`, JSON.stringify(machine.next().payload), { qos: 1 });
    }
    await vi.waitFor(() => expect(test.laptop.ledger.totals()).toMatchObject({ published: 60, inFlight: 0 }), {
      timeout: 10_000,
      interval: 20,
    });
    token = await signInAs(test.laptop.url, 'viewer');
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
    for (const { path, answer } of operations) {
      const filled = path.replace('{machineId}', machineId).replace('{typeName}', 'cnc-process');
      const { status, body, headers } = await get(filled);
      expect(status, `${path} ${JSON.stringify(body)}`).toBe(200);
      expect(headers.get('content-type')).toBe(answer.contentType);
      answer.schema.parse(body);
    }
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
    expect(body.isComplete).toBe(true);
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
});
