import type { Dashboard, Figure } from '../dashboard.ts';
import { healthSteps, noneIsGood, stat, table, timeSeries } from '../panel.ts';
import type { StoreQuestions } from '../questions.ts';

/** To the next weekend, and four hours of work that take three times as long unplanned (core/maintenance/cost.ts). */
const figuresOf = (downtimeEurPerHour: number): readonly Figure[] => [
  { name: 'horizonHours', label: 'Wait, h', value: 168 },
  { name: 'unplannedHours', label: 'A failure stops for, h', value: 12 },
  { name: 'downtimeEurPerHour', label: 'Standing still, €/h', value: downtimeEurPerHour },
];

export const predictiveMaintenance = (store: StoreQuestions, downtimeEurPerHour: number): Dashboard => ({
  uid: 'factory-twin-maintenance',
  title: 'Predictive Maintenance',
  description: 'Which machines lose health, how fast, what is advised, and what waiting costs',
  range: '24h',
  refresh: '5m',
  store,
  figures: figuresOf(downtimeEurPerHour),
  panels: [
    stat({
      title: 'To be scheduled',
      description: 'Machines whose newest decision is schedule_intervention',
      unit: 'none',
      ...store.decidedNow('schedule_intervention'),
    }),
    stat({
      title: 'A person must look',
      description: 'Machines whose newest decision is human_review',
      unit: 'none',
      ...store.decidedNow('human_review'),
    }),
    stat({
      title: 'Not to proceed',
      description: 'Machines whose newest decision is do_not_proceed',
      unit: 'none',
      steps: noneIsGood,
      ...store.decidedNow('do_not_proceed'),
    }),
    table({
      title: 'Upcoming schedule',
      description:
        'Newest forecast of the component that ends first, in hours: one in ten ends before P10, so act before that. Work that is ordered already stands on the operator page.',
      unit: 'none',
      ...store.schedule,
    }),
    table({
      title: 'Cost of waiting',
      description:
        'What a failure is expected to cost within the hours above: its chance by the remaining life, times the hours it stops the machine, times the price of an hour. Parts are not in it.',
      unit: 'none',
      widthUnits: 12,
      ...store.costOfWaiting,
    }),
    table({
      title: 'Component health',
      description: 'Newest, in percent, the worst component first',
      unit: 'none',
      widthUnits: 12,
      ...store.componentHealth,
    }),
    table({
      title: 'Losing health',
      description: 'From the beginning to the end of the range: below 40 % it is urgent',
      unit: 'none',
      ...store.losingHealth,
    }),
    timeSeries({
      title: 'Remaining life over time',
      description: 'Median of each machine’s next component to end; where it rises, a part was changed',
      unit: 'h',
      ...store.overTime('rul_p50_hours', 'mean'),
    }),
    timeSeries({
      title: 'Health',
      description: 'Mean of each interval',
      unit: 'percent',
      min: 0,
      max: 100,
      steps: healthSteps,
      ...store.overTime('health', 'mean'),
    }),
    timeSeries({
      title: 'Decisions',
      description: 'Samples in each interval by what was advised',
      unit: 'none',
      ...store.decisionsOverTime,
    }),
  ],
});
