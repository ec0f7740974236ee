import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InfluxDbSeriesWriter } from '../../../lambdas/adapters/influxdb-series-writer.ts';
import { createRows } from './rows.ts';

/** Debian's server, `apt-get install influxdb`: version 1, whose line protocol is the same. */
const isInstalled = spawnSync('influxd', ['version']).status === 0;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(!isInstalled)(
  'InfluxDbSeriesWriter against a real InfluxDB (skipped where influxd is not installed)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'factory-twin-influxdb-'));
    let server: ChildProcess;
    let base = '';

    beforeAll(async () => {
      const port = await freePort();
      const config = `reporting-disabled = true
bind-address = "127.0.0.1:${await freePort()}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
`;
      writeFileSync(join(folder, 'influxdb.conf'), config);
      server = spawn('influxd', ['-config', join(folder, 'influxdb.conf')], { stdio: 'ignore' });
      base = `http://127.0.0.1:${port}`;
      const untilMs = Date.now() + 15_000;
      while (
        !(await fetch(`${base}/ping`).then(
          (answer) => answer.ok,
          () => false,
        )) &&
        Date.now() < untilMs
      ) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await query('CREATE DATABASE factory', 'POST');
    });

    afterAll(() => {
      server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });

    async function query(q: string, method = 'GET'): Promise<Record<string, unknown>[]> {
      const answer = await fetch(`${base}/query?db=factory&epoch=ms&q=${encodeURIComponent(q)}`, { method });
      const body = (await answer.json()) as { results: { series?: { columns: string[]; values: unknown[][] }[] }[] };
      const [series] = body.results[0]?.series ?? [];
      return (series?.values ?? []).map((row) =>
        Object.fromEntries(series!.columns.map((column, i) => [column, row[i]])),
      );
    }

    const write = () =>
      new InfluxDbSeriesWriter({ writeUrl: `${base}/write?db=factory&precision=ms`, token: async () => null });

    it('reads back what it wrote: numbers, counts, text with quotes, tags with commas, spaces and equals signs', async () => {
      const [row] = createRows(1);
      const awkward = {
        ...row!,
        machine: { ...row!.machine, site: 'Ulm, Hall=2', line: 'A B\n' },
        sample: { ...row!.sample, phase: 'say "stop" \\ now', context: { tool: 'a,b c' } },
      };
      expect(await write().write([awkward])).toEqual({ duplicates: 0, refused: [], unwritten: [] });
      const [stored] = await query('SELECT * FROM generic GROUP BY nothing');
      expect(stored).toMatchObject({
        time: 1_767_225_600_000,
        temperature: 40,
        rpm: 1200,
        sequence: 0,
        phase: 'say "stop" \\ now',
        context_tool: 'a,b c',
        machine_id: 'M-1',
        site: 'Ulm, Hall=2',
        line: 'A B ',
        severity: 'normal',
      });
    });

    it('stores a repeated row once, and refuses alone a row whose column has another type', async () => {
      const rows = createRows(20, { vibration: 1.5 });
      await write().write(rows);
      await write().write(rows);
      const [count] = await query('SELECT count(vibration) FROM generic');
      expect(count).toMatchObject({ count: 20 });
      const later = rows.map((row) => ({
        ...row,
        sample: { ...row.sample, sampledAtMs: row.sample.sampledAtMs + 3_600_000 },
      }));
      const [signal] = later[7]!.type.signals;
      // `sequence` is a whole number in this store; as a signal of that name it would be a fraction.
      const conflicting = {
        ...later[7]!,
        type: { ...later[7]!.type, signals: [{ ...signal!, name: 'sequence' }] },
        sample: { ...later[7]!.sample, values: [5.5], sequence: null },
      };
      const outcome = await write().write([...later.slice(0, 7), conflicting, ...later.slice(8)]);
      expect(outcome.refused.map(({ row }) => row)).toEqual([conflicting]);
      expect((await query('SELECT count(vibration) FROM generic'))[0]).toMatchObject({ count: 39 });
    });
  },
);
