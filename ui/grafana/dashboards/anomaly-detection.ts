import type { Dashboard } from '../dashboard.ts';
import { gauges, healthSteps, noneIsGood, stat, table, timeSeries } from '../panel.ts';
import type { StoreQuestions } from '../questions.ts';

const scoreSteps = [
  { color: 'green', from: null },
  { color: 'orange', from: 30 },
  { color: 'red', from: 60 },
] as const;

export const anomalyDetection = (store: StoreQuestions): Dashboard => ({
  uid: 'factory-twin-anomalies',
  title: 'Anomaly Detection',
  description: 'What stood out, how badly, and which values could not be trusted',
  range: '6h',
  refresh: '5m',
  store,
  panels: [
    stat({
      title: 'Samples that stood out',
      description: 'In the range',
      unit: 'none',
      ...store.countSamples('stoodOut'),
    }),
    stat({
      title: 'Critical samples',
      description: 'In the range',
      unit: 'none',
      steps: noneIsGood,
      ...store.countSamples('critical'),
    }),
    stat({
      title: 'Lowest health',
      description: 'Of the newest values',
      unit: 'percent',
      steps: healthSteps,
      ...store.lowestHealth,
    }),
    stat({
      title: 'Samples with doubtful values',
      description: 'Missing, stuck, stale or out of range: no conclusion rests on these values',
      unit: 'none',
      ...store.countSamples('doubtful'),
    }),
    gauges({
      title: 'Anomaly score now',
      description: '100 less health: 0 is as expected, above 30 a person should look',
      unit: 'none',
      steps: scoreSteps,
      min: 0,
      max: 100,
      ...store.scoreNow,
    }),
    timeSeries({
      title: 'Anomaly score over time',
      description: 'Highest of each interval',
      unit: 'none',
      min: 0,
      max: 100,
      ...store.scoreOverTime,
    }),
    timeSeries({
      title: 'By severity',
      description: 'Samples in each interval',
      unit: 'none',
      ...store.severitiesOverTime,
    }),
    timeSeries({
      title: 'Findings',
      description: 'Samples in each interval that raised some',
      unit: 'none',
      ...store.findingsOverTime,
    }),
    table({
      title: 'Root causes',
      description: 'What the twins found, by machine: the most frequent first',
      unit: 'none',
      ...store.rootCauses,
    }),
    table({
      title: 'Values not trusted',
      description: 'Signal and reason, by machine',
      unit: 'none',
      ...store.doubtfulValues,
    }),
  ],
});
