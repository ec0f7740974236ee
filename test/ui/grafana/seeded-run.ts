import { createTwin } from '../../../core/detection/twin.ts';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import type { Forecast, MachineForecast } from '../../../core/prognosis/forecast.ts';
import { parseSample } from '../../../core/telemetry/parse.ts';
import { fieldsOf } from '../../../lambdas/adapters/series-layout.ts';
import type { SeriesRow } from '../../../lambdas/ports/series-writer.ts';
import { machineCatalogue } from '../../../simulator/catalogue.ts';
import { dashboardsFor } from '../../../ui/grafana/all.ts';
import { laptopPlant } from '../../../ui/grafana/laptop-plant.ts';
import type { Json } from '../../../ui/grafana/panel.ts';
import type { StoreKind } from '../../../ui/grafana/questions.ts';

export const startMs = Date.UTC(2026, 0, 1, 12);
const durationS = 420;
export const nowMs = startMs + durationS * 1000;

export const machines = [
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

/** What the twins say of each sample, as detection hands it to a store. */
export const runMachines = (): SeriesRow[] => machines.flatMap(rowsOf);

function rowsOf({ machineId, machineType, faults }: (typeof machines)[number]): SeriesRow[] {
  const type = builtinMachineTypes.find(({ name }) => name === machineType)!;
  const simulated = machineCatalogue[machineType]!.create({ machineId, seed: 3, startMs, intervalMs: 1000, faults });
  const twin = createTwin(type);
  const machine = { machineId, machineType, name: machineId, site: 'Ulm', line: 'one' };
  return Array.from({ length: durationS }, (_, recordIndex) => {
    const parsed = parseSample(simulated.next().payload, { types: [type], findType: () => type });
    if (!parsed.ok) throw new Error(parsed.error.message);
    const sample = parsed.value;
    const forecast = forecastAt(machineId, sample.sampledAtMs);
    const isForecastNew = recordIndex % 60 === 0;
    return { type, sample, observation: twin.observe(sample), machine, forecast, isForecastNew, recordIndex };
  });
}

/** In the fourth minute somebody changes the tool. */
function forecastAt(machineId: string, atMs: number): MachineForecast {
  const hours = atMs < startMs + 200_000 ? { p10: 2, p50: 3, p90: 5 } : { p10: 100, p50: 200, p90: 300 };
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

export interface AskedOfStore {
  readonly what: string;
  readonly queries: readonly string[];
}

/** Everything that the dashboards ask the store: panels, variables, annotations. */
export function listQuestions(store: StoreKind, queryOf: (json: Json) => unknown): AskedOfStore[] {
  return Object.entries(dashboardsFor(store, laptopPlant)).flatMap(([name, dashboard]) => {
    const asked = (what: string, jsons: readonly Json[]): AskedOfStore[] => {
      const queries = jsons.map(queryOf).filter((query) => query !== undefined);
      return queries.length === 0 ? [] : [{ what: `${name}: ${what}`, queries: queries.map(String) }];
    };
    const { variables, annotations } = dashboard.store ?? { variables: [], annotations: [] };
    return [
      ...variables.flatMap((variable) => asked(`variable ${variable.name}`, [variable.query])),
      ...annotations.flatMap((mark) => asked(`annotation ${mark.name}`, [mark.json.target as Json])),
      ...dashboard.panels.flatMap((panel) =>
        asked(
          panel.title,
          panel.queries.map(({ target }) => target),
        ),
      ),
    ];
  });
}

const figures: Readonly<Record<string, string>> = {
  horizonHours: '168',
  unplannedHours: '12',
  downtimeEurPerHour: '150',
};

export function fillInFigures(query: string): string {
  return query.replaceAll(/\$\{(\w+):raw\}/g, (_, name: string) => figures[name] ?? `no figure ${name}`);
}

/** What the panels that count samples must show, counted from the samples themselves. */
export function countSamples(rows: readonly SeriesRow[]): Readonly<Record<string, number>> {
  const count = (is: (column: (name: string) => unknown) => boolean): number =>
    rows.filter((row) => is((name) => fieldsOf(row).find((field) => field.name === name)?.value)).length;
  return {
    'anomaly-detection: Samples that stood out': count(
      (column) => !['normal', undefined].includes(column('severity') as string),
    ),
    'anomaly-detection: Critical samples': count((column) => column('severity') === 'critical'),
    'anomaly-detection: Samples with doubtful values': count((column) => column('quality') !== undefined),
    'machine-health-overview: Machines heard of': machines.length,
  };
}
