import { cloudWatchSource, type Json, type Panel, type Source } from './panel.ts';
import type { Annotation, StoreQuestions, Variable } from './questions.ts';

/** A number that a viewer may change above the panels. */
export interface Figure {
  readonly name: string;
  readonly label: string;
  readonly value: number;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
  /** Null asks no store. */
  readonly store: StoreQuestions | null;
  readonly figures?: readonly Figure[];
  readonly range: string;
  /** Each panel asks again this often while somebody looks; docs/deploy.md says what that costs. */
  readonly refresh: string;
}

/** Where links lead. */
export interface Places {
  /** The operator page. */
  readonly pageUrl: string;
  /** docs/runbook.md, where the plant has it published. */
  readonly runbookUrl: string | null;
}

/** The data sources that provisioning makes, on AWS and beside docker-compose. */
export const sourceUids = { store: 'factory-twin-store', cloudwatch: 'factory-twin-cloudwatch' } as const;

const columns = 24;
/** Of Grafana's JSON model; what this file writes needs no migration from it on. */
const schemaVersion = 39;

export function renderDashboard(dashboard: Dashboard, places: Places): Json {
  const { uid, title, description, panels, store, figures = [], range, refresh } = dashboard;
  const { variables, annotations, source } = store ?? { variables: [], annotations: [], source: cloudWatchSource };
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
    links: renderLinks(places),
    annotations: { list: annotations.map((annotation) => renderAnnotation(annotation, source)) },
    templating: {
      list: [
        renderSource(source),
        renderPage(places.pageUrl),
        ...variables.map((variable) => renderVariable(variable, source)),
        ...figures.map(renderFigure),
      ],
    },
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
  const { type, title, description, queries, transformations = [], fieldConfig, options } = panel;
  const targets = queries.map(({ datasource, target }, i) => ({
    refId: String.fromCharCode(65 + i),
    datasource,
    ...target,
  }));
  const datasource = queries[0]?.datasource;
  return { id, type, title, description, gridPos, datasource, targets, transformations, fieldConfig, options };
}

function renderLinks({ pageUrl, runbookUrl }: Places): Json[] {
  const leadTo = (title: string, url: string): Json => ({
    title,
    url,
    type: 'link',
    icon: 'external link',
    targetBlank: true,
  });
  return [
    {
      title: 'Other dashboards',
      type: 'dashboards',
      tags: ['factory-twin'],
      asDropdown: true,
      keepTime: true,
      includeVars: true,
    },
    leadTo('Incidents', `${pageUrl}/#/incidents`),
    ...(runbookUrl === null ? [] : [leadTo('Runbook', runbookUrl)]),
  ];
}

function renderSource({ type }: Source): Json {
  const name = type === cloudWatchSource.type ? 'cloudwatch' : 'store';
  const current = { text: sourceUids[name], value: sourceUids[name] };
  return { type: 'datasource', name, label: 'Source', query: type, hide: 2, current };
}

const renderPage = (pageUrl: string): Json => ({ type: 'constant', name: 'page', query: pageUrl, hide: 2 });

const renderVariable = ({ name, label, query, allValue }: Variable, datasource: Source): Json => ({
  type: 'query',
  name,
  label,
  datasource,
  query,
  refresh: 1,
  multi: true,
  includeAll: true,
  ...(allValue === undefined ? {} : { allValue }),
  current: { text: 'All', value: '$__all' },
  sort: 1,
});

const renderFigure = ({ name, label, value }: Figure): Json => ({
  type: 'textbox',
  name,
  label,
  query: String(value),
  current: { text: String(value), value: String(value) },
});

const renderAnnotation = ({ name, color, json }: Annotation, datasource: Source): Json => ({
  name,
  enable: true,
  iconColor: color,
  datasource,
  ...json,
});
