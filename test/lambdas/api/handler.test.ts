import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { describeApi } from '../../../core/api/openapi.ts';
import { routeKeyOf } from '../../../core/api/operation.ts';
import { operations } from '../../../core/api/operations.ts';
import type { PastRow } from '../../../core/api/past.ts';
import { answer, Document } from '../../../lambdas/http/reply.ts';
import { StoreBusy } from '../../../lambdas/ports/series-reader.ts';
import { type MarkedSample, nowMs, Plant, toCursor } from './plant.ts';

const historyOf = 'GET /api/machines/{machineId}/history';
const ofPressA = { pathParameters: { machineId: 'PRESS-A' } };

const aPattern = expect.objectContaining({ type: 'string', pattern: expect.stringMatching(/^\^\[A-Za-z0-9\]/) });

describe('the document', () => {
  it('tells an operation’s parameters', () => {
    const { paths, openapi } = describeApi() as {
      openapi: string;
      paths: Record<string, { get: { parameters: unknown } }>;
    };
    expect(openapi).toBe('3.1.0');
    expect(paths['/api/machines/{machineId}/history']?.get).toMatchObject({
      operationId: 'getHistory',
      parameters: expect.arrayContaining([
        expect.objectContaining({ name: 'machineId', in: 'path', required: true, schema: aPattern }),
        expect.objectContaining({ name: 'resolutionS', in: 'query', required: false }),
      ]),
    });
  });
});

describe('every reading', () => {
  const readings = operations.filter(({ method, role }) => method === 'GET' && role !== null);

  it.each(readings)('$id costs no body while nothing but ages changed', async (operation) => {
    const pathParameters = operation.path.includes('{typeName}') ? { typeName: 'generic' } : { machineId: 'PRESS-A' };
    const used = operation.path.includes('{') ? { pathParameters } : {};
    const first = await new Plant().call(routeKeyOf(operation), used);
    expect(first.headers).toMatchObject({
      etag: expect.stringMatching(/^W\/"/),
      'x-request-id': 'r-1',
      'x-as-of': new Date(nowMs).toISOString(),
    });
    const headers = { 'if-none-match': first.headers.etag };
    const second = await new Plant().call(routeKeyOf(operation), { ...used, headers });
    expect([second.statusCode, second.body]).toEqual([304, '']);
    expect(second.headers['x-as-of']).toBe(first.headers['x-as-of']);
  });
});

describe('a machine that is silent', () => {
  it('keeps its last values, all of them stale, and is not to proceed whatever it was', async () => {
    const { body } = await new Plant().call('GET /api/machines/{machineId}', {
      pathParameters: { machineId: 'PRESS-B' },
    });
    expect(body).toMatchObject({ freshness: 'stale', ageMs: 60_000, decision: 'do_not_proceed' });
    expect(body.advice.decision).toBe('do_not_proceed');
    expect(body.values).toMatchObject([{ value: 41.5, unit: '°C', quality: 'stale', ageMs: 60_000 }]);
  });

  it('is counted apart from the live ones', async () => {
    const { body } = await new Plant().call('GET /api/fleet');
    expect(body.lines).toMatchObject([
      { line: 'one', machines: 2, live: 1, stale: 1, never: 0, meanHealthPercent: 98 },
      { line: 'two', machines: 1, live: 0, never: 1, meanHealthPercent: null },
    ]);
  });
});

describe('remaining life', () => {
  it('is told with its band, the soonest first, and the work that is due', async () => {
    const plant = new Plant();
    plant.foretell('PRESS-A');
    const { body } = await plant.call('GET /api/machines/{machineId}', ofPressA);
    expect(body.remainingLife).toMatchObject([
      { component: 'machine', title: 'Machine', hours: { p10: 20, p50: 30, p90: 50 }, status: 'wearing' },
      { component: 'bearing', hours: null, status: 'withheld' },
    ]);
    expect(body.nextMaintenance).toMatchObject({ component: 'machine', doneWithinHours: 20, orderWithinHours: 0 });
  });
});

describe('remaining life of a machine that fell silent', () => {
  it.each([
    ['stands for a while: the machine may have been switched off', 9, 'wearing', 30],
    ['is withheld once the last sample says nothing of now', 11, 'withheld', null],
  ])('%s', async (_, silentMin, status, p50) => {
    const plant = new Plant();
    plant.foretell('PRESS-A');
    plant.states.set('PRESS-A', { ...plant.states.get('PRESS-A')!, receivedAtMs: nowMs - silentMin * 60_000 });
    const twin = (await plant.call('GET /api/machines/{machineId}', ofPressA)).body;
    const lives = (await plant.call('GET /api/machines/{machineId}/remaining-life', ofPressA)).body;
    const ofMachine = (components: { component: string }[]) => components.find((one) => one.component === 'machine');
    for (const told of [ofMachine(twin.remainingLife), ofMachine(lives.components)]) {
      expect(told).toMatchObject({ status, hours: p50 === null ? null : { p50 } });
    }
    const reason = p50 === null ? 'the last sample is 11 min old, allowed are 10' : null;
    expect(ofMachine(lives.components)).toMatchObject({ withheldBecause: reason });
    expect([twin.nextMaintenance, lives.nextMaintenance].map((due) => due === null)).toEqual([
      p50 === null,
      p50 === null,
    ]);
  });
});

describe('remaining life on its own', () => {
  it('has method, evidence and why, and what is due', async () => {
    const plant = new Plant();
    plant.foretell('PRESS-A');
    const { body } = await plant.call('GET /api/machines/{machineId}/remaining-life', ofPressA);
    expect(body.components).toMatchObject([
      { component: 'machine', hours: { p10: 20, p50: 30, p90: 50 }, method: 'wiener', why: 'wear is seen' },
      { component: 'bearing', hours: null, withheldBecause: 'too few samples' },
    ]);
    expect(body.nextMaintenance).toMatchObject({ orderWithinHours: 0 });
  });

  it('makes the work due in its line, its site and the plant', async () => {
    const plant = new Plant();
    plant.foretell('PRESS-A');
    const { body } = await plant.call('GET /api/fleet');
    expect(body.plant).toMatchObject({ machines: 3, due: 1, orderNow: 1 });
    expect(body.sites).toMatchObject([{ site: 'Ulm', due: 1 }]);
    expect(body.lines.map(({ due }: { due: number }) => due)).toEqual([1, 0]);
  });
});

describe('what if', () => {
  const whatIf = 'GET /api/machines/{machineId}/what-if';

  it('tells of each component what a wait risks, and of one asked for alone', async () => {
    const plant = new Plant();
    plant.foretell('PRESS-A');
    const { body } = await plant.call(whatIf, { ...ofPressA, queryStringParameters: { waitHours: '30' } });
    expect(body).toMatchObject({
      supposed: { waitHours: 30, loadPercent: 100, speedPercent: 100 },
      components: [
        { component: 'machine', toldHours: { p50: 30 }, hours: { p50: 30 }, safeForHours: 20 },
        { component: 'bearing', hours: null, why: 'too few samples' },
      ],
    });
    const one = await plant.call(whatIf, { ...ofPressA, queryStringParameters: { component: 'machine' } });
    expect(one.body.components).toHaveLength(1);
  });

  it.each([
    [{ component: 'flux' }, 'component: got "flux"; allowed for generic are machine'],
    [{ loadPercent: '500' }, 'loadPercent'],
    [{ waitHours: '-1' }, 'waitHours'],
    [{ loadPercent: 'half' }, 'loadPercent: got "half"; '],
  ])('refuses %j', async (queryStringParameters, sentence) => {
    const { statusCode, body } = await new Plant().call(whatIf, { ...ofPressA, queryStringParameters });
    expect([statusCode, body.detail]).toEqual([400, expect.stringContaining(sentence)]);
  });
});

describe('a machine at a past time', () => {
  const at = Date.parse('2026-01-01T08:00:00Z');
  const row: PastRow = {
    atMs: at - 2000,
    sequence: 5,
    phase: null,
    context: { program: 'O1001' },
    severity: 'warning',
    decision: 'human_review',
    healthPercent: 61,
    codes: ['hot'],
    values: { temperature: 71 },
    expected: { temperature: 40 },
    doubtful: { rpm: 'stuck' },
    life: { component: 'machine', hours: { p10: 5, p50: 9, p90: 20 } },
  };
  const ask = (plant: Plant, moment: string) =>
    plant.call('GET /api/machines/{machineId}', { ...ofPressA, queryStringParameters: { at: moment } });

  it('is told as it was then, and what of it no history keeps', async () => {
    const plant = new Plant();
    plant.rows = [row];
    const { body } = await ask(plant, '2026-01-01T08:00:00Z');
    expect(body).toMatchObject({
      asOf: '2026-01-01T08:00:00.000Z',
      freshness: 'live',
      severity: 'warning',
      decision: 'human_review',
      healthPercent: 61,
      context: { program: 'O1001' },
      findings: [{ code: 'hot', evidence: [] }],
      remainingLife: [{ component: 'machine', hours: { p50: 9 } }],
      rebuilt: { fromSampleAt: '2026-01-01T07:59:58.000Z' },
    });
    expect(body.rebuilt.unknown).toContain('health of each component');
    const values = Object.fromEntries(body.values.map((value: { signal: string }) => [value.signal, value]));
    expect(values.temperature).toMatchObject({ value: 71, expected: 40, unit: '°C', quality: 'good', ageMs: 2000 });
    expect(values.rpm).toMatchObject({ value: null, quality: 'stuck' });
  });

  it('was stale where its last sample was old by then, and never heard of before its first', async () => {
    const plant = new Plant();
    plant.rows = [row];
    const later = (await ask(plant, '2026-01-01T09:00:00Z')).body;
    expect(later).toMatchObject({ freshness: 'stale', decision: 'do_not_proceed' });
    expect(later.advice.decision).toBe('do_not_proceed');
    const before = (await ask(plant, '2026-01-01T07:00:00Z')).body;
    expect(before).toMatchObject({ freshness: 'never', values: [], rebuilt: { fromSampleAt: null } });
  });

  it('is not told of times to come', async () => {
    expect((await ask(new Plant(), '2026-01-01T12:00:01Z')).body.detail).toMatch(/^at: got .* allowed is until now/);
  });
});

describe('the ledger', () => {
  it('balances for each machine, in pages', async () => {
    const plant = new Plant();
    const { body } = await plant.call('GET /api/ledger', { queryStringParameters: { limit: '2' } });
    expect(body.machines).toMatchObject([
      { machineId: 'PRESS-A', received: 12, used: 9, late: 1, duplicates: 1, quarantined: 1, missing: 2 },
      { machineId: 'PRESS-B', received: 0, countedUntil: null },
    ]);
    const { received, used, late, duplicates, quarantined } = body.totals;
    expect(used + late + duplicates + quarantined).toBe(received);
    const next = await plant.call('GET /api/ledger', { queryStringParameters: { limit: '2', cursor: body.next } });
    expect(next.body.machines.map(({ machineId }: { machineId: string }) => machineId)).toEqual(['PRESS-C']);
    expect(next.body.next).toBeNull();
  });
});

describe('a history', () => {
  it('has intervals of the size asked, beginning on a whole one', async () => {
    const plant = new Plant();
    const queryStringParameters = { from: '2026-01-01T11:00:30Z', to: '2026-01-01T12:00:00Z', resolutionS: '60' };
    const { body } = await plant.call(historyOf, { ...ofPressA, queryStringParameters });
    expect(body).toMatchObject({ from: '2026-01-01T11:00:00.000Z', resolutionS: 60 });
    expect(body.signals.temperature.unit).toBe('°C');
  });

  it('refuses what would be too much, with the numbers', async () => {
    const plant = new Plant();
    const ask = async (queryStringParameters: Record<string, string>): Promise<string> =>
      (await plant.call(historyOf, { ...ofPressA, queryStringParameters })).body.detail;
    expect(await ask({ from: '2026-01-01T12:00:00Z', to: '2026-01-01T11:00:00Z' })).toMatch(
      /^from: got .* allowed is before to/,
    );
    expect(await ask({ from: '2020-01-01T00:00:00Z' })).toMatch(/hours apart, at most 8784/);
    expect(await ask({ from: '2025-12-01T00:00:00Z', resolutionS: '1' })).toMatch(/at most 200000/);
    expect(await ask({ signals: 'temperature,wisdom' })).toMatch(/got "wisdom", allowed are temperature/);
    expect(await ask({ from: '2026-01-01 11:00' })).toMatch(/use ISO 8601 with a zone/);
    expect(await ask({ cursor: toCursor('9'.repeat(20)) })).toMatch(/use `next`/);
  });

  it('ends with the page that its range ends with, be it full', async () => {
    const range = { from: '2026-01-01T11:30:00Z', to: '2026-01-01T12:00:00Z', resolutionS: '60', limit: '30' };
    const { body } = await new Plant().call(historyOf, { ...ofPressA, queryStringParameters: range });
    expect([body.timesMs.length, body.next]).toEqual([30, null]);
  });

  it('comes as CSV with the unit of each column', async () => {
    const queryStringParameters = { signals: 'temperature', limit: '1' };
    const { body } = await new Plant().call(`${historyOf}.csv`, { ...ofPressA, queryStringParameters });
    const [head, first] = body.split('\n');
    expect(head).toBe(
      'time,samples,health [%],remaining p10 [h],remaining p50 [h],remaining p90 [h],temperature [°C],temperature min [°C],temperature max [°C],temperature expected [°C]',
    );
    expect(first).toBe('2026-01-01T11:45:00.000Z,1,1.5,1.5,1.5,1.5,1.5,1.5,1.5,');
  });

  it('comes as Parquet with the same numbers and the units beside them', async () => {
    const queryStringParameters = { signals: 'temperature', limit: '3' };
    const reply = await new Plant().call(`${historyOf}.parquet`, { ...ofPressA, queryStringParameters });
    expect(reply.headers['content-type']).toBe('application/vnd.apache.parquet');
    const bytes = Buffer.from(reply.body, 'base64');
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const rows = await parquetReadObjects({ file });
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({
      time: new Date('2026-01-01T11:45:00Z'),
      samples: 1,
      temperature: 1.5,
      temperature_expected: null,
      remaining_hours_p50: 1.5,
    });
    const metadata = parquetMetadata(file).key_value_metadata ?? [];
    expect(metadata).toContainEqual({ key: 'units', value: '{"temperature":"°C"}' });
  });

  it.each(['csv', 'parquet'])('leads from one page as %s to the next by a link, until none is left', async (ending) => {
    const plant = new Plant();
    const queryStringParameters = {
      signals: 'temperature',
      limit: '30',
      resolutionS: '60',
      from: '2026-01-01T11:00:00Z',
    };
    const first = await plant.call(`${historyOf}.${ending}`, { ...ofPressA, queryStringParameters });
    const link = /^<(.*)>; rel="next"$/.exec(first.headers.link ?? '')?.[1] ?? '';
    expect(link).toMatch(new RegExp(`^/api/machines/PRESS-A/history\\.${ending}\\?`));
    const query = Object.fromEntries(new URL(link, 'http://x').searchParams);
    const second = await plant.call(`${historyOf}.${ending}`, { ...ofPressA, queryStringParameters: query });
    expect(plant.asked.map(({ fromMs, limit }) => [new Date(fromMs).toISOString(), limit])).toEqual([
      ['2026-01-01T11:00:00.000Z', 30],
      ['2026-01-01T11:30:00.000Z', 30],
    ]);
    const lastPage = { ...query, from: '2026-01-01T11:50:00Z' };
    delete (lastPage as { cursor?: string }).cursor;
    const last = await plant.call(`${historyOf}.${ending}`, { ...ofPressA, queryStringParameters: lastPage });
    expect(last.headers.link).toBeUndefined();
    expect(second.statusCode).toBe(200);
  });

  it('refuses an answer that Lambda could not give, with its size', async () => {
    const body = new Document('0123456789\n'.repeat(600_000), {});
    const found = { body, contentType: 'text/csv', requestId: 'r', nowMs, known: undefined };
    expect(() => answer(found)).toThrow(/^the answer is 6\.9 MB, at most 6\.0 can be sent; ask for fewer signals/);
    const binary = { ...found, body: new Document(new Uint8Array(4_800_000), {}) };
    expect(() => answer(binary)).toThrow(/^the answer is 6\.1 MB/);
    expect(answer({ ...found, body: new Document(new Uint8Array(4_600_000), {}) }).isBase64Encoded).toBe(true);
  });

  it('asks a caller to come back while the store is busy, and hides what broke', async () => {
    const plant = new Plant();
    plant.fault = new StoreBusy('throttled');
    const busy = await plant.call(historyOf, ofPressA);
    expect(busy).toMatchObject({ statusCode: 503, headers: { 'retry-after': '2' } });
    plant.fault = new Error('secret of the store');
    const broken = await plant.call(historyOf, ofPressA);
    expect(broken.statusCode).toBe(500);
    expect(JSON.stringify(broken.body)).not.toContain('secret');
    expect(broken.body.detail).toContain('r-1');
  });
});

describe('anomalies', () => {
  const startMs = Date.parse('2026-01-01T11:00:00Z');
  const sampled = (
    codes: readonly string[],
    fromS: number,
    toS: number,
    severity: MarkedSample['severity'] = 'watch',
  ) =>
    Array.from({ length: toS - fromS }, (_, i): MarkedSample => {
      return { machineId: 'PRESS-A', codes, severity, atMs: startMs + (fromS + i) * 1000 };
    });

  it('join marks of one code that lie close, and tell the worst of them', async () => {
    const plant = new Plant();
    plant.samples = [
      ...sampled(['hot'], 0, 10),
      ...sampled(['hot', 'loud'], 10, 20, 'critical'),
      ...sampled(['hot'], 120, 122),
    ];
    const { body } = await plant.call('GET /api/anomalies');
    expect(body).toMatchObject({
      anomalies: [
        { code: 'hot', title: 'Hot', samples: 2, severity: 'watch', firstSeen: '2026-01-01T11:02:00.000Z' },
        { code: 'hot', samples: 20, severity: 'critical', lastSeen: '2026-01-01T11:00:19.000Z' },
        { code: 'loud', samples: 10 },
      ],
      next: null,
    });
  });

  it('are called as the machine’s own type calls them', async () => {
    const plant = new Plant();
    plant.samples = sampled(['unexpected_value'], 0, 10);
    const { body } = await plant.call('GET /api/anomalies');
    expect(body).toMatchObject({ anomalies: [{ title: 'Away from what the other signals explain' }] });
  });

  /** Every page after the other, as whoever loops over `next` sees them. */
  async function turnPages(plant: Plant, limit: number): Promise<{ machineId: string; code: string }[]> {
    const all: { machineId: string; code: string }[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const query = { limit: String(limit), ...(cursor === undefined ? {} : { cursor }) };
      const { body } = await plant.call('GET /api/anomalies', { queryStringParameters: query });
      expect(body.anomalies.length).toBeLessThanOrEqual(limit);
      all.push(...body.anomalies);
      cursor = body.next;
    }
    return all;
  }

  it('are each told once, whatever the size of a page and however long one lasts', async () => {
    const episode = fc.record({
      machineId: fc.constantFrom('PRESS-A', 'PRESS-B', 'PRESS-C'),
      codes: fc.constantFrom(['hot'], ['loud'], ['hot', 'loud']),
      fromS: fc.integer({ min: 0, max: 3000 }),
      lengthS: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 300, max: 1500 })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(episode, { maxLength: 25 }),
        fc.integer({ min: 1, max: 7 }),
        async (episodes, limit) => {
          const plant = new Plant();
          plant.samples = episodes.flatMap(({ machineId, codes, fromS, lengthS }) =>
            sampled(codes, fromS, fromS + lengthS).map((sample) => ({ ...sample, machineId })),
          );
          const whole = await turnPages(plant, 1000);
          const paged = await turnPages(plant, limit);
          const keyOf = ({ machineId, code, lastSeen }: Record<string, unknown>) => `${lastSeen} ${machineId} ${code}`;
          expect(paged.map(keyOf)).toEqual(whole.map(keyOf));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('take no cursor but their own', async () => {
    const query = { cursor: toCursor('PRESS-A') };
    const { statusCode, body } = await new Plant().call('GET /api/anomalies', { queryStringParameters: query });
    expect([statusCode, body.detail]).toEqual([400, 'cursor: use `next` of the page before']);
  });
});
