import type { Dashboard } from '../dashboard.ts';
import { gauges, healthSteps, noneIsGood, stat, stateTimeline, table, timeSeries } from '../panel.ts';
import type { StoreQuestions } from '../questions.ts';

/** One store tells a severity by its rank, the other by its name. */
const severityMapping = {
  type: 'value',
  options: Object.fromEntries(
    (
      [
        ['normal', 'green'],
        ['watch', 'yellow'],
        ['warning', 'orange'],
        ['critical', 'red'],
      ] as const
    ).flatMap(([text, color], rank) => [
      [text, { text, color, index: rank }],
      [String(rank), { text, color, index: rank }],
    ]),
  ),
};

export const machineHealthOverview = (store: StoreQuestions): Dashboard => ({
  uid: 'factory-twin-health',
  title: 'Machine Health Overview',
  description: 'How the plant is now, and how it came to be so',
  range: '1h',
  refresh: '5m',
  store,
  panels: [
    stat({
      title: 'Machines heard of',
      description: 'Machines with a sample in the range',
      unit: 'none',
      ...store.heardOf,
    }),
    stat({
      title: 'Heard in the last minute',
      description: 'Of the others is shown how they were',
      unit: 'none',
      ...store.heardInTheLastMinute,
    }),
    stat({
      title: 'Not to proceed',
      description: 'Machines whose newest decision is do_not_proceed',
      unit: 'none',
      steps: noneIsGood,
      ...store.decidedNow('do_not_proceed'),
    }),
    stat({
      title: 'Lowest health',
      description: 'Of the newest values',
      unit: 'percent',
      steps: healthSteps,
      ...store.lowestHealth,
    }),
    gauges({
      title: 'Health',
      description: 'Newest of each machine',
      unit: 'percent',
      steps: healthSteps,
      min: 0,
      max: 100,
      widthUnits: 24,
      ...store.healthNow,
    }),
    stateTimeline({
      title: 'Alerts',
      description: 'Severity of each machine over time',
      unit: 'none',
      mappings: [severityMapping],
      ...store.severityOfMachinesOverTime,
    }),
    timeSeries({
      title: 'Health over time',
      description: 'Lowest of each interval',
      unit: 'percent',
      min: 0,
      max: 100,
      ...store.overTime('health', 'min'),
    }),
    timeSeries({
      title: 'Samples that stood out',
      description: 'By severity; normal ones are not counted',
      unit: 'none',
      ...store.severitiesOverTime,
    }),
    table({
      title: 'Current status',
      description: 'What each machine’s twin says last',
      unit: 'none',
      ...store.status,
    }),
    table({
      title: 'Recent alerts',
      description: 'Warning and critical findings, newest first',
      unit: 'none',
      ...store.recentAlerts,
    }),
  ],
});
