import type { Dashboard } from '../dashboard.ts';
import { gauges, lines, rows, table, timeSeries } from '../panel.ts';
import { anomalyAnnotation, bin, from, machineVariables, where } from '../store.ts';

/** Mills tell the wear of the tool in the spindle; the range may hold several tools, so the rate is of the newest hour. */
const wear = `SELECT machine_id, max_by(tool_wear_percent, time) AS wear, min_by(tool_wear_percent, time) AS first_wear, date_diff('second', min(time), max(time)) AS seconds ${from} ${where} AND time > ago(1h) AND tool_wear_percent IS NOT NULL GROUP BY machine_id`;

const wearSteps = [
  { color: 'green', from: null },
  { color: 'orange', from: 70 },
  { color: 'red', from: 90 },
] as const;

export const toolWearAnalysis: Dashboard = {
  uid: 'factory-twin-tool-wear',
  title: 'Tool Wear Analysis',
  description: 'Wear of the tools in use, and when they will be worn at the rate of the last hour',
  range: '6h',
  refresh: '1m',
  variables: machineVariables,
  annotations: [anomalyAnnotation],
  panels: [
    gauges({
      title: 'Wear now',
      description: 'Of the tool in the spindle',
      unit: 'percent',
      steps: wearSteps,
      min: 0,
      max: 100,
      queries: [rows(`SELECT machine_id, wear FROM (${wear}) ORDER BY wear DESC LIMIT 12`)],
    }),
    table({
      title: 'Replacement at the present rate',
      description:
        'A straight line through the last hour: tools wear faster at the end, so change before. No number while wear does not grow.',
      unit: 'none',
      widthUnits: 12,
      queries: [
        rows(
          `SELECT machine_id, wear AS wear_percent, (wear - first_wear) * 3600.0 / nullif(seconds, 0) AS percent_per_hour, CASE WHEN wear > first_wear THEN (100 - wear) / ((wear - first_wear) * 3600.0 / nullif(seconds, 0)) END AS hours_left FROM (${wear}) ORDER BY wear DESC`,
        ),
      ],
    }),
    timeSeries({
      title: 'Wear over time',
      description: 'A fall is a tool change',
      unit: 'percent',
      min: 0,
      max: 100,
      steps: wearSteps,
      queries: [
        lines(
          `SELECT ${bin} AS time, machine_id, max(tool_wear_percent) AS wear ${from} ${where} AND tool_wear_percent IS NOT NULL GROUP BY ${bin}, machine_id ORDER BY 1`,
        ),
      ],
    }),
    timeSeries({
      title: 'Remaining life with its band',
      description:
        'Of the tool, where it is what ends first: one in ten ends below the lower line, one in ten above the upper',
      unit: 'h',
      queries: [
        lines(
          `SELECT ${bin} AS time, machine_id, avg(rul_p10_hours) AS p10, avg(rul_p50_hours) AS p50, avg(rul_p90_hours) AS p90 ${from} ${where} AND rul_component = 'tool' GROUP BY ${bin}, machine_id ORDER BY 1`,
        ),
      ],
    }),
    timeSeries({
      title: 'Time in cut',
      description: 'Of the tool in the spindle',
      unit: 'm',
      queries: [
        lines(
          `SELECT ${bin} AS time, machine_id, max(tool_runtime_min) AS runtime ${from} ${where} AND tool_runtime_min IS NOT NULL GROUP BY ${bin}, machine_id ORDER BY 1`,
        ),
      ],
    }),
    timeSeries({
      title: 'Spindle load',
      description: 'A worn edge needs more force',
      unit: 'percent',
      queries: [
        lines(
          `SELECT ${bin} AS time, machine_id, avg(spindle_load_percent) AS load ${from} ${where} AND spindle_load_percent IS NOT NULL GROUP BY ${bin}, machine_id ORDER BY 1`,
        ),
      ],
    }),
    timeSeries({
      title: 'Spindle vibration',
      description: 'Velocity, RMS, highest of each interval',
      unit: 'suffix: mm/s',
      queries: [
        lines(
          `SELECT ${bin} AS time, machine_id, max(spindle_vibration_mm_s) AS vibration ${from} ${where} AND spindle_vibration_mm_s IS NOT NULL GROUP BY ${bin}, machine_id ORDER BY 1`,
        ),
      ],
    }),
  ],
};
