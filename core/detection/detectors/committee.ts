import type { Detector, DetectorInput, DetectorKind, DetectorOutput, DetectorState } from '../detector.ts';
import { type FamiliarContextsSettings, familiarContexts } from './familiar-contexts.ts';
import { type NearestWindowsSettings, nearestWindows } from './nearest-windows.ts';
import { beginPeaks, isFreshPeak, type PeakMemory } from './onset.ts';
import { beginHistory, type ScoreHistory, surpriseOf } from './own-history.ts';
import { type RandomCutForestConfig, randomCutForest } from './random-cut-forest.ts';
import { type SeasonalResidualSettings, seasonalResidual } from './seasonal-residual.ts';
import { checkState, copyPlain, largestScore } from './state.ts';

/**
 * Decides: did something begin just now, judged by four detectors that know different things: the hour's usual value, what
 * follows what, the shape of the last while, and where values lie?
 * Formula: each one's surprise beside its own history, in deviations; those of the seasonal residual, the familiar contexts and the nearest
 * windows are added, that of the random cut forest speaks for itself: the larger, divided by `threshold`. It alarms
 * only where that exceeds every one of the last `refractorySamples` rows by `freshRatio`, so that one event is one alarm.
 * Fails when: a second fault begins in the shadow of a louder first one; a fault comes so slowly that each history learns it.
 * Source: the four detectors' files. Sums of standardised scores: Aggarwal and Sathe, Theoretical Foundations and
 * Algorithms for Outlier Ensembles (2015).
 */
export interface CommitteeConfig {
  readonly forest: Partial<RandomCutForestConfig>;
  readonly seasonal: Partial<SeasonalResidualSettings>;
  readonly contexts: Partial<FamiliarContextsSettings>;
  readonly windows: Partial<NearestWindowsSettings>;
  /** In deviations. */
  readonly threshold: number;
  readonly refractorySamples: number;
  readonly freshRatio: number;
}

/**
 * The forest is the onset detector's; the ratio is what cross-validation on 18 series of the Numenta benchmark chose in every fold.
 * Refractory time and threshold are what it chose most often on copies of these too: at a half and a third of the rate, upside down,
 * as logarithms, cut at either end. The 450 rows that suit the originals best cost up to 9 points on shorter series.
 */
const defaults: CommitteeConfig = {
  forest: { trees: 50, samplesPerTree: 256, shingle: 1 },
  seasonal: {},
  contexts: {},
  windows: {},
  threshold: 9,
  refractorySamples: 200,
  freshRatio: 1.1,
};

const memberNames = ['forest', 'seasonal', 'contexts', 'windows'] as const;
type MemberName = (typeof memberNames)[number];
/** Of those that don't measure themselves against their own past. */
type Histories = Partial<Record<MemberName, ScoreHistory>>;
/** Score and surprise are one where the unit is one deviation. */
const inDeviations = { sigmas: 1 };

interface Opinion {
  readonly name: MemberName;
  readonly output: DetectorOutput;
  readonly surprise: number;
}

export const committee: DetectorKind<CommitteeConfig> = {
  name: 'committee',
  version: 1,
  defaults,
  create: ({ channels, config, saved }) => new Committee(channels, { ...defaults, ...config }, saved ?? null),
};

class Committee implements Detector {
  private readonly config: CommitteeConfig;
  private readonly members: Readonly<Record<MemberName, Detector>>;
  private readonly histories: Histories;
  private readonly memory: PeakMemory;

  constructor(channels: readonly string[], config: CommitteeConfig, saved: DetectorState | null) {
    if (saved !== null) checkState(saved, committee);
    const part = (name: MemberName): { saved: DetectorState } | undefined =>
      saved === null ? undefined : { saved: saved[name] as DetectorState };
    this.config = config;
    this.members = {
      forest: randomCutForest.create({ channels, config: config.forest, ...part('forest') }),
      seasonal: seasonalResidual.create({ channels, config: config.seasonal, ...part('seasonal') }),
      contexts: familiarContexts.create({
        channels,
        config: { ...config.contexts, ...inDeviations },
        ...part('contexts'),
      }),
      windows: nearestWindows.create({ channels, config: { ...config.windows, ...inDeviations }, ...part('windows') }),
    };
    this.histories = saved === null ? beginHistories() : copyPlain(saved.histories as Histories);
    this.memory = saved === null ? beginPeaks() : copyPlain(saved.memory as PeakMemory);
  }

  update(input: DetectorInput): DetectorOutput {
    const opinions = memberNames.map((name): Opinion => {
      const output = this.members[name].update(input);
      const history = this.histories[name];
      return { name, output, surprise: history === undefined ? output.score : surpriseOf(history, output.score) };
    });
    const alone = opinions.filter(({ name }) => name === 'forest');
    const together = opinions.filter(({ name }) => name !== 'forest');
    const louder = sumOf(alone) > sumOf(together) ? alone : together;
    const score = Math.min(largestScore, sumOf(louder) / this.config.threshold);
    const fresh = isFreshPeak(this.memory, score, this.config);
    const warmingUp = opinions.some(({ output }) => output.warmingUp);
    return { score, alarm: fresh && score > 1 && !warmingUp, warmingUp, contributions: shareOf(louder) };
  }

  save(): DetectorState {
    const { name, version } = committee;
    const parts = memberNames.map((member) => [member, this.members[member].save()]);
    const { histories, memory } = this;
    return { detector: name, version, ...copyPlain({ histories, memory }), ...Object.fromEntries(parts) };
  }
}

const beginHistories = (): Histories => ({ forest: beginHistory(), seasonal: beginHistory() });

const sumOf = (opinions: readonly Opinion[]): number => opinions.reduce((sum, { surprise }) => sum + surprise, 0);

/** Each opinion's own shares, weighed by how surprised it is. */
function shareOf(opinions: readonly Opinion[]): number[] | null {
  const known = opinions.filter(({ output, surprise }) => output.contributions !== null && surprise > 0);
  const total = sumOf(known);
  if (total === 0) return null;
  return known[0]!.output.contributions!.map((_, c) =>
    known.reduce((sum, { output, surprise }) => sum + (output.contributions![c]! * surprise) / total, 0),
  );
}
