import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deskOperations } from '../../../core/api/desk.ts';
import { describeApi } from '../../../core/api/openapi.ts';
import { routeKeyOf } from '../../../core/api/operation.ts';
import { operations } from '../../../core/api/operations.ts';
import { problemSchema } from '../../../core/api/schemas.ts';
import { StoreBusy } from '../../../lambdas/ports/series-reader.ts';
import { Plant, toCursor } from './plant.ts';

const historyOf = 'GET /api/machines/{machineId}/history';
const ofPressA = { pathParameters: { machineId: 'PRESS-A' } };
const samplePath = { machineId: 'PRESS-A', typeName: 'generic' };

describe('every operation', () => {
  it.each(operations)('$id answers as its schema says, and only to who may', async (operation) => {
    const plant = new Plant();
    const parameters = { pathParameters: samplePath };
    const wanted = Object.keys(operation.parameters.shape);
    const pathParameters = Object.fromEntries(
      Object.entries(parameters.pathParameters).filter(([k]) => wanted.includes(k)),
    );
    const reply = await plant.call(routeKeyOf(operation), { pathParameters });
    expect(reply.statusCode).toBe(200);
    operation.answer.schema.parse(reply.body);
    expect(plant.errors).toEqual([]);
    if (operation.role === null) return;
    const nobody = await plant.call(routeKeyOf(operation), { pathParameters }, '[guests]');
    expect(nobody.statusCode).toBe(403);
    expect(plant.audited).toMatchObject([{ outcome: 'refused', call: operation.id, subject: 'somebody' }]);
    expect((await plant.call(routeKeyOf(operation), { pathParameters }, null)).statusCode).toBe(401);
  });

  it('stands in the document with its parameters and its role', () => {
    const { paths, openapi } = describeApi() as {
      openapi: string;
      paths: Record<string, { get: { parameters: unknown } }>;
    };
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths)).toEqual([...operations, ...deskOperations].map(({ path }) => path));
    expect(paths['/api/machines/{machineId}/history']?.get).toMatchObject({
      operationId: 'getHistory',
      'x-role': 'viewer',
      parameters: expect.arrayContaining([
        expect.objectContaining({ name: 'machineId', in: 'path', required: true }),
        expect.objectContaining({ name: 'resolutionS', in: 'query', required: false }),
      ]),
    });
  });

  it('meets any parameters with an answer or a problem, never with a failure of its own', async () => {
    const plant = new Plant();
    const names = [...new Set(operations.flatMap(({ query }) => Object.keys(query.shape)))];
    const query = fc.dictionary(fc.constantFrom(...names, 'other'), fc.oneof(fc.string(), fc.date().map(String)));
    const id = fc.oneof(fc.constant('PRESS-A'), fc.string());
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations),
        query,
        id,
        async (operation, queryStringParameters, machineId) => {
          const pathParameters = Object.hasOwn(operation.parameters.shape, 'machineId') ? { machineId } : {};
          const reply = await plant.call(routeKeyOf(operation), { pathParameters, queryStringParameters });
          expect(reply.statusCode, JSON.stringify(reply.body)).toBeLessThan(500);
          if (reply.statusCode >= 400) problemSchema.parse(reply.body);
        },
      ),
      { numRuns: 300, seed: 8 },
    );
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

  it('comes as CSV with the unit of each column', async () => {
    const queryStringParameters = { signals: 'temperature', limit: '1' };
    const { body } = await new Plant().call(`${historyOf}.csv`, { ...ofPressA, queryStringParameters });
    const [head, first] = body.split('\n');
    expect(head).toBe(
      'time,samples,health [%],temperature [°C],temperature min [°C],temperature max [°C],temperature expected [°C]',
    );
    expect(first).toBe('2026-01-01T11:45:00.000Z,1,1.5,1.5,1.5,1.5,');
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
  it('join marks of one code that lie close, and tell the worst of them', async () => {
    const plant = new Plant();
    const at = Date.parse('2026-01-01T11:00:00Z');
    const mark = { machineId: 'PRESS-A', severity: 'watch' as const, samples: 10, lowestHealthPercent: 90 };
    plant.marks = [
      { ...mark, codes: ['hot'], firstMs: at, lastMs: at + 9000 },
      {
        ...mark,
        codes: ['hot', 'loud'],
        severity: 'critical',
        firstMs: at + 10_000,
        lastMs: at + 19_000,
        lowestHealthPercent: 40,
      },
      { ...mark, codes: ['hot'], firstMs: at + 120_000, lastMs: at + 121_000 },
    ];
    const { body } = await plant.call('GET /api/anomalies');
    expect(body.anomalies).toMatchObject([
      { code: 'hot', samples: 10, severity: 'watch', firstSeen: '2026-01-01T11:02:00.000Z' },
      { code: 'hot', samples: 20, severity: 'critical', lowestHealthPercent: 40, lastSeen: '2026-01-01T11:00:19.000Z' },
      { code: 'loud', samples: 10 },
    ]);
  });
});
