import { type PrognosisConfig, prognosisSchema } from './config.ts';

/**
 * What wears on the built-in machine types, and where it counts as failed. Ends are where an operator would stop the machine; on
 * the pump they stand a little beyond what its signals show at the end, so that the course and not the bound decides.
 */
/**
 * Forces, and with them vibration, grow with speed²; hydraulic power with speed³ (affinity laws);
 * the NPSH a faster pump needs leaves less margin (power fitted to this pump's curves).
 */
const bySpeed = (power: number) => ({ normalisedBy: { signal: 'speed_rpm', reference: 2900, power } });

const pump = {
  wears: [
    { component: 'bearing', failureMode: 'bearing_wear', signal: 'bearing_bpfo_g', failureAt: 1.7, ...bySpeed(2) },
    { component: 'impeller', failureMode: 'imbalance', signal: 'vibration_1x_mm_s', failureAt: 10, ...bySpeed(2) },
    { component: 'impeller', failureMode: 'cavitation', signal: 'npsh_margin_m', failureAt: -1, ...bySpeed(-1.1) },
    { component: 'seal', failureMode: 'seal_leak', signal: 'seal_leak_ml_h', failureAt: 90_000, scale: 'log' },
    { component: 'system', failureMode: 'clogging', signal: 'efficiency_percent', failureAt: 46 },
    {
      component: 'seal',
      failureMode: 'dry_run',
      signal: 'motor_power_kw',
      failureAt: 0.2,
      onsetAt: 0.12,
      ...bySpeed(3),
    },
  ].map((wear) => ({ kind: 'degradation', while: { signal: 'speed_rpm', atLeast: 500 }, ...wear })),
};

const axis = (name: string) => ({
  component: `axis_${name}`,
  failureMode: 'axis_backlash',
  signal: `${name}_reversal_error_um`,
  of: 'magnitude',
  ignoreBelow: 1.5,
  failureAt: 75,
});

const mill = {
  wears: [
    {
      kind: 'tool_wear',
      component: 'tool',
      failureMode: 'tool_wear',
      signal: 'tool_wear_percent',
      failureAt: 100,
      minutesSignal: 'tool_runtime_min',
      partField: 'tool',
    },
    ...[
      {
        component: 'spindle_bearing',
        failureMode: 'spindle_bearing_wear',
        signal: 'spindle_bearing_envelope_g',
        failureAt: 4.5,
        while: { signal: 'spindle_rpm', atLeast: 500 },
      },
      {
        component: 'coolant',
        failureMode: 'coolant_degradation',
        signal: 'coolant_concentration_percent',
        failureAt: 2,
      },
      {
        component: 'thermal',
        failureMode: 'thermal_drift',
        signal: 'spindle_thermal_growth_um',
        failureAt: 110,
        baselineSamples: 900,
        onsetAt: 0.12,
      },
      axis('x'),
      axis('y'),
      axis('z'),
    ].map((wear) => ({ kind: 'degradation', baselineSamples: 300, ...wear })),
  ],
  cycleSignal: 'cycle_time_s',
};

const process = {
  wears: [{ kind: 'tool_wear', component: 'tool', failureMode: 'tool_wear', signal: 'tool_wear_pct', failureAt: 100 }],
};

const builtin: Readonly<Record<string, unknown>> = {
  'centrifugal-pump': pump,
  'cnc-mill': mill,
  'cnc-process': process,
};

const nothing: PrognosisConfig = prognosisSchema.parse({});

const parsed: ReadonlyMap<string, PrognosisConfig> = new Map(
  Object.entries(builtin).map(([name, config]) => [name, prognosisSchema.parse(config)]),
);

/** Nothing is foretold of a type that names nothing that wears. */
export const builtinPrognosis = (machineType: string): PrognosisConfig => parsed.get(machineType) ?? nothing;
