import type { Check } from './config.ts';
import type { Limit } from './detector.ts';
import type { PaceState, PartPace } from './pace-state.ts';
import type { Frame, Plan } from './plan.ts';
import type { RunningCheck } from './running-check.ts';
import type { SeenValue } from './seen-value.ts';

/**
 * Decides: does a part now wear faster, for the work it does, than this very part did before?
 *
 *   rate = Δwear / Δwork over spans of work;  p = the slowest rate so far, followed by `follow` of the way;
 *   S ← max(0, S + Δwear − faster·p·Δwork);  score = S / atLeast
 *
 * Wear rises quickly at first, then evenly, and quickly again before the end: the pace only falls, and from `until` on
 * nothing is counted. Each part has a pace of its own; what may be another part, other work, or a count set by hand starts
 * it anew.
 * It fails on a part that wears fast from its first minute (a limit finds that one), where the work changes under one
 * name, and where wear is measured with noise near `atLeast`: raise it.
 * Source: a one-sided CUSUM (Page 1954) against the part's own rate; the three phases of wear as in ISO 8688-2.
 */
type PaceConfig = Extract<Check, { kind: 'pace' }>;

/** Of the way from the pace down to a slower rate: one short span is no pace. */
const follow = 0.3;
/** A span ends after this share of `atLeast` in wear, or after `mostWork` without. */
const spanShare = 0.3;
/** What a wear value can resolve, as a share of `atLeast`: no pace is slower than one such step a span. */
const stepShare = 0.02;
/** A count may run ahead of the clock by this share of `leastWork`: it is rounded. */
const roundingShare = 0.1;
/** Times `leastWork`: a part that did more than this while nobody looked may be another one; so may one that wore by `atLeast`. */
const mostUnseen = 3;
/** Longer between two samples of the same part, and nobody looked. */
const longestLookS = 120;
/** More than most programs use, and a mill's state stays within 4 KB; the part not seen for longest makes room. */
const mostParts = 10;

interface Part {
  readonly work: string;
  atS: number;
  wear: number;
  count: number;
  spanWear: number;
  spanCount: number;
  /** 0 until the first span is over. */
  pace: number;
  excess: number;
  /** What the wear was when it began to run ahead. */
  wearBefore: number;
}

export class PaceCheck implements RunningCheck {
  readonly detectorName = 'pace';
  readonly detectorVersion = 1;
  readonly code: string;
  readonly of: readonly number[];
  readonly when: number;
  isWarmingUp = true;
  alarm = false;
  score = 0;
  seen: SeenValue | null = null;
  private readonly config: PaceConfig;
  private readonly per: number;
  /** The one seen last stands last. */
  private readonly parts: Map<string, Part>;
  private lastName: string | undefined;

  constructor(config: PaceConfig, when: number, plan: Plan, saved?: PaceState) {
    this.config = config;
    this.code = config.code;
    this.of = [plan.indexOf.get(config.of)!];
    this.per = plan.indexOf.get(config.per)!;
    this.when = when;
    this.parts = new Map(saved?.parts.map(partOf));
    this.lastName = [...this.parts.keys()].at(-1);
    this.judge();
    this.seen = saved?.seen ?? this.seen;
  }

  run(frame: Frame): void {
    const wear = frame.values[this.of[0]!]!;
    const count = frame.values[this.per]!;
    // A count that stands at nothing belongs to a part that has not begun.
    if (!(count > 0) || Number.isNaN(wear)) return;
    const name = textOf(frame, this.config.partField);
    const work = textOf(frame, this.config.workField);
    const atS = frame.atMs / 1000;
    const isWatched = name === this.lastName && frame.elapsedS <= longestLookS;
    const part = this.parts.get(name);
    if (
      part === undefined ||
      part.work !== work ||
      !this.continues(part, wear, count, isWatched ? frame.elapsedS : null)
    ) {
      this.place(name, {
        work,
        atS,
        wear,
        count,
        spanWear: wear,
        spanCount: count,
        pace: 0,
        excess: 0,
        wearBefore: wear,
      });
      this.judge();
      return;
    }
    part.atS = atS;
    part.wear = wear;
    part.count = count;
    if (name !== this.lastName) this.place(name, part);
    const { leastWork, mostWork, atLeast } = this.config;
    const done = count - part.spanCount;
    if (done < leastWork || (wear - part.spanWear < spanShare * atLeast && done < mostWork)) return;
    this.closeSpan(part);
    this.judge();
  }

  /** Wear stays: alarm and score stand while another part is at work. */
  pause(): void {
    // Both are told from what is remembered.
  }

  limit(frame: Frame): Limit {
    const { seen } = this;
    return seen === null
      ? { max: frame.values[this.of[0]!]! }
      : { max: seen.observed - this.worst + this.config.atLeast };
  }

  reset(part: string | null = null): void {
    if (part === null) this.parts.clear();
    else this.parts.delete(part);
    this.lastName = [...this.parts.keys()].at(-1);
    this.judge();
  }

  save(): PaceState {
    const parts = [...this.parts].map(([name, p]) => packed(name, p));
    return this.seen === null ? { parts } : { parts, seen: this.seen };
  }

  private get worst(): number {
    return this.score * this.config.atLeast;
  }

  /** The same part for certain: neither wear nor count fell, nor rose further than they can; null where nobody looked. */
  private continues(part: Part, wear: number, count: number, watchedS: number | null): boolean {
    const { leastWork, mostPerS, atLeast } = this.config;
    const done = count - part.count;
    if (!(done >= 0 && wear >= part.wear)) return false;
    if (watchedS === null) return done <= mostUnseen * leastWork && wear - part.wear <= atLeast;
    return mostPerS === null || done <= watchedS * mostPerS + roundingShare * leastWork;
  }

  /** Last, as the one seen last. */
  private place(name: string, part: Part): void {
    this.parts.delete(name);
    this.parts.set(name, part);
    this.lastName = name;
    if (this.parts.size > mostParts) this.parts.delete(this.parts.keys().next().value!);
  }

  private closeSpan(part: Part): void {
    const { faster, atLeast, until } = this.config;
    const work = part.count - part.spanCount;
    const worn = part.wear - part.spanWear;
    const before = part.spanWear;
    part.spanWear = part.wear;
    part.spanCount = part.count;
    const rate = Math.max(worn, stepShare * atLeast) / work;
    if (part.pace === 0) {
      part.pace = rate;
      return;
    }
    const isCounted = until === undefined || part.wear < until;
    const excess = part.excess + (isCounted ? worn - faster * part.pace * work : 0);
    if (part.excess === 0) part.wearBefore = before;
    part.excess = Math.max(0, excess);
    if (rate < part.pace) part.pace += follow * (rate - part.pace);
  }

  /** By the part that is furthest ahead of itself. */
  private judge(): void {
    let loudest: Part | null = null;
    let name = '';
    this.isWarmingUp = true;
    for (const [own, part] of this.parts) {
      if (part.pace > 0) this.isWarmingUp = false;
      if (loudest !== null && part.excess <= loudest.excess) continue;
      loudest = part;
      name = own;
    }
    this.score = loudest === null ? 0 : loudest.excess / this.config.atLeast;
    this.alarm = this.score > 1;
    this.seen = this.alarm ? seenAt(name, loudest!, this.config.faster) : null;
  }
}

/** Expected is what the part's own pace would have given since it began to run ahead. */
const seenAt = (name: string, { wear, excess, wearBefore, atS }: Part, faster: number): SeenValue => ({
  ...(name === '' ? {} : { part: name }),
  observed: wear,
  expected: wearBefore + (wear - excess - wearBefore) / faster,
  atMs: atS * 1000,
});

const textOf = ({ context }: Frame, field: string | undefined): string =>
  field === undefined ? '' : String(context[field] ?? '');

const packed = (name: string, p: Part): PartPace => [
  name,
  p.work,
  p.atS,
  p.wear,
  p.count,
  p.spanWear,
  p.spanCount,
  p.pace,
  p.excess,
  p.wearBefore,
];

const partOf = ([name, work, atS, wear, count, spanWear, spanCount, pace, excess, wearBefore]: PartPace): [
  string,
  Part,
] => [name, { work, atS, wear, count, spanWear, spanCount, pace, excess, wearBefore }];
