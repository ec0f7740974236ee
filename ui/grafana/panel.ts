/** Panels as functions: what a panel asks and shows, without where it stands. Field names are Grafana's. */
export type Json = Readonly<Record<string, unknown>>;

export interface Source {
  readonly type: string;
  readonly uid: string;
}

export interface Query {
  readonly datasource: Source;
  readonly target: Json;
}

/** One question: the queries that answer it, and what the browser makes of their rows. */
export interface Asked {
  readonly queries: readonly Query[];
  readonly transformations?: readonly Json[];
}

export interface Panel extends Asked {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly widthUnits: number;
  readonly heightUnits: number;
  readonly fieldConfig: Json;
  readonly options: Json;
}

/** Chosen at the top of a dashboard, so that the same file serves every stage. */
export const cloudWatchSource: Source = { type: 'cloudwatch', uid: '${cloudwatch}' };

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly statistic: 'Sum' | 'Average' | 'Maximum' | 'p99';
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * `*` stands for every value of a dimension: Grafana asks by a search then, a line for each and a hundred at most (its
 * CloudWatch manual, "dimension wildcards"). Such lines are told apart by CloudWatch's dynamic labels.
 */
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
    label: [
      name,
      ...Object.keys(dimensions).flatMap((key) => (dimensions[key] === '*' ? [`\${PROP('Dim.${key}')}`] : [])),
    ].join(' '),
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

export const noneIsGood: readonly Step[] = [
  { color: 'green', from: null },
  { color: 'red', from: 1 },
];

export interface Look extends Asked {
  readonly title: string;
  readonly description: string;
  /** Grafana's name of a unit: percent, celsius, ms; `suffix:` for others. */
  readonly unit: string;
  readonly steps?: readonly Step[];
  readonly min?: number;
  readonly max?: number;
  readonly widthUnits?: number;
  readonly mappings?: readonly Json[];
}

const plainSteps: readonly Step[] = [{ color: 'blue', from: null }];

/** Where a machine's id stands, it leads to the machine on the operator page; the time shown stays behind. */
const machineLink = {
  matcher: { id: 'byName', options: 'machine_id' },
  properties: [
    { id: 'links', value: [{ title: 'This machine on the operator page', url: '${page}/#/machines/${__value.raw}' }] },
  ],
};

interface Shape {
  readonly width: number;
  readonly height: number;
  readonly options: Json;
}

function panelOf(type: string, look: Look, shape: Shape): Panel {
  const { title, description, queries, transformations, unit, steps = plainSteps, min, max, mappings } = look;
  return {
    type,
    title,
    description,
    widthUnits: look.widthUnits ?? shape.width,
    heightUnits: shape.height,
    queries,
    ...(transformations === undefined ? {} : { transformations }),
    options: shape.options,
    fieldConfig: {
      defaults: {
        unit,
        ...(type === 'stat' ? { noValue: '0' } : {}),
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        ...(mappings === undefined ? {} : { mappings }),
        thresholds: { mode: 'absolute', steps: steps.map(({ color, from }) => ({ color, value: from })) },
        color: { mode: type === 'timeseries' ? 'palette-classic' : 'thresholds' },
      },
      overrides: type === 'table' ? [machineLink] : [],
    },
  };
}

const newestValue = { calcs: ['lastNotNull'], fields: '', values: false };

export const stat = (look: Look): Panel =>
  panelOf('stat', look, { width: 4, height: 4, options: { reduceOptions: newestValue, graphMode: 'none' } });

/** One for each row of the answer. */
export const gauges = (look: Look): Panel =>
  panelOf('gauge', look, {
    width: 12,
    height: 8,
    options: { reduceOptions: { ...newestValue, values: true }, showThresholdLabels: false },
  });

export const timeSeries = (look: Look): Panel =>
  panelOf('timeseries', look, {
    width: 12,
    height: 9,
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  });

/** What lasted how long: a bar for each line, coloured by its state. */
export const stateTimeline = (look: Look): Panel =>
  panelOf('state-timeline', look, {
    width: 24,
    height: 8,
    options: { mergeValues: true, showValue: 'never', legend: { displayMode: 'list', placement: 'bottom' } },
  });

export const table = (look: Look): Panel =>
  panelOf('table', look, { width: 24, height: 9, options: { showHeader: true, cellHeight: 'sm' } });
