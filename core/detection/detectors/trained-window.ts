import type { Detector, DetectorInput, DetectorKind, DetectorOutput, DetectorState } from '../detector.ts';
import { readRow, shareOut } from './frame.ts';
import { checkChannels, checkState, copyPlain, largestScore, orderByName } from './state.ts';

/**
 * The frame of every detector that learns a model from the first rows and then judges a window of the last ones. A rule
 * says what is learned and how a window scores; the frame does the rest: order of channels, training, window, state.
 */
export interface TrainedWindowConfig {
  readonly windowSamples: number;
  readonly trainSamples: number;
}

export type Row = (number | null)[];

export interface WindowMemory<Model> {
  training: Row[];
  window: Row[];
  model: Model | null;
  alarm: boolean;
}

export interface WindowScore {
  /** 1 is the threshold. */
  readonly score: number;
  /** What each channel adds to it, in the order of the sorted names. */
  readonly parts: ArrayLike<number>;
  readonly alarmAgain?: boolean;
}

export interface WindowRule<Config extends TrainedWindowConfig, Model, Memory extends WindowMemory<Model>> {
  readonly name: string;
  readonly version: number;
  readonly defaults: Config;
  /** What is remembered beyond the frame's own, before the first row: plain JSON. */
  begin(): Omit<Memory, keyof WindowMemory<Model>>;
  learn(rows: readonly Row[], channels: readonly string[], config: Config): Model;
  /** Scores the window and sets `memory.alarm`. */
  judge(memory: Memory, model: Model, config: Config): WindowScore;
  /** Makes the present memory of one that an older version saved; without it, all versions remember the same. */
  renew?(memory: Memory, version: number, config: Config): void;
}

export function trainedWindowKind<Config extends TrainedWindowConfig, Model, Memory extends WindowMemory<Model>>(
  rule: WindowRule<Config, Model, Memory>,
): DetectorKind<Config> {
  const { name, version, defaults } = rule;
  return {
    name,
    version,
    defaults,
    create: ({ channels, config, saved }) =>
      new TrainedWindow(rule, channels, { ...defaults, ...config }, saved ?? null),
  };
}

class TrainedWindow<Config extends TrainedWindowConfig, Model, Memory extends WindowMemory<Model>> implements Detector {
  private readonly rule: WindowRule<Config, Model, Memory>;
  private readonly config: Config;
  private readonly order: readonly number[];
  private readonly channels: readonly string[];
  private readonly memory: Memory;

  constructor(
    rule: WindowRule<Config, Model, Memory>,
    channels: readonly string[],
    config: Config,
    saved: DetectorState | null,
  ) {
    this.rule = rule;
    this.config = config;
    this.order = orderByName(channels);
    this.channels = this.order.map((position) => channels[position]!);
    this.memory = saved === null ? this.begin() : this.load(saved);
  }

  update(input: DetectorInput): DetectorOutput {
    const { memory, config } = this;
    const row = readRow(input.values, this.order);
    if (memory.model === null) {
      memory.training.push(row);
      if (memory.training.length >= config.trainSamples) this.finishTraining();
      return { score: 0, alarm: false, warmingUp: true, contributions: null };
    }
    memory.window.push(row);
    if (memory.window.length > config.windowSamples) memory.window.shift();
    const { score, parts, alarmAgain } = this.rule.judge(memory, memory.model, config);
    const contributions = shareOut(parts, this.order);
    const verdict = { score: Math.min(largestScore, score), alarm: memory.alarm, warmingUp: false, contributions };
    return alarmAgain === undefined ? verdict : { ...verdict, alarmAgain };
  }

  save(): DetectorState {
    const { name, version } = this.rule;
    return { detector: name, version, channels: [...this.channels], memory: copyPlain(this.memory) };
  }

  private begin(): Memory {
    const own: WindowMemory<Model> = { training: [], window: [], model: null, alarm: false };
    return { ...own, ...this.rule.begin() } as Memory;
  }

  private load(saved: DetectorState): Memory {
    checkState(saved, this.rule);
    checkChannels(saved.channels as string[], this.channels, this.rule.name);
    const memory = copyPlain(saved.memory as Memory);
    this.rule.renew?.(memory, saved.version, this.config);
    return memory;
  }

  private finishTraining(): void {
    const { memory, config } = this;
    memory.model = this.rule.learn(memory.training, this.channels, config);
    memory.window = memory.training.slice(-config.windowSamples);
    memory.training = [];
  }
}
