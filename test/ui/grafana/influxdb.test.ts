import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { InfluxDbCaller } from '../../../lambdas/adapters/influxdb-caller.ts';
import { InfluxDbSeriesWriter } from '../../../lambdas/adapters/influxdb-series-writer.ts';
import { listColumns } from '../../../lambdas/adapters/series-layout.ts';
import { type InfluxDbServer, isInfluxDbInstalled, startInfluxDb } from '../../lambdas/adapters/influxdb-server.ts';
import { countSamples, fillInFigures, listQuestions, machines, nowMs, runMachines, startMs } from './seeded-run.ts';

const questions = listQuestions('influxdb', ({ query }) => query);
const caller = new InfluxDbCaller({ token: async () => null, waitMs: async () => undefined, random: () => 0 });

/** As Grafana fills a query in; the run was at another time than this test, so "now" is written. */
function fillIn(query: string): string {
  const all: Readonly<Record<string, string>> = {
    site: '.*',
    line: '.*',
    type: '.*',
    machine: `(${machines.map(({ machineId }) => machineId).join('|')})`,
  };
  return fillInFigures(query)
    .replaceAll(/\$\{(\w+):regex\}/g, (_, name: string) => all[name] ?? `no variable ${name}`)
    .replaceAll('$timeFilter', `time >= ${startMs}ms AND time <= ${nowMs}ms`)
    .replaceAll('$__interval', '10s')
    .replaceAll('now()', `${nowMs}ms`);
}

interface Answer {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly values: readonly (readonly unknown[])[] }[];
  }[];
}

describe('the Grafana dashboards in InfluxQL', () => {
  it('name no column that nobody writes: the store would answer with nothing', () => {
    const columns = new Set([
      ...listColumns(builtinMachineTypes).map(({ name }) => name),
      ...['machine_id', 'machine_type', 'site', 'line'],
    ]);
    for (const { what, queries } of questions) {
      for (const query of queries) {
        const aliases = new Set([...query.matchAll(/AS "(\w+)"/g)].map(([, name]) => name!));
        const named = [...query.matchAll(/"(\w+)"/g)].map(([, name]) => name!);
        for (const name of named) expect(columns.has(name) || aliases.has(name), `${what}: ${name}`).toBe(true);
      }
    }
  });
});

describe.skipIf(!isInfluxDbInstalled)('against a real InfluxDB (skipped where influxd is not installed)', () => {
  let server: InfluxDbServer;
  const ask = async (database: string, query: string): Promise<(readonly unknown[])[]> => {
    const body = new URLSearchParams({ q: fillIn(query) });
    const answer = await fetch(server.place(database).queryUrl, { method: 'POST', body });
    const { results, error } = (await answer.json()) as Answer & { error?: string };
    const fault = error ?? results?.find((result) => result.error !== undefined)?.error;
    if (fault !== undefined) throw new Error(`${fillIn(query)}: ${fault}`);
    return results.flatMap(({ series = [] }) => series.flatMap(({ values }) => values));
  };

  beforeAll(async () => {
    server = await startInfluxDb();
    const written = await new InfluxDbSeriesWriter(caller, server.place('factory')).write(runMachines());
    expect(written).toMatchObject({ refused: [], unwritten: [] });
    await new InfluxDbSeriesWriter(caller, server.place('quiet')).write(runMachines().slice(0, 1));
  });
  afterAll(() => server.stop());

  it.each(questions)('$what asks what the store answers with rows', async ({ queries }) => {
    const rows = (await Promise.all(queries.map((query) => ask('factory', query)))).flat();
    expect(rows.some((row) => row.every((value) => value !== null))).toBe(true);
  });

  it('counts samples and machines as they were, by machine type', async () => {
    for (const [panel, count] of Object.entries(countSamples(runMachines()))) {
      const { queries } = questions.find(({ what }) => what === panel)!;
      const rows = await ask('factory', queries[0]!);
      expect(
        rows.reduce((sum, [, samples]) => sum + Number(samples), 0),
        panel,
      ).toBe(count);
    }
  });

  it('answers without an error where hardly anything was written yet', async () => {
    for (const { queries } of questions) for (const query of queries) await ask('quiet', query);
  });
});
