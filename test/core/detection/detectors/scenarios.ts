import { anyDetectorKinds } from '../../../../core/detection/detectors/catalogue.ts';
import type { Random } from '../../../../core/random/random.ts';
import type { Scenario } from './scenario.ts';

/** Three signals of a spindle under a common load: what most detectors are shown. */
const channels = ['load_pct', 'temperature_c', 'vibration_mm_s'];

function loadedSpindle(random: Random): number[] {
  const load = random.normal();
  return [
    50 + 4 * load + random.normal(0, 0.5),
    40 + 2 * load + random.normal(0, 0.3),
    1.5 + 0.02 * load + random.normal(0, 0.05),
  ];
}

/** Vibration jumps by thirty deviations of its noise. */
const vibrationJump = (row: readonly number[]): number[] => [row[0]!, row[1]!, row[2]! + 1.6];

/** Load and temperature part company, each staying well within its own range. */
const brokenBond = (row: readonly number[]): number[] => [row[0]!, 80 - row[1]!, row[2]!];

const base = (name: string, config: Record<string, unknown> = {}, more: Partial<Scenario> = {}): Scenario => ({
  kind: anyDetectorKinds[name]!,
  channels,
  config,
  healthyRow: loadedSpindle,
  faultyRow: vibrationJump,
  trainRows: 160,
  ...more,
});

export const scenarios: Readonly<Record<string, Scenario>> = {
  limits: base('limits', { perChannel: { vibration_mm_s: { max: 2.8 }, load_pct: { min: 0, max: 100 } } }),
  residual: base('residual'),
  'rolling-z': base('rolling-z', { threshold: 5 }),
  'robust-z': base('robust-z'),
  ewma: base('ewma'),
  cusum: base('cusum'),
  'page-hinkley': base('page-hinkley'),
  'vibration-zones': base('vibration-zones', {
    holdS: 10,
    perChannel: { load_pct: { boundsMmPerS: [70, 80, 90] }, temperature_c: { boundsMmPerS: [60, 70, 80] } },
  }),
  'rate-of-change': base('rate-of-change'),
  'spectral-lines': base('spectral-lines'),
  'level-shift': base('level-shift', { trainSamples: 120 }),
  mahalanobis: base('mahalanobis', { trainSamples: 120, windowSamples: 10 }),
  'correlation-break': base('correlation-break', {}, { faultyRow: brokenBond }),
  'isolation-forest': base('isolation-forest', { trainSamples: 150, samplesPerTree: 128 }),
  'half-space-trees': base('half-space-trees', { windowSamples: 60, depth: 6 }, { trainRows: 400 }),
  'random-cut-forest': base('random-cut-forest', { trees: 15, samplesPerTree: 64, shingle: 2 }, { trainRows: 200 }),
  'seasonal-residual': base('seasonal-residual'),
  onset: base(
    'onset',
    { forest: { trees: 15, samplesPerTree: 64, shingle: 1 }, refractorySamples: 60, threshold: 1.5 },
    { trainRows: 200 },
  ),
  'nearest-windows': base(
    'nearest-windows',
    { samplesPerMean: 1, means: 4, windows: 100, minWindows: 20 },
    { trainRows: 300 },
  ),
  committee: base(
    'committee',
    {
      forest: { trees: 15, samplesPerTree: 64, shingle: 1 },
      contexts: { trainSamples: 60, contexts: 200 },
      windows: { samplesPerMean: 1, means: 4, windows: 100, minWindows: 20 },
      refractorySamples: 60,
      threshold: 16,
    },
    { trainRows: 400 },
  ),
};
