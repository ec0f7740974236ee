import type { Detector, DetectorInput, DetectorKind, DetectorOutput, DetectorState, Limit } from '../detector.ts';
import { checkState, copyPlain, largestScore, orderByName, usableNumber } from './state.ts';

/**
 * The frame of every detector that looks at one channel at a time. A rule says what is remembered of a channel and how
 * a value scores against it; the frame does the rest: settings per channel, missing values, state, contributions.
 */
export interface ChannelRule<Settings, Memory> {
  readonly name: string;
  readonly version: number;
  readonly defaults: Settings;
  /** What is remembered before the first value: plain JSON. */
  begin(settings: Settings): Memory;
  /** The value's score (1 = threshold), or NaN while warming up. Changes the memory. The value is always finite. */
  step(memory: Memory, value: number, atMs: number, settings: Settings): number;
  /** What a value must stay within, where the settings alone say it. */
  limit?(settings: Settings): Limit | null;
}

/** Settings for all channels, and what is different for some. */
export type PerChannel<Settings> = Settings & { readonly perChannel: Readonly<Record<string, Partial<Settings>>> };

export function perChannelKind<Settings extends object, Memory>(
  rule: ChannelRule<Settings, Memory>,
): DetectorKind<PerChannel<Settings>> {
  const { name, version } = rule;
  const defaults: PerChannel<Settings> = { ...rule.defaults, perChannel: {} };
  const settingsOf = (channel: string, config: PerChannel<Settings>): Settings => ({
    ...config,
    ...config.perChannel[channel],
  });
  return {
    name,
    version,
    defaults,
    limitOf: (channel, config) => rule.limit?.(settingsOf(channel, { ...defaults, ...config })) ?? null,
    create: ({ channels, config, saved }) =>
      new PerChannelDetector(rule, channels, { ...defaults, ...config }, saved ?? null),
  };
}

const wholeShare: readonly number[] = Object.freeze([1]);

interface Track<Settings, Memory> {
  readonly channel: string;
  readonly position: number;
  readonly settings: Settings;
  memory: Memory;
}

class PerChannelDetector<Settings extends object, Memory> implements Detector {
  private readonly rule: ChannelRule<Settings, Memory>;
  private readonly tracks: readonly Track<Settings, Memory>[];
  private ready: boolean;

  constructor(
    rule: ChannelRule<Settings, Memory>,
    channels: readonly string[],
    config: PerChannel<Settings>,
    saved: DetectorState | null,
  ) {
    if (saved !== null) checkState(saved, rule);
    const memories = (saved?.channels ?? {}) as Readonly<Record<string, Memory>>;
    this.rule = rule;
    this.ready = saved?.ready === true;
    this.tracks = orderByName(channels).map((position) => {
      const channel = channels[position]!;
      const settings: Settings = { ...config, ...config.perChannel[channel] };
      const memory = memories[channel];
      return { channel, position, settings, memory: memory === undefined ? rule.begin(settings) : copyPlain(memory) };
    });
  }

  update(input: DetectorInput): DetectorOutput {
    if (this.tracks.length === 1) return this.updateOnly(this.tracks[0]!, input);
    const shares: number[] = new Array(this.tracks.length).fill(0);
    let score = 0;
    let total = 0;
    for (const track of this.tracks) {
      const value = usableNumber(input.values[track.position]);
      if (Number.isNaN(value)) continue;
      const own = Math.min(this.rule.step(track.memory, value, input.atMs, track.settings), largestScore);
      if (Number.isNaN(own)) continue;
      this.ready = true;
      shares[track.position] = own;
      total += own;
      if (own > score) score = own;
    }
    if (total > 0) for (let i = 0; i < shares.length; i++) shares[i] = shares[i]! / total;
    return { score, alarm: score > 1, warmingUp: !this.ready, contributions: total > 0 ? shares : null };
  }

  /** As update, without what sharing out costs: most detectors in force watch one channel. */
  private updateOnly(track: Track<Settings, Memory>, input: DetectorInput): DetectorOutput {
    const value = usableNumber(input.values[track.position]);
    const own = Number.isNaN(value) ? value : this.rule.step(track.memory, value, input.atMs, track.settings);
    if (Number.isNaN(own)) return { score: 0, alarm: false, warmingUp: !this.ready, contributions: null };
    this.ready = true;
    const score = Math.min(Math.max(0, own), largestScore);
    return { score, alarm: score > 1, warmingUp: false, contributions: own > 0 ? wholeShare : null };
  }

  save(): DetectorState {
    const channels = Object.fromEntries(this.tracks.map((track) => [track.channel, copyPlain(track.memory)]));
    return { detector: this.rule.name, version: this.rule.version, ready: this.ready, channels };
  }
}
