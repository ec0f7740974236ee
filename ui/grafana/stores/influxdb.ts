import { decisions, severities } from '../../../core/detection/observation.ts';
import type { Asked, Json, Query, Source } from '../panel.ts';
import type { Annotation, StoreQuestions, Variable } from '../questions.ts';

/**
 * InfluxQL and not SQL: each machine type is a table of its own, and one pattern asks them all, also those that a plant
 * adds. A column or table that nobody wrote yet is an empty answer there, an error in SQL (docs/adr/0026). Grafana
 * fills in `$timeFilter` and `$__interval` (its InfluxDB manual, "Macros").
 */
const source: Source = { type: 'influxdb', uid: '${store}' };

const chosen = '"machine_id" =~ /^${machine:regex}$/';
const from = 'FROM /.*/';
const where = `WHERE $timeFilter AND ${chosen}`;
const alerts = `("severity" = 'warning' OR "severity" = 'critical')`;
const perMachine = 'GROUP BY "machine_id"';
const overTime = 'GROUP BY time($__interval)';

const ask = (query: string, shape: Json): Query => ({
  datasource: source,
  target: { query: query.replaceAll(/\s+/g, ' ').trim(), rawQuery: true, ...shape },
});
const rows = (query: string): Asked => ({ queries: [ask(query, { resultFormat: 'table' })] });
const line = (query: string, alias: string): Query => ask(query, { resultFormat: 'time_series', alias });
const linesOfMachines = (selected: string, condition = '', alias = '$tag_machine_id'): Asked => ({
  queries: [line(`SELECT ${selected} ${from} ${where} ${condition} ${overTime}, "machine_id" fill(none)`, alias)],
});
/** InfluxQL groups by tags, not by fields: a query for each text that may stand there. */
const samplesBy = (column: string, texts: readonly string[]): Asked => ({
  queries: texts.map((text) =>
    line(
      `SELECT count("health") ${from} ${where} AND "${column}" = '${text}' ${overTime} fill(none)`,
      `${text} ($measurement)`,
    ),
  ),
});

const samplesOf = {
  stoodOut: '"severity" <> \'normal\'',
  critical: '"severity" = \'critical\'',
  doubtful: '"quality" <> \'\'',
} as const;

/** What rows have in common is counted in the browser; Grafana's own transformation. */
const countBy = (texts: readonly string[]): readonly Json[] => [
  {
    id: 'groupBy',
    options: {
      fields: {
        ...Object.fromEntries(texts.map((text) => [text, { operation: 'groupby', aggregations: [] }])),
        Time: { operation: 'aggregate', aggregations: ['count', 'max'] },
      },
    },
  },
];

const lastHour = `WHERE time > now() - 1h AND ${chosen}`;
const wear = '"tool_wear_percent"';
const wornInHour = `(last(${wear}) - first(${wear}))`;
const life = `last("rul_p50_hours") AS "hours_p50", "rul_component" AS "component", "rul_p10_hours" AS "hours_p10", "rul_p90_hours" AS "hours_p90"`;

const tagValues = (key: string, condition = ''): string =>
  `SHOW TAG VALUES WITH KEY = "${key}"${condition === '' ? '' : ` WHERE ${condition}`}`;
const ofPlace = ['site', 'line', 'type'].map(
  (name) => `"${name === 'type' ? 'machine_type' : name}" =~ /^\${${name}:regex}$/`,
);
/** Whatever stands there, also nothing: a machine without a site or a line is still chosen by "All". */
const anything = '.*';
const variable = (name: string, label: string, query: string): Variable => ({
  name,
  label,
  query: { query, refId: 'Variable' },
  allValue: anything,
});

const annotation = (name: string, color: Annotation['color'], query: string, textColumn: string): Annotation => ({
  name,
  color,
  json: { query, textColumn, tagsColumn: 'machine_id', target: { query, textColumn, rawQuery: true, refId: 'Anno' } },
});

export const influxDbQuestions: StoreQuestions = {
  source,
  variables: [
    variable('site', 'Site', tagValues('site')),
    variable('line', 'Line', tagValues('line')),
    variable('type', 'Type', tagValues('machine_type')),
    variable('machine', 'Machine', tagValues('machine_id', ofPlace.join(' AND '))),
  ],
  annotations: [
    annotation(
      'Incidents',
      'red',
      `SELECT first("codes") AS "codes", "severity" ${from} ${where} AND ${alerts} GROUP BY time(10m), "machine_id" fill(none)`,
      'codes',
    ),
    annotation(
      'Maintenance',
      'green',
      `SELECT "hours_gained" FROM (SELECT difference("rul_p50_hours") AS "hours_gained" ${from} ${where} ${perMachine}) WHERE "hours_gained" > 8 ${perMachine}`,
      'hours_gained',
    ),
  ],

  heardOf: rows(
    `SELECT count("health") AS "machines" FROM (SELECT last("health") AS "health" ${from} ${where} ${perMachine})`,
  ),
  heardInTheLastMinute: rows(
    `SELECT count("health") AS "machines" FROM (SELECT last("health") AS "health" ${from} WHERE time > now() - 1m AND ${chosen} ${perMachine})`,
  ),
  lowestHealth: rows(
    `SELECT min("health") AS "health" FROM (SELECT last("health") AS "health" ${from} ${where} ${perMachine})`,
  ),
  healthNow: rows(`SELECT last("health") AS "health" ${from} ${where} ${perMachine}`),
  scoreNow: rows(`SELECT 100 - last("health") AS "score" ${from} ${where} ${perMachine}`),
  scoreOverTime: linesOfMachines('100 - min("health")'),
  status: rows(`SELECT last("health") AS "health", "severity", "decision" ${from} ${where} ${perMachine}`),
  decidedNow: (decision) =>
    rows(
      `SELECT count("health") AS "machines" FROM (SELECT last("health") AS "health", "decision" ${from} ${where} ${perMachine}) WHERE "decision" = '${decision}'`,
    ),

  countSamples: (which) => rows(`SELECT count("health") AS "samples" ${from} ${where} AND ${samplesOf[which]}`),
  severityOfMachinesOverTime: linesOfMachines('last("severity")'),
  severitiesOverTime: samplesBy(
    'severity',
    severities.filter((severity) => severity !== 'normal'),
  ),
  findingsOverTime: linesOfMachines('count("codes")'),
  decisionsOverTime: samplesBy('decision', decisions),
  recentAlerts: rows(
    `SELECT "codes", "severity", "health" ${from} ${where} AND ${alerts} ${perMachine} ORDER BY time DESC LIMIT 100`,
  ),
  rootCauses: {
    ...rows(
      `SELECT "codes", "decision", "health" ${from} ${where} AND "codes" <> '' ${perMachine} ORDER BY time DESC LIMIT 1000`,
    ),
    transformations: countBy(['machine_id', 'codes', 'decision']),
  },
  doubtfulValues: {
    ...rows(`SELECT "quality" ${from} ${where} AND "quality" <> '' ${perMachine} ORDER BY time DESC LIMIT 1000`),
    transformations: countBy(['machine_id', 'quality']),
  },

  overTime: (column, aggregate) => linesOfMachines(`${aggregate}("${column}")`),
  wearNow: rows(`SELECT last(${wear}) AS "wear" ${from} ${lastHour} ${perMachine}`),
  replacement: rows(
    `SELECT last(${wear}) AS "wear_percent", ${wornInHour} AS "percent_per_hour", (100 - last(${wear})) / ${wornInHour} AS "hours_left" ${from} ${lastHour} ${perMachine}`,
  ),
  toolLifeOverTime: linesOfMachines(
    'mean("rul_p10_hours") AS "p10", mean("rul_p50_hours") AS "p50", mean("rul_p90_hours") AS "p90"',
    `AND "rul_component" = 'tool'`,
    '$tag_machine_id $col',
  ),

  schedule: rows(`SELECT ${life} ${from} ${where} ${perMachine}`),
  losingHealth: rows(
    `SELECT last("health") AS "health_percent", last("health") - first("health") AS "change_percent" ${from} ${where} ${perMachine}`,
  ),
  componentHealth: rows(`SELECT last("component_health") AS "component_health" ${from} ${where} ${perMachine}`),
  // InfluxQL knows no CASE: the chance as if failures came at one rate, with this median. ln 2 is 0.693.
  costOfWaiting: rows(
    `SELECT last("rul_p50_hours") AS "hours_p50", (1 - exp(-0.693 * \${horizonHours:raw} / last("rul_p50_hours"))) * \${unplannedHours:raw} * \${downtimeEurPerHour:raw} AS "waiting_eur" ${from} ${where} ${perMachine}`,
  ),
};
