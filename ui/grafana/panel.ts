/** Panels as functions: what a panel asks and shows, without where it stands. Field names are Grafana's. */
export type Json = Readonly<Record<string, unknown>>;

export interface Query {
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly target: Json;
}

export interface Panel {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly widthUnits: number;
  readonly heightUnits: number;
  readonly queries: readonly Query[];
  readonly fieldConfig: Json;
  readonly options: Json;
}

/** Chosen at the top of a dashboard, so that the same file serves every stage. */
export const timestreamSource = { type: 'grafana-timestream-datasource', uid: '${store}' };
export const cloudWatchSource = { type: 'cloudwatch', uid: '${cloudwatch}' };

/**
 * Timestream's plugin fills in database and table of the data source, the range, and the interval (its documentation,
 * "Macros"). Rows as they come, or lines over time: one for each text beside the time, in its order.
 */
const ask = (rawQuery: string, format: 0 | 1): Query => ({
  datasource: timestreamSource,
  target: { rawQuery: rawQuery.replaceAll(/\s+/g, ' ').trim(), format },
});
export const rows = (rawQuery: string): Query => ask(rawQuery, 0);
export const lines = (rawQuery: string): Query => ask(rawQuery, 1);

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly statistic: 'Sum' | 'Average' | 'Maximum' | 'p99';
  readonly dimensions: Readonly<Record<string, string>>;
}

export const metric = ({ namespace, name, statistic, dimensions }: Metric): Query => ({
  datasource: cloudWatchSource,
  target: {
    queryMode: 'Metrics',
    metricQueryType: 0,
    metricEditorMode: 0,
    namespace,
    metricName: name,
    statistic,
    dimensions: Object.fromEntries(Object.entries(dimensions).map(([key, value]) => [key, [value]])),
    region: 'default',
    period: '',
    matchExact: true,
    label: name,
  },
});

export interface Step {
  readonly color: 'green' | 'yellow' | 'orange' | 'red' | 'blue';
  /** Null is the lowest. */
  readonly from: number | null;
}

/** As the operator page's bars: below 70 a person should look, below 40 it is urgent. */
export const healthSteps: readonly Step[] = [
  { color: 'red', from: null },
  { color: 'orange', from: 40 },
  { color: 'green', from: 70 },
];

export interface Look {
  readonly title: string;
  readonly description: string;
  readonly queries: readonly Query[];
  /** Grafana's name of a unit: percent, celsius, ms; `suffix:` for others. */
  readonly unit: string;
  readonly steps?: readonly Step[];
  readonly min?: number;
  readonly max?: number;
  readonly widthUnits?: number;
}

const plainSteps: readonly Step[] = [{ color: 'blue', from: null }];

function panelOf(
  type: string,
  look: Look,
  shape: { readonly width: number; readonly height: number; options: Json },
): Panel {
  const { title, description, queries, unit, steps = plainSteps, min, max } = look;
  return {
    type,
    title,
    description,
    widthUnits: look.widthUnits ?? shape.width,
    heightUnits: shape.height,
    queries,
    options: shape.options,
    fieldConfig: {
      defaults: {
        unit,
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        thresholds: { mode: 'absolute', steps: steps.map(({ color, from }) => ({ color, value: from })) },
        color: { mode: type === 'timeseries' ? 'palette-classic' : 'thresholds' },
      },
      overrides: [],
    },
  };
}

const reduced = { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } };

export const stat = (look: Look): Panel =>
  panelOf('stat', look, { width: 4, height: 4, options: { ...reduced, graphMode: 'none' } });

export const gauges = (look: Look): Panel =>
  panelOf('gauge', look, {
    width: 12,
    height: 8,
    options: { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: true }, showThresholdLabels: false },
  });

export const timeSeries = (look: Look): Panel =>
  panelOf('timeseries', look, {
    width: 12,
    height: 9,
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  });

export const table = (look: Look): Panel =>
  panelOf('table', look, { width: 24, height: 9, options: { showHeader: true, cellHeight: 'sm' } });
