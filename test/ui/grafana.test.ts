import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTwin } from '../../core/detection/twin.ts';
import { builtinMachineTypes } from '../../core/machine-types/builtin.ts';
import type { Forecast, MachineForecast } from '../../core/prognosis/forecast.ts';
import { parseSample } from '../../core/telemetry/parse.ts';
import { fieldsOf, tagsOf } from '../../lambdas/adapters/series-layout.ts';
import { type Engine, type Json, owner } from '../../local/engine.ts';
import { createTimestreamEngine } from '../../local/timestream/engine.ts';
import { machineCatalogue } from '../../simulator/catalogue.ts';
import { dashboards } from '../../ui/grafana/all.ts';
import { renderDashboard } from '../../ui/grafana/dashboard.ts';
import { openSurroundings } from '../local/surroundings.ts';

const generated = 'ui/grafana/generated';
const startMs = Date.UTC(2026, 0, 1, 12);
const durationS = 420;
const nowMs = startMs + durationS * 1000;
const machines = [
  {
    machineId: 'CNC-001',
    machineType: 'cnc-mill',
    faults: [{ mode: 'tool_wear', onsetS: 60, growthS: 120, severity: 1 }],
  },
  {
    machineId: 'PUMP-001',
    machineType: 'centrifugal-pump',
    faults: [{ mode: 'cavitation', onsetS: 60, growthS: 60, severity: 1 }],
  },
  {
    machineId: 'SEAS-CNC-01',
    machineType: 'cnc-process',
    faults: [{ mode: 'sensor_dropout', onsetS: 380, growthS: 0, severity: 1 }],
  },
];

/** What the twin says of each sample, as detection writes it. */
function recordsOf({ machineId, machineType, faults }: (typeof machines)[number]): Json[] {
  const type = builtinMachineTypes.find(({ name }) => name === machineType)!;
  const machine = machineCatalogue[machineType]!.create({ machineId, seed: 3, startMs, intervalMs: 1000, faults });
  const twin = createTwin(type);
  const registered = { machineId, machineType, name: machineId, site: 'Ulm', line: 'one' };
  return Array.from({ length: durationS }, (_, recordIndex) => {
    const parsed = parseSample(machine.next().payload, { types: [type], findType: () => type });
    if (!parsed.ok) throw new Error(parsed.error.message);
    const sample = parsed.value;
    const forecast = forecastAt(machineId, sample.sampledAtMs);
    const isForecastNew = recordIndex % 60 === 0;
    const observation = twin.observe(sample);
    const row = { type, sample, observation, machine: registered, forecast, isForecastNew, recordIndex };
    return {
      Dimensions: tagsOf(row).map(([Name, Value]) => ({ Name, Value })),
      MeasureName: 'sample',
      MeasureValueType: 'MULTI',
      MeasureValues: fieldsOf(row).map(({ name, kind, value }) => ({
        Name: name,
        Value: String(value),
        Type: kind.toUpperCase(),
      })),
      Time: String(sample.sampledAtMs),
    };
  });
}

function forecastAt(machineId: string, atMs: number): MachineForecast {
  const hours = { p10: 2, p50: 3, p90: 5 };
  const tool: Forecast = {
    component: 'tool',
    part: null,
    failureMode: null,
    status: 'wearing',
    remainingHours: hours,
    remainingCycles: null,
    method: 'wiener',
    why: 'a test',
    confidence: 0.5,
    evidence: null,
    grewBecause: null,
    withheldBecause: null,
  };
  return { machineId, atMs, components: [tool], nextMaintenance: null };
}

/** As Grafana and its Timestream plugin fill a query in. */
function fillIn(query: string): string {
  const all: Readonly<Record<string, string>> = {
    site: "'Ulm'",
    line: "'one'",
    type: machines.map(({ machineType }) => `'${machineType}'`).join(','),
    machine: machines.map(({ machineId }) => `'${machineId}'`).join(','),
  };
  return query
    .replaceAll(/\$\{(\w+):singlequote\}/g, (_, name: string) => all[name] ?? `no variable ${name}`)
    .replaceAll('$__database', '"factory"')
    .replaceAll('$__table', '"samples"')
    .replaceAll('$__timeFilter', `time BETWEEN from_milliseconds(${startMs}) AND from_milliseconds(${nowMs})`)
    .replaceAll('$__timeFrom', String(startMs))
    .replaceAll('$__timeTo', String(nowMs))
    .replaceAll('$__interval_ms', '10000ms');
}

const ofStore = Object.entries(dashboards).flatMap(([name, dashboard]) => {
  const asked = (what: string, query: unknown) => ({ what: `${name}: ${what}`, query: String(query) });
  return [
    ...dashboard.variables.map((variable) => asked(`variable ${variable.name}`, variable.query)),
    ...dashboard.annotations.map((annotation) => asked(`annotation ${annotation.name}`, annotation.query)),
    ...dashboard.panels.flatMap((panel) =>
      panel.queries.flatMap(({ target }) =>
        target.rawQuery === undefined ? [] : [asked(panel.title, target.rawQuery)],
      ),
    ),
  ];
});

describe('the Grafana dashboards', () => {
  let engine: Engine;
  const surroundings = openSurroundings(nowMs);
  beforeAll(async () => {
    engine = await createTimestreamEngine(surroundings.cloud, { endpointAddress: () => '127.0.0.1' });
    const properties = { DatabaseName: 'factory', TableName: 'samples' };
    const model = engine.resources['AWS::Timestream::Table']!;
    await model.create({ stack: 's', logicalId: 'T', type: 'AWS::Timestream::Table', physicalName: 't', properties });
    for (const machine of machines) {
      const records = recordsOf(machine);
      for (let i = 0; i < records.length; i += 100) {
        const Records = records.slice(i, i + 100);
        await engine.operations.WriteRecords!.run({ DatabaseName: 'factory', TableName: 'samples', Records }, owner);
      }
    }
  });
  afterAll(async () => {
    await engine.stop?.();
    surroundings.remove();
  });

  it.each(ofStore)('$what asks what the store answers with rows', async ({ query }) => {
    const answer = (await engine.operations.Query!.run({ QueryString: fillIn(query) }, owner)) as {
      Rows: { Data: { ScalarValue?: string }[] }[];
    };
    expect(answer.Rows.length).toBeGreaterThan(0);
    expect(answer.Rows.some(({ Data }) => Data.every(({ ScalarValue }) => ScalarValue !== undefined))).toBe(true);
  });

  it('are committed as their functions write them: npm run dashboards makes them anew', () => {
    const written = Object.fromEntries(
      globSync('*.json', { cwd: generated }).map((file) => [
        file,
        JSON.parse(readFileSync(join(generated, file), 'utf8')),
      ]),
    );
    const wanted = Object.entries(dashboards).map(([name, dashboard]) => [`${name}.json`, renderDashboard(dashboard)]);
    expect(written).toEqual(Object.fromEntries(wanted));
  });

  it('ask for metrics that the functions count', () => {
    const sources = globSync('lambdas/**/*.ts').map((file) => readFileSync(file, 'utf8'));
    const counted = new Set(
      sources.flatMap((text) => [...text.matchAll(/metrics\.(?:count|durationMs)\('(\w+)'/g)].map((m) => m[1])),
    );
    const own = dashboards['pipeline-operations']!.panels.flatMap(({ queries }) => queries).filter(
      ({ target }) => target.namespace === 'FactoryTwin',
    );
    expect(own.length).toBeGreaterThan(5);
    for (const { target } of own) expect(counted, String(target.metricName)).toContain(target.metricName);
  });

  it('place panels side by side without overlap, in 24 columns', () => {
    for (const dashboard of Object.values(dashboards)) {
      const taken = new Set<string>();
      const { panels } = renderDashboard(dashboard) as { panels: { gridPos: Record<'x' | 'y' | 'w' | 'h', number> }[] };
      for (const { gridPos } of panels) {
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.has(`${x},${y}`)).toBe(false);
            taken.add(`${x},${y}`);
          }
        }
      }
    }
  });
});
