import type { Dashboard } from '../dashboard.ts';
import { gauges, table, timeSeries } from '../panel.ts';
import type { StoreQuestions } from '../questions.ts';

const wearSteps = [
  { color: 'green', from: null },
  { color: 'orange', from: 70 },
  { color: 'red', from: 90 },
] as const;

export const toolWearAnalysis = (store: StoreQuestions): Dashboard => ({
  uid: 'factory-twin-tool-wear',
  title: 'Tool Wear Analysis',
  description: 'Wear of the tools in use, and when they will be worn at the rate of the last hour',
  range: '6h',
  refresh: '5m',
  store,
  panels: [
    gauges({
      title: 'Wear now',
      description: 'Of the tool in the spindle',
      unit: 'percent',
      steps: wearSteps,
      min: 0,
      max: 100,
      ...store.wearNow,
    }),
    table({
      title: 'Replacement at the present rate',
      description:
        'A straight line through the last hour: tools wear faster at the end, so change before. No number while wear does not grow.',
      unit: 'none',
      widthUnits: 12,
      ...store.replacement,
    }),
    timeSeries({
      title: 'Wear over time',
      description: 'A fall is a tool change',
      unit: 'percent',
      min: 0,
      max: 100,
      steps: wearSteps,
      ...store.overTime('tool_wear_percent', 'max'),
    }),
    timeSeries({
      title: 'Remaining life with its band',
      description:
        'Of the tool, where it is what ends first: one in ten ends below the lower line, one in ten above the upper',
      unit: 'h',
      ...store.toolLifeOverTime,
    }),
    timeSeries({
      title: 'Time in cut',
      description: 'Of the tool in the spindle',
      unit: 'm',
      ...store.overTime('tool_runtime_min', 'max'),
    }),
    timeSeries({
      title: 'Spindle load',
      description: 'A worn edge needs more force',
      unit: 'percent',
      ...store.overTime('spindle_load_percent', 'mean'),
    }),
    timeSeries({
      title: 'Spindle vibration',
      description: 'Velocity, RMS, highest of each interval',
      unit: 'suffix: mm/s',
      ...store.overTime('spindle_vibration_mm_s', 'max'),
    }),
  ],
});
