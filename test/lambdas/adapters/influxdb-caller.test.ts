import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { attempts, InfluxDbCaller } from '../../../lambdas/adapters/influxdb-caller.ts';
import { type InfluxDbPlace, locateInfluxDb } from '../../../lambdas/adapters/influxdb-place.ts';
import { InfluxDbSeriesReader } from '../../../lambdas/adapters/influxdb-series-reader.ts';
import { InfluxDbSeriesWriter } from '../../../lambdas/adapters/influxdb-series-writer.ts';
import { StoreBusy } from '../../../lambdas/ports/series-reader.ts';
import { createRows } from './rows.ts';

interface Reply {
  readonly status: number;
  readonly body?: string;
  readonly retryAfter?: string;
}
interface Heard {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  vi.unstubAllGlobals();
});

/** A server that gives these answers one after the other, the last one for ever. */
async function startServer(...replies: Reply[]) {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    heard.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
    const reply = replies[Math.min(heard.length, replies.length) - 1]!;
    if (reply.retryAfter !== undefined) response.setHeader('retry-after', reply.retryAfter);
    response.writeHead(reply.status).end(reply.body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

function createCaller() {
  const pausesMs: number[] = [];
  const waitMs = async (pauseMs: number) => pausesMs.push(pauseMs);
  return { caller: new InfluxDbCaller({ token: async () => 'apiv3_x', waitMs, random: () => 1 }), pausesMs };
}

const placeAt = (url: string): InfluxDbPlace =>
  locateInfluxDb({
    STORE: 'influxdb',
    STORE_URL: url,
    STORE_DATABASE: 'factory',
    STORE_RETENTION_DAYS: '30',
    STORE_SECRET_ARN: 'arn',
  });

describe('InfluxDbCaller', () => {
  it('waits twice as long from try to try, or as long as the server asks within reason', async () => {
    const replies = [
      { status: 503 },
      { status: 500 },
      { status: 429, retryAfter: '1' },
      { status: 429, retryAfter: '60' },
    ];
    const { url, heard } = await startServer(...replies, { status: 204 });
    const { caller, pausesMs } = createCaller();
    expect(await caller.post(url, 'x', 'text/plain')).toMatchObject({ status: 204 });
    expect(pausesMs).toEqual([100, 200, 1000, 2000]);
    expect(new Set(heard.map(({ authorization, body }) => `${authorization} ${body}`))).toEqual(
      new Set(['Bearer apiv3_x x']),
    );
  });

  it('gives up on a server that stays busy, and does not ask again one that refuses', async () => {
    const busy = await startServer({ status: 503 });
    expect(await createCaller().caller.post(busy.url, '', 'text/plain')).toBe('busy');
    expect(busy.heard).toHaveLength(attempts);
    const refusing = await startServer({ status: 401 });
    expect(await createCaller().caller.post(refusing.url, '', 'text/plain')).toMatchObject({ status: 401 });
    expect(refusing.heard).toHaveLength(1);
  });

  it('tries again where nobody listens, and not where nobody answers in time: the batch comes again', async () => {
    const tries = vi.fn(() => Promise.reject(new TypeError('fetch failed')));
    vi.stubGlobal('fetch', tries);
    expect(await createCaller().caller.post('https://store', '', 'text/plain')).toBe('busy');
    expect(tries).toHaveBeenCalledTimes(attempts);
    const late = vi.fn(() => Promise.reject(new DOMException('too slow', 'TimeoutError')));
    vi.stubGlobal('fetch', late);
    expect(await createCaller().caller.post('https://store', '', 'text/plain')).toBe('busy');
    expect(late).toHaveBeenCalledTimes(1);
  });
});

describe('InfluxDbSeriesWriter', () => {
  it('makes the database with its retention before the first row, once, and takes it when it is there', async () => {
    const { url, heard } = await startServer({ status: 409 }, { status: 204 });
    const writer = new InfluxDbSeriesWriter(createCaller().caller, placeAt(url));
    await writer.write(createRows(1));
    await writer.write(createRows(2));
    expect(heard.map(({ path }) => path)).toEqual([
      '/api/v3/configure/database',
      '/api/v3/write_lp?db=factory&precision=millisecond',
      '/api/v3/write_lp?db=factory&precision=millisecond',
    ]);
    expect(JSON.parse(heard[0]!.body)).toEqual({ db: 'factory', retention_period: '30d' });
  });

  it('gives all rows back while the database cannot be made, and fails the batch when it may not', async () => {
    const rows = createRows(3);
    const busy = await startServer({ status: 503 });
    const busyWriter = new InfluxDbSeriesWriter(createCaller().caller, placeAt(busy.url));
    expect(await busyWriter.write(rows)).toEqual({ duplicates: 0, refused: [], unwritten: rows });
    const closed = await startServer({ status: 403, body: 'no permission' });
    const closedWriter = new InfluxDbSeriesWriter(createCaller().caller, placeAt(closed.url));
    await expect(closedWriter.write(rows)).rejects.toThrow('InfluxDB answered 403: no permission');
  });

  it('does not believe a refusal of lines that it has not sent: it looks for the line itself', async () => {
    const wrong = JSON.stringify({ data: [{ line_number: 9, error_message: 'x' }] });
    const answers = [{ status: 400, body: wrong }, { status: 204 }, { status: 400, body: 'bad line' }];
    const { url } = await startServer(...answers);
    const rows = createRows(2);
    const place = { ...placeAt(url), creation: null };
    const { refused } = await new InfluxDbSeriesWriter(createCaller().caller, place).write(rows);
    expect(refused).toEqual([{ row: rows[1], reason: 'bad line' }]);
  });

  it('sends in halves what was too large for one request', async () => {
    const { url, heard } = await startServer({ status: 413 }, { status: 204 });
    const place = { ...placeAt(url), creation: null };
    const outcome = await new InfluxDbSeriesWriter(createCaller().caller, place).write(createRows(4));
    expect(outcome).toEqual({ duplicates: 0, refused: [], unwritten: [] });
    expect(heard.map(({ body }) => body.split('\n').length)).toEqual([4, 2, 2]);
  });
});

describe('InfluxDbSeriesReader', () => {
  const range = { machineId: null, fromMs: 0, toMs: 100 * 3_600_000, limit: 10 };
  const read = async (...replies: Reply[]) => {
    const { url, heard } = await startServer(...replies);
    const reader = new InfluxDbSeriesReader(createCaller().caller, placeAt(url));
    return { marks: reader.anomalyMarks(range), heard };
  };

  it('says that the store is busy, so that the caller may try again', async () => {
    await expect((await read({ status: 503 })).marks).rejects.toThrow(StoreBusy);
  });

  it('finds nothing in what was never written to, and passes any other fault on in words', async () => {
    const unknown = await read({ status: 404, body: '{"error":"database not found: factory"}' });
    expect(await unknown.marks).toEqual([]);
    const fault = await read({ status: 200, body: '{"results":[{"error":"query would exceed file limit"}]}' });
    await expect(fault.marks).rejects.toThrow('query would exceed file limit');
    await expect((await read({ status: 402, body: '<html>' })).marks).rejects.toThrow('InfluxDB answered 402: <html>');
  });

  it('asks in pieces of two days, the newest first: the server opens no more files at once', async () => {
    const { marks, heard } = await read({ status: 200, body: '{"results":[{}]}' });
    await marks;
    const ranges = heard.map(({ body }) =>
      /time >= (\d+)ms AND time < (\d+)ms/.exec(new URLSearchParams(body).get('q')!),
    );
    const hours = (text: string | undefined) => Number(text) / 3_600_000;
    expect(ranges.map((found) => [hours(found?.[1]), hours(found?.[2])])).toEqual([
      [96, 100],
      [48, 96],
      [0, 48],
    ]);
  });
});
