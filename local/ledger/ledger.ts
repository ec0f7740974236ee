/**
 * Every sample accounted for, per machine: published = stored + duplicates + quarantined + dead-lettered + in flight.
 *
 * The two sides are counted apart: `published` by the broker as it takes a message; the other side by whoever ended a
 * sample's way. What ends while a batch is under way is provisional and booked when the mapping moves past the batch, so
 * the sum is consistent at every moment and a batch that is delivered twice counts once. `difference` is what a function
 * was done with and nobody accounts for: anything but 0 is a loss, or a sample counted twice. The books are those of one run: what
 * was already on the stream at the start is carried over as published.
 */
import type { LedgerPort, PublishedRecord } from '../engine.ts';
import { remember } from '../remember.ts';
import { countSamples, readTopicMachine } from './count-samples.ts';

export interface Account {
  published: number;
  stored: number;
  duplicates: number;
  quarantined: number;
  deadLettered: number;
  /** Samples that a rule or a function is done with. */
  consumed: number;
}

/** Inclusive of what is booked when the batch under way is done. */
interface Book extends Account {
  readonly pending: { stored: number; duplicates: number; quarantined: number; deadLettered: number };
}

export interface LedgerTotals extends Account {
  readonly inFlight: number;
  readonly difference: number;
}

export interface Ledger extends LedgerPort {
  carryOver(records: Iterable<PublishedRecord>): void;
  totals(): LedgerTotals;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly deadLetterReasons: ReadonlyMap<string, number>;
  readonly messages: number;
}

const unknownMachine = '?';
const machineOf = remember(readTopicMachine);
/** A quarantined record told twice is told soon after the first time. */
const rememberedKeys = 100_000;

export function createLedger(): Ledger {
  const books = new Map<string, Book>();
  const reasons = new Map<string, number>();
  const quarantinedKeys = new Set<string>();
  let messages = 0;

  const bookOf = (machineId: string): Book => {
    let book = books.get(machineId);
    if (book === undefined) {
      book = { ...emptyAccount(), pending: { stored: 0, duplicates: 0, quarantined: 0, deadLettered: 0 } };
      books.set(machineId, book);
    }
    return book;
  };
  const addReason = (reason: string, samples: number): void => {
    reasons.set(reason, (reasons.get(reason) ?? 0) + samples);
  };

  return {
    accounts: books,
    deadLetterReasons: reasons,
    get messages() {
      return messages;
    },
    totals: () => sumUp(books.values()),
    published: (topic, payload) => {
      const machineId = machineOf(topic);
      if (machineId === null) return;
      messages += 1;
      bookOf(machineId).published += countSamples(payload);
    },
    carryOver: (records) => {
      for (const record of records) bookOf(record.partitionKey).published += countSamples(record.data);
    },
    putBack: (records) => {
      for (const { partitionKey, data } of records) putBack(bookOf(partitionKey), countSamples(data));
    },
    stored: (_table, machineId, newRows) => {
      bookOf(machineId).pending.stored += newRows;
    },
    repeated: (machineId, rows) => {
      bookOf(machineId).pending.duplicates += rows;
    },
    quarantined: (machineId, samples, reason, key) => {
      if (quarantinedKeys.has(key)) return;
      if (quarantinedKeys.size >= rememberedKeys) quarantinedKeys.clear();
      quarantinedKeys.add(key);
      bookOf(machineId).pending.quarantined += samples;
      addReason(reason, samples);
    },
    givenUp: (records, reason) => {
      for (const record of records) {
        const samples = countSamples(record.data);
        bookOf(record.partitionKey).pending.deadLettered += samples;
        addReason(reason, samples);
      }
    },
    deadLettered: (reason, topic, payload) => {
      const book = bookOf(readTopicMachine(topic) ?? unknownMachine);
      const samples = countSamples(payload);
      book.consumed += samples;
      book.deadLettered += samples;
      addReason(reason, samples);
    },
    consumed: (records) => {
      const touched = new Set<Book>();
      for (const record of records) {
        const book = bookOf(record.partitionKey);
        book.consumed += countSamples(record.data);
        touched.add(book);
      }
      for (const book of touched) settle(book);
    },
  };
}

/**
 * A redriven sample is under way again and ends a second time: it leaves where it was counted. What was counted nowhere,
 * by an earlier run or in no book at all, is published.
 */
function putBack(book: Book, samples: number): void {
  let left = samples;
  for (const end of ['quarantined', 'deadLettered'] as const) {
    const moved = Math.min(left, book[end]);
    book[end] -= moved;
    book.consumed -= moved;
    left -= moved;
  }
  book.published += left;
}

const emptyAccount = (): Account => ({
  published: 0,
  stored: 0,
  duplicates: 0,
  quarantined: 0,
  deadLettered: 0,
  consumed: 0,
});

/**
 * Rows that are new in the store and samples in quarantine are booked first; where only a part of a batch is done, the
 * rest of its rows wait for theirs. A batch delivered twice tells repeated rows, and a batch given up may have stored
 * some: those fill only what is still owed.
 */
function settle(book: Book): void {
  const { pending } = book;
  const owed = (): number => Math.max(0, differenceOf(book));
  const stored = Math.min(pending.stored, owed());
  book.stored += stored;
  const quarantined = Math.min(pending.quarantined, owed());
  book.quarantined += quarantined;
  book.deadLettered += Math.min(pending.deadLettered, owed());
  book.duplicates += Math.min(pending.duplicates, owed());
  Object.assign(pending, { stored: pending.stored - stored, quarantined: pending.quarantined - quarantined });
  Object.assign(pending, { duplicates: 0, deadLettered: 0 });
}

/** What ended more often than it was published; and with nothing in flight, rows that wait for a sample are rows too many. */
function surplusOf({ consumed, published, pending }: Book): number {
  return consumed < published ? 0 : consumed - published + pending.stored + pending.quarantined;
}

const inFlightOf = ({ consumed, published }: Account): number => Math.max(0, published - consumed);

const differenceOf = (account: Account): number =>
  account.consumed - account.stored - account.duplicates - account.quarantined - account.deadLettered;

function sumUp(books: Iterable<Book>): LedgerTotals {
  const total = emptyAccount();
  let difference = 0;
  let inFlight = 0;
  for (const book of books) {
    inFlight += inFlightOf(book);
    for (const key of Object.keys(total) as (keyof Account)[]) total[key] += book[key];
    // A machine's surplus must not hide another's loss.
    difference += Math.abs(differenceOf(book)) + surplusOf(book);
  }
  return { ...total, inFlight, difference };
}
