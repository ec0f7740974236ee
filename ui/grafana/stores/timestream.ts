import type { Asked, Source } from '../panel.ts';
import type { Aggregate, Annotation, StoreQuestions, Variable } from '../questions.ts';

/**
 * Timestream's SQL. Its plugin fills in database and table of the data source, the range, and the interval (its
 * documentation, "Macros"). A column is known from the first row that has it; a deployment writes one with all
 * (lambdas/series-columns), so that no panel of a quiet plant ends in an error.
 */
const source: Source = { type: 'grafana-timestream-datasource', uid: '${store}' };

const from = 'FROM $__database.$__table';
const where = 'WHERE $__timeFilter AND machine_id IN (${machine:singlequote})';
const bin = 'bin(time, $__interval_ms)';
const alerts = "severity IN ('warning', 'critical')";

const ask = (rawQuery: string, format: 0 | 1): Asked => ({
  queries: [{ datasource: source, target: { rawQuery: rawQuery.replaceAll(/\s+/g, ' ').trim(), format } }],
});
/** Rows as they come. */
const rows = (rawQuery: string): Asked => ask(rawQuery, 0);
/** Over time: a line for each text beside the time, in its order. */
const lines = (selected: string, group: string, condition: string): Asked =>
  ask(`SELECT ${bin} AS time, ${selected} ${from} ${where} AND ${condition} GROUP BY ${bin}, ${group} ORDER BY 1`, 1);
const samplesBy = (column: string, condition: string): Asked =>
  lines(`${column}, count(*) AS samples`, column, condition);

const aggregates: Readonly<Record<Aggregate, string>> = { mean: 'avg', min: 'min', max: 'max' };
const samplesOf = {
  stoodOut: "severity <> 'normal'",
  critical: "severity = 'critical'",
  doubtful: 'quality IS NOT NULL',
} as const;

/** The newest conclusion on each machine. */
const newest = `SELECT machine_id, max_by(severity, time) AS severity, max_by(decision, time) AS decision,
  max_by(health, time) AS health, max(time) AS last_sample ${from} ${where} AND health IS NOT NULL GROUP BY machine_id`;

/** The newest forecast of each machine: what ends first, told once a minute. */
const life = `SELECT machine_id, max_by(rul_component, time) AS component, max_by(rul_p10_hours, time) AS hours_p10,
  max_by(rul_p50_hours, time) AS hours_p50, max_by(rul_p90_hours, time) AS hours_p90, max(time) AS told_at
  ${from} ${where} AND rul_p50_hours IS NOT NULL GROUP BY machine_id`;

/** Mills tell the wear of the tool in the spindle; the range may hold several tools, so the rate is of the newest hour. */
const wear = `SELECT machine_id, max_by(tool_wear_percent, time) AS wear, min_by(tool_wear_percent, time) AS first_wear,
  date_diff('second', min(time), max(time)) AS seconds ${from} ${where} AND time > ago(1h)
  AND tool_wear_percent IS NOT NULL GROUP BY machine_id`;
const wearPerHour = '(wear - first_wear) * 3600.0 / nullif(seconds, 0)';

/** Health at both ends of the range, each a mean of a tenth of it: one sample says nothing of a trend. */
const trend = `SELECT machine_id, max_by(decision, time) AS decision, max_by(codes, time) AS codes,
  avg(CASE WHEN to_milliseconds(time) * 10 < $__timeFrom * 9 + $__timeTo THEN health END) AS before,
  avg(CASE WHEN to_milliseconds(time) * 10 >= $__timeFrom + $__timeTo * 9 THEN health END) AS now
  ${from} ${where} AND health IS NOT NULL GROUP BY machine_id`;
const rangeHours = '(($__timeTo - $__timeFrom) * 0.9 / 3600000.0)';

/** As core/maintenance/cost.ts has it: linear between P10, P50 and P90, and never more than the last. */
const h = '${horizonHours:raw}';
const chance = `CASE WHEN ${h} <= hours_p10 THEN 0.1 * ${h} / hours_p10
  WHEN ${h} <= hours_p50 THEN 0.1 + 0.4 * (${h} - hours_p10) / (hours_p50 - hours_p10)
  WHEN ${h} <= hours_p90 THEN 0.5 + 0.4 * (${h} - hours_p50) / (hours_p90 - hours_p50) ELSE 0.9 END`;

/** Rows that only bring columns (lambdas/series-columns) are no machine's. */
const listOf = (column: string, condition = ''): string =>
  `SELECT DISTINCT ${column} ${from} WHERE time > ago(1d) AND measure_name <> 'columns' AND ${column} IS NOT NULL${condition} ORDER BY 1`;
/** A machine without a site or a line still stands in the list of machines. */
const ofPlace =
  ' AND (site IS NULL OR site IN (${site:singlequote})) AND (line IS NULL OR line IN (${line:singlequote})) AND machine_type IN (${type:singlequote})';
const variable = (name: string, label: string, rawQuery: string): Variable => ({
  name,
  label,
  query: { rawQuery, format: 0 },
});

const annotation = (name: string, color: Annotation['color'], rawQuery: string): Annotation => ({
  name,
  color,
  json: { target: { rawQuery: rawQuery.replaceAll(/\s+/g, ' ').trim(), format: 0, refId: 'Anno' } },
});

/** An alert after ten quiet minutes, which is what opens an incident (core/incidents/policy.ts, flapHoldMin). */
const incidentsBegun = `SELECT time, machine_id || ': ' || coalesce(codes, severity) AS text FROM (
  SELECT time, machine_id, codes, severity, lag(time) OVER (PARTITION BY machine_id ORDER BY time) AS previous
  ${from} ${where} AND ${alerts}) WHERE previous IS NULL OR date_diff('second', previous, time) > 600
  ORDER BY 1 LIMIT 200`;
/** Remaining life only falls, until a part is changed. */
const partsChanged = `SELECT time, machine_id || ': a part was changed, remaining life rose' AS text FROM (
  SELECT time, machine_id, rul_p50_hours AS hours,
  lag(rul_p50_hours) OVER (PARTITION BY machine_id ORDER BY time) AS previous
  ${from} ${where} AND rul_p50_hours IS NOT NULL) WHERE hours > 2 * previous AND hours > previous + 8
  ORDER BY 1 LIMIT 200`;

export const timestreamQuestions: StoreQuestions = {
  source,
  variables: [
    variable('site', 'Site', listOf('site')),
    variable('line', 'Line', listOf('line')),
    variable('type', 'Type', listOf('machine_type')),
    variable('machine', 'Machine', listOf('machine_id', ofPlace)),
  ],
  annotations: [annotation('Incidents', 'red', incidentsBegun), annotation('Maintenance', 'green', partsChanged)],

  heardOf: rows(`SELECT count(DISTINCT machine_id) AS machines ${from} ${where}`),
  heardInTheLastMinute: rows(`SELECT count(DISTINCT machine_id) AS machines ${from} ${where} AND time > ago(1m)`),
  lowestHealth: rows(`SELECT min(health) AS health FROM (${newest})`),
  healthNow: rows(`SELECT machine_id, health FROM (${newest}) ORDER BY health LIMIT 24`),
  scoreNow: rows(`SELECT machine_id, 100 - health AS score FROM (${newest}) ORDER BY score DESC LIMIT 24`),
  scoreOverTime: lines('machine_id, max(100 - health) AS score', 'machine_id', 'health IS NOT NULL'),
  status: rows(`SELECT machine_id, severity, decision, health, last_sample FROM (${newest}) ORDER BY health`),
  decidedNow: (decision) => rows(`SELECT count_if(decision = '${decision}') AS machines FROM (${newest})`),

  countSamples: (which) => rows(`SELECT count_if(${samplesOf[which]}) AS samples ${from} ${where}`),
  severityOfMachinesOverTime: lines(
    "machine_id, max(CASE severity WHEN 'critical' THEN 3 WHEN 'warning' THEN 2 WHEN 'watch' THEN 1 ELSE 0 END) AS severity",
    'machine_id',
    'severity IS NOT NULL',
  ),
  severitiesOverTime: samplesBy('severity', samplesOf.stoodOut),
  findingsOverTime: samplesBy('codes', 'codes IS NOT NULL'),
  decisionsOverTime: samplesBy('decision', 'decision IS NOT NULL'),
  recentAlerts: rows(
    `SELECT max(time) AS last_seen, machine_id, codes, max_by(severity, time) AS severity, count(*) AS samples,
      min(health) AS lowest_health ${from} ${where} AND codes IS NOT NULL AND ${alerts}
      GROUP BY machine_id, codes, bin(time, 1m) ORDER BY 1 DESC LIMIT 100`,
  ),
  rootCauses: rows(
    `SELECT machine_id, codes, count(*) AS samples, min(time) AS first_seen, max(time) AS last_seen,
      min(health) AS lowest_health, max_by(decision, time) AS last_decision ${from} ${where} AND codes IS NOT NULL
      GROUP BY machine_id, codes ORDER BY 3 DESC LIMIT 50`,
  ),
  doubtfulValues: rows(
    `SELECT machine_id, quality, count(*) AS samples, max(time) AS last_seen ${from} ${where}
      AND quality IS NOT NULL GROUP BY machine_id, quality ORDER BY 3 DESC LIMIT 50`,
  ),

  overTime: (column, aggregate) =>
    lines(`machine_id, ${aggregates[aggregate]}(${column}) AS value`, 'machine_id', `${column} IS NOT NULL`),
  wearNow: rows(`SELECT machine_id, wear FROM (${wear}) ORDER BY wear DESC LIMIT 12`),
  replacement: rows(
    `SELECT machine_id, wear AS wear_percent, ${wearPerHour} AS percent_per_hour,
      CASE WHEN wear > first_wear THEN (100 - wear) / (${wearPerHour}) END AS hours_left
      FROM (${wear}) ORDER BY wear DESC`,
  ),
  toolLifeOverTime: lines(
    'machine_id, avg(rul_p10_hours) AS p10, avg(rul_p50_hours) AS p50, avg(rul_p90_hours) AS p90',
    'machine_id',
    "rul_component = 'tool'",
  ),

  schedule: rows(
    `SELECT machine_id, component, from_milliseconds(to_milliseconds(told_at) + cast(hours_p10 * 3600000 AS bigint)) AS act_before,
      hours_p10, hours_p50, hours_p90, told_at FROM (${life}) ORDER BY 3`,
  ),
  losingHealth: rows(
    `SELECT machine_id, now AS health_percent, (now - before) / ${rangeHours} AS percent_per_hour,
      CASE WHEN now < before AND now > 40 THEN (now - 40) / ((before - now) / ${rangeHours}) END AS hours_to_40_percent,
      decision, codes FROM (${trend}) ORDER BY 3`,
  ),
  componentHealth: rows(
    `SELECT machine_id, max_by(component_health, time) AS component_health, max(time) AS told_at
      ${from} ${where} AND component_health IS NOT NULL GROUP BY machine_id ORDER BY 1`,
  ),
  costOfWaiting: rows(
    `SELECT machine_id, component, hours_p50, 100 * chance AS chance_percent,
      chance * \${unplannedHours:raw} * \${downtimeEurPerHour:raw} AS waiting_eur
      FROM (SELECT machine_id, component, hours_p50, ${chance} AS chance FROM (${life})) ORDER BY 5 DESC`,
  ),
};
