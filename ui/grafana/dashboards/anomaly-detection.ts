import type { Dashboard } from '../dashboard.ts';
import { healthSteps, lines, rows, stat, table, timeSeries } from '../panel.ts';
import { anomalyAnnotation, bin, from, machineVariables, where } from '../store.ts';

export const anomalyDetection: Dashboard = {
  uid: 'factory-twin-anomalies',
  title: 'Anomaly Detection',
  description: 'What stood out, how badly, and which values could not be trusted',
  range: '6h',
  refresh: '30s',
  variables: machineVariables,
  annotations: [anomalyAnnotation],
  panels: [
    stat({
      title: 'Samples that stood out',
      description: 'Share of all samples concluded upon',
      unit: 'percent',
      queries: [
        rows(
          `SELECT avg(CASE WHEN severity <> 'normal' THEN 100 ELSE 0 END) AS share ${from} ${where} AND severity IS NOT NULL`,
        ),
      ],
    }),
    stat({
      title: 'Critical samples',
      description: 'In the range',
      unit: 'none',
      steps: [
        { color: 'green', from: null },
        { color: 'red', from: 1 },
      ],
      queries: [rows(`SELECT count_if(severity = 'critical') AS samples ${from} ${where}`)],
    }),
    stat({
      title: 'Lowest health',
      description: 'In the range',
      unit: 'percent',
      steps: healthSteps,
      queries: [rows(`SELECT min(health) AS health ${from} ${where}`)],
    }),
    stat({
      title: 'Samples with doubtful values',
      description: 'Missing, stuck, stale or out of range: no conclusion rests on these values',
      unit: 'none',
      queries: [rows(`SELECT count_if(quality IS NOT NULL) AS samples ${from} ${where}`)],
    }),
    timeSeries({
      title: 'By severity',
      description: 'Samples in each interval',
      unit: 'none',
      queries: [
        lines(
          `SELECT ${bin} AS time, severity, count(*) AS samples ${from} ${where} AND severity <> 'normal' GROUP BY ${bin}, severity ORDER BY 1`,
        ),
      ],
    }),
    timeSeries({
      title: 'By finding',
      description: 'Samples in each interval that raised these codes together',
      unit: 'none',
      queries: [
        lines(
          `SELECT ${bin} AS time, codes, count(*) AS samples ${from} ${where} AND codes IS NOT NULL GROUP BY ${bin}, codes ORDER BY 1`,
        ),
      ],
    }),
    table({
      title: 'What stood out most',
      description: 'By machine and finding',
      unit: 'none',
      queries: [
        rows(
          `SELECT machine_id, codes, count(*) AS samples, min(time) AS first_seen, max(time) AS last_seen, min(health) AS lowest_health, max_by(decision, time) AS last_decision ${from} ${where} AND codes IS NOT NULL GROUP BY machine_id, codes ORDER BY 3 DESC LIMIT 50`,
        ),
      ],
    }),
    table({
      title: 'Values not trusted',
      description: 'Signal and reason, by machine',
      unit: 'none',
      queries: [
        rows(
          `SELECT machine_id, quality, count(*) AS samples, max(time) AS last_seen ${from} ${where} AND quality IS NOT NULL GROUP BY machine_id, quality ORDER BY 3 DESC LIMIT 50`,
        ),
      ],
    }),
  ],
};
