import type { Dashboard } from '../dashboard.ts';
import { gauges, healthSteps, lines, rows, stat, table, timeSeries } from '../panel.ts';
import { anomalyAnnotation, bin, from, machineVariables, where } from '../store.ts';

/** The newest conclusion on each machine. */
const newest = `SELECT machine_id, max_by(severity, time) AS severity, max_by(decision, time) AS decision, max_by(health, time) AS health, max(time) AS last_sample ${from} ${where} AND health IS NOT NULL GROUP BY machine_id`;

export const machineHealthOverview: Dashboard = {
  uid: 'factory-twin-health',
  title: 'Machine Health Overview',
  description: 'How the plant is now, and how it came to be so',
  range: '1h',
  refresh: '30s',
  variables: machineVariables,
  annotations: [anomalyAnnotation],
  panels: [
    stat({
      title: 'Machines heard of',
      description: 'Machines with a sample in the range',
      unit: 'none',
      queries: [rows(`SELECT count(DISTINCT machine_id) AS machines ${from} ${where}`)],
    }),
    stat({
      title: 'Silent for a minute',
      description: 'Heard in the range, and not in its last minute: what they show is how they were',
      unit: 'none',
      steps: [
        { color: 'green', from: null },
        { color: 'red', from: 1 },
      ],
      queries: [rows(`SELECT count_if(last_sample < ago(1m)) AS machines FROM (${newest})`)],
    }),
    stat({
      title: 'Not to proceed',
      description: 'Machines whose newest decision is do_not_proceed',
      unit: 'none',
      steps: [
        { color: 'green', from: null },
        { color: 'red', from: 1 },
      ],
      queries: [rows(`SELECT count_if(decision = 'do_not_proceed') AS machines FROM (${newest})`)],
    }),
    stat({
      title: 'Lowest health',
      description: 'Of the newest values',
      unit: 'percent',
      steps: healthSteps,
      queries: [rows(`SELECT min(health) AS health FROM (${newest})`)],
    }),
    gauges({
      title: 'Health',
      description: 'Newest of each machine, the worst first',
      unit: 'percent',
      steps: healthSteps,
      min: 0,
      max: 100,
      widthUnits: 24,
      queries: [rows(`SELECT machine_id, health FROM (${newest}) ORDER BY health LIMIT 24`)],
    }),
    timeSeries({
      title: 'Health over time',
      description: 'Lowest of each interval',
      unit: 'percent',
      min: 0,
      max: 100,
      queries: [
        lines(
          `SELECT ${bin} AS time, machine_id, min(health) AS health ${from} ${where} AND health IS NOT NULL GROUP BY ${bin}, machine_id ORDER BY 1`,
        ),
      ],
    }),
    timeSeries({
      title: 'Samples that stood out',
      description: 'By severity; normal ones are not counted',
      unit: 'none',
      queries: [
        lines(
          `SELECT ${bin} AS time, severity, count(*) AS samples ${from} ${where} AND severity <> 'normal' GROUP BY ${bin}, severity ORDER BY 1`,
        ),
      ],
    }),
    table({
      title: 'Current status',
      description: 'What each machine’s twin says last',
      unit: 'none',
      queries: [rows(`SELECT machine_id, severity, decision, health, last_sample FROM (${newest}) ORDER BY health`)],
    }),
    table({
      title: 'Recent alerts',
      description: 'Warning and critical findings, newest first; in minutes',
      unit: 'none',
      queries: [
        rows(
          `SELECT max(time) AS last_seen, machine_id, codes, max_by(severity, time) AS severity, count(*) AS samples, min(health) AS lowest_health ${from} ${where} AND codes IS NOT NULL AND severity IN ('warning', 'critical') GROUP BY machine_id, codes, bin(time, 1m) ORDER BY 1 DESC LIMIT 100`,
        ),
      ],
    }),
  ],
};
