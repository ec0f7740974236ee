import type { Dashboard } from '../dashboard.ts';
import { healthSteps, lines, rows, stat, table, timeSeries } from '../panel.ts';
import { anomalyAnnotation, bin, from, machineVariables, where } from '../store.ts';

/** Health at both ends of the range, each a mean of a tenth of it: one sample says nothing of a trend. */
const trend = `SELECT machine_id, avg(CASE WHEN to_milliseconds(time) * 10 < $__timeFrom * 9 + $__timeTo THEN health END) AS before, avg(CASE WHEN to_milliseconds(time) * 10 >= $__timeFrom + $__timeTo * 9 THEN health END) AS now, max_by(decision, time) AS decision, max_by(codes, time) AS codes ${from} ${where} AND health IS NOT NULL GROUP BY machine_id`;
const rangeHours = '(($__timeTo - $__timeFrom) * 0.9 / 3600000.0)';

export const predictiveMaintenance: Dashboard = {
  uid: 'factory-twin-maintenance',
  title: 'Predictive Maintenance',
  description: 'Which machines lose health, how fast, and what is advised',
  range: '24h',
  refresh: '5m',
  variables: machineVariables,
  annotations: [anomalyAnnotation],
  panels: [
    stat({
      title: 'To be scheduled',
      description: 'Machines whose newest decision is schedule_intervention',
      unit: 'none',
      queries: [rows(`SELECT count_if(decision = 'schedule_intervention') AS machines FROM (${trend})`)],
    }),
    stat({
      title: 'A person must look',
      description: 'Machines whose newest decision is human_review',
      unit: 'none',
      queries: [rows(`SELECT count_if(decision = 'human_review') AS machines FROM (${trend})`)],
    }),
    stat({
      title: 'Not to proceed',
      description: 'Machines whose newest decision is do_not_proceed',
      unit: 'none',
      steps: [
        { color: 'green', from: null },
        { color: 'red', from: 1 },
      ],
      queries: [rows(`SELECT count_if(decision = 'do_not_proceed') AS machines FROM (${trend})`)],
    }),
    table({
      title: 'Remaining life',
      description:
        'Newest forecast of the component that ends first: one in ten ends before the first number of hours. The soonest on top.',
      unit: 'h',
      queries: [
        rows(
          `SELECT machine_id, max_by(rul_component, time) AS component, max_by(rul_p10_hours, time) AS hours_p10, max_by(rul_p50_hours, time) AS hours_p50, max_by(rul_p90_hours, time) AS hours_p90, max(time) AS told_at ${from} ${where} AND rul_p50_hours IS NOT NULL GROUP BY machine_id ORDER BY 3`,
        ),
      ],
    }),
    table({
      title: 'Losing health',
      description:
        'A straight line from the first to the last tenth of the range; hours until health is 40 %. No number where health does not fall.',
      unit: 'none',
      queries: [
        rows(
          `SELECT machine_id, now AS health_percent, (now - before) / ${rangeHours} AS percent_per_hour, CASE WHEN now < before AND now > 40 THEN (now - 40) / ((before - now) / ${rangeHours}) END AS hours_to_40_percent, decision, codes FROM (${trend}) ORDER BY 3`,
        ),
      ],
    }),
    timeSeries({
      title: 'Remaining life over time',
      description: 'Median of each machine’s next component to end; where it rises, a part was changed',
      unit: 'h',
      queries: [
        lines(
          `SELECT ${bin} AS time, machine_id, avg(rul_p50_hours) AS hours ${from} ${where} AND rul_p50_hours IS NOT NULL GROUP BY ${bin}, machine_id ORDER BY 1`,
        ),
      ],
    }),
    timeSeries({
      title: 'Health',
      description: 'Mean of each interval',
      unit: 'percent',
      min: 0,
      max: 100,
      steps: healthSteps,
      queries: [
        lines(
          `SELECT ${bin} AS time, machine_id, avg(health) AS health ${from} ${where} AND health IS NOT NULL GROUP BY ${bin}, machine_id ORDER BY 1`,
        ),
      ],
    }),
    timeSeries({
      title: 'Decisions',
      description: 'Samples in each interval by what was advised',
      unit: 'none',
      queries: [
        lines(
          `SELECT ${bin} AS time, decision, count(*) AS samples ${from} ${where} AND decision IS NOT NULL GROUP BY ${bin}, decision ORDER BY 1`,
        ),
      ],
    }),
  ],
};
