import { beginHistory, hasHistory, type ScoreHistory, surpriseOf } from './own-history.ts';
import { perChannelKind } from './per-channel.ts';

/**
 * Decides: did what came follow what went before as it has done until now?
 * Formula: a value is one of 2^`bits` steps of the range seen so far, each bit of the step a fact. A context says "after
 * these facts come those"; the facts before are those of the last value and the contexts that it fulfilled. Of the
 * contexts whose first half holds, the share whose second half fails, and of the contexts that the row suggests
 * (itself, and what it has in common with the known ones) the share that is new: their mean is the unfamiliarity. Its surprise
 * beside its own history, divided by `sigmas`, is the score.
 * Fails when: the signal is noise over its whole range: then everything is new for long; a fault stays within a step. On
 * noise its largest healthy score comes near that of a fault: a witness for the committee, no detector to alarm by itself.
 * Source: the public description of M. Smirnov's contextual anomaly detector (CAD-OSE, Numenta benchmark); the range comes
 * from the past only, and the contexts kept are bounded: the one that held least lately makes room.
 */
export interface FamiliarContextsSettings {
  readonly bits: number;
  readonly trainSamples: number;
  /** By how much of itself the range of the first samples is widened on each side, and again whenever it is exceeded. */
  readonly rangeMargin: number;
  readonly contexts: number;
  /** Of the fulfilled contexts the most frequent ones join the facts. */
  readonly activeContexts: number;
  /** Halves in common with more facts than this are too particular to be learned. */
  readonly maxFacts: number;
  readonly sigmas: number;
}

/**
 * Bits, active contexts and facts as published. On 18 series of the Numenta benchmark margins of 0.25 to 1 and 1,000 to 3,000
 * contexts do alike within the committee, 500 do worse.
 */
const defaults: FamiliarContextsSettings = {
  bits: 3,
  trainSamples: 200,
  rangeMargin: 1,
  contexts: 1000,
  activeContexts: 15,
  maxFacts: 7,
  sigmas: 4,
};

/** Two facts a bit: it is set, or it is not. */
interface Facts {
  readonly mask: number;
  readonly contexts: readonly number[];
}

interface Context {
  readonly id: number;
  readonly before: Facts;
  readonly after: number;
  hits: number;
  /** Held since the search for room last came by. */
  recent: boolean;
}

interface Memory {
  training: number[];
  range: { low: number; high: number } | null;
  contexts: Context[];
  nextId: number;
  /** Where the search for room goes on. */
  hand: number;
  facts: Facts;
  history: ScoreHistory;
}

export const familiarContexts = perChannelKind<FamiliarContextsSettings, Memory>({
  name: 'familiar-contexts',
  version: 1,
  defaults,
  begin: () => ({
    training: [],
    range: null,
    contexts: [],
    nextId: 0,
    hand: 0,
    facts: { mask: 0, contexts: [] },
    history: beginHistory(),
  }),
  step: (memory, value, _atMs, settings) => {
    if (memory.range !== null) return scoreOf(memory, value, settings);
    memory.training.push(value);
    if (memory.training.length < settings.trainSamples) return Number.NaN;
    memory.range = rangeOf(memory.training, settings.rangeMargin);
    for (const earlier of memory.training) scoreOf(memory, earlier, settings);
    memory.training = [];
    return Number.NaN;
  },
});

function rangeOf(values: readonly number[], margin: number): { low: number; high: number } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const span = high - low || Math.abs(high) || 1;
  return { low: low - margin * span, high: high + margin * span };
}

function scoreOf(memory: Memory, value: number, settings: FamiliarContextsSettings): number {
  const known = hasHistory(memory.history);
  const now = factsOf(memory, value, settings);
  const surprise = surpriseOf(memory.history, unfamiliarity(memory, now, settings));
  return known ? surprise / settings.sigmas : Number.NaN;
}

/** A value outside widens the range once, not to itself: one wild value must not make all others alike. */
function factsOf({ range }: Memory, value: number, { bits, rangeMargin }: FamiliarContextsSettings): number {
  if (range === null) return 0;
  const span = range.high - range.low;
  if (value < range.low) range.low -= rangeMargin * span;
  if (value > range.high) range.high += rangeMargin * span;
  const last = 2 ** bits - 1;
  const step = Math.floor(((value - range.low) / (range.high - range.low)) * last);
  const code = Math.min(last, Math.max(0, step));
  return code | ((last & ~code) << bits);
}

/** Between 0 and 1; learns the row. */
function unfamiliarity(memory: Memory, now: number, settings: FamiliarContextsSettings): number {
  const { facts } = memory;
  const keys = knownKeys(memory);
  const itself = { before: facts, after: now };
  const isNew = facts.mask !== 0 && !keys.has(keyOf(itself));
  const { selected, fulfilled, suggested } = compare(memory, now, isNew ? settings.maxFacts : 0);
  if (isNew) suggested.set(keyOf(itself), itself);
  let learned = 0;
  for (const [key, context] of suggested) {
    if (keys.has(key)) continue;
    learn(memory, context, settings.contexts);
    learned++;
  }
  fulfilled.sort((a, b) => a.hits - b.hits || a.id - b.id);
  const ids = fulfilled.slice(-settings.activeContexts).map(({ id }) => id);
  memory.facts = { mask: now, contexts: ids.sort((a, b) => a - b) };
  const held = selected > 0 ? fulfilled.length / selected : 0;
  return (1 - held + (suggested.size > 0 ? learned / suggested.size : 0)) / 2;
}

type Halves = Pick<Context, 'before' | 'after'>;

interface Comparison {
  readonly selected: number;
  readonly fulfilled: Context[];
  readonly suggested: Map<string, Halves>;
}

/** What the contexts expected, what of it came, and what the row has in common with them (`maxFacts` 0: not asked). */
function compare(memory: Memory, now: number, maxFacts: number): Comparison {
  const active = new Set(memory.facts.contexts);
  const fulfilled: Context[] = [];
  const suggested = new Map<string, Halves>();
  let selected = 0;
  for (const context of memory.contexts) {
    const shared = sharedFacts(context.before, memory.facts.mask, active);
    const holds = shared === sizeOf(context.before);
    if (holds) selected++;
    const after = context.after & now;
    if (holds && after === context.after) {
      context.hits++;
      context.recent = true;
      fulfilled.push(context);
    } else if (after !== 0 && shared > 0 && shared <= maxFacts) {
      const common = { before: holds ? context.before : commonFacts(context.before, memory.facts.mask, active), after };
      suggested.set(keyOf(common), common);
    }
  }
  return { selected, fulfilled, suggested };
}

const sizeOf = ({ mask, contexts }: Facts): number => bitsIn(mask) + contexts.length;

function sharedFacts(before: Facts, mask: number, active: ReadonlySet<number>): number {
  let shared = bitsIn(before.mask & mask);
  for (const id of before.contexts) if (active.has(id)) shared++;
  return shared;
}

const commonFacts = (before: Facts, mask: number, active: ReadonlySet<number>): Facts => ({
  mask: before.mask & mask,
  contexts: before.contexts.filter((id) => active.has(id)),
});

function bitsIn(mask: number): number {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count++;
  return count;
}

const keyOf = ({ before, after }: Halves): string => `${after} ${before.mask} ${before.contexts.join()}`;

/** Of living memories only, rebuilt for a loaded one: what stands in the contexts need not be saved twice. */
const keysOfMemories = new WeakMap<Memory, Set<string>>();

function knownKeys(memory: Memory): Set<string> {
  const known = keysOfMemories.get(memory) ?? new Set(memory.contexts.map(keyOf));
  keysOfMemories.set(memory, known);
  return known;
}

function learn(memory: Memory, halves: Halves, capacity: number): void {
  const place = memory.contexts.length < capacity ? memory.contexts.length : findRoom(memory);
  const replaced = memory.contexts[place];
  const keys = knownKeys(memory);
  if (replaced !== undefined) keys.delete(keyOf(replaced));
  keys.add(keyOf(halves));
  memory.contexts[place] = { ...halves, id: memory.nextId++, hits: 0, recent: false };
}

/** A hand goes round: what held since its last visit is spared once. */
function findRoom(memory: Memory): number {
  const { contexts } = memory;
  const next = (): number => {
    const place = memory.hand;
    memory.hand = (place + 1) % contexts.length;
    return place;
  };
  for (let spared = 0; spared < contexts.length; spared++) {
    const place = next();
    if (!contexts[place]!.recent) return place;
    contexts[place]!.recent = false;
  }
  return next();
}
