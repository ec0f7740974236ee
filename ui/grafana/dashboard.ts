import { cloudWatchSource, type Json, type Panel, timestreamSource } from './panel.ts';

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** Timestream SQL of one column. */
  readonly query: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
  readonly variables: readonly Variable[];
  readonly annotations: readonly { readonly name: string; readonly query: string }[];
  readonly range: string;
  /** Timestream bills by the data a query scans: each panel asks again this often while somebody looks. */
  readonly refresh: string;
}

const columns = 24;
/** Of Grafana's JSON model; what this file writes needs no migration from it on. */
const schemaVersion = 39;

const links: readonly Json[] = [
  {
    title: 'Other dashboards',
    type: 'dashboards',
    tags: ['factory-twin'],
    asDropdown: true,
    keepTime: true,
    includeVars: true,
  },
];

export function renderDashboard(dashboard: Dashboard): Json {
  const { uid, title, description, panels, variables, annotations, range, refresh } = dashboard;
  return {
    uid,
    title,
    description,
    tags: ['factory-twin'],
    schemaVersion,
    editable: false,
    timezone: 'browser',
    time: { from: `now-${range}`, to: 'now' },
    refresh,
    links,
    annotations: { list: annotations.map(renderAnnotation) },
    templating: { list: [...sourcesOf(panels, variables).map(renderSource), ...variables.map(renderVariable)] },
    panels: placePanels(panels),
  };
}

/** Left to right, a new row where a panel does not fit. */
function placePanels(panels: readonly Panel[]): Json[] {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return panels.map((panel, i) => {
    if (x + panel.widthUnits > columns) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const gridPos = { x, y, w: panel.widthUnits, h: panel.heightUnits };
    x += panel.widthUnits;
    rowHeight = Math.max(rowHeight, panel.heightUnits);
    return renderPanel(panel, i + 1, gridPos);
  });
}

function renderPanel(panel: Panel, id: number, gridPos: Json): Json {
  const { type, title, description, queries, fieldConfig, options } = panel;
  const targets = queries.map(({ datasource, target }, i) => ({
    refId: String.fromCharCode(65 + i),
    datasource,
    ...target,
  }));
  return { id, type, title, description, gridPos, datasource: queries[0]!.datasource, targets, fieldConfig, options };
}

function sourcesOf(panels: readonly Panel[], variables: readonly Variable[]): string[] {
  const used = new Set(panels.flatMap(({ queries }) => queries.map(({ datasource }) => datasource.type)));
  if (variables.length > 0) used.add(timestreamSource.type);
  return [timestreamSource.type, cloudWatchSource.type].filter((type) => used.has(type));
}

const renderSource = (type: string): Json => ({
  type: 'datasource',
  name: type === cloudWatchSource.type ? 'cloudwatch' : 'store',
  label: 'Source',
  query: type,
  hide: 2,
});

const renderVariable = ({ name, label, query }: Variable): Json => ({
  type: 'query',
  name,
  label,
  datasource: timestreamSource,
  query: { rawQuery: query, format: 0 },
  refresh: 1,
  multi: true,
  includeAll: true,
  current: { text: 'All', value: '$__all' },
  sort: 1,
});

const renderAnnotation = ({ name, query }: { readonly name: string; readonly query: string }): Json => ({
  name,
  enable: true,
  iconColor: 'orange',
  datasource: timestreamSource,
  target: { rawQuery: query, format: 0, refId: 'Anno' },
});
