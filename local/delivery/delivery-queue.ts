/**
 * What was accepted and is still to be brought to somebody: events to their targets, notifications to subscribers,
 * asynchronous invocations. Kept in SQLite, so a killed process brings them after its restart: at least once.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../engine.ts';

/** `isNoAttempt`: its time had not come, and nothing was tried. */
export type Verdict = 'done' | { readonly retryInMs: number; readonly isNoAttempt?: true };
export type DeliveryHandler = (body: Json, attempt: number, firstAtMs: number) => Promise<Verdict>;

export interface DeliveryQueue {
  add(kind: string, body: Json): void;
  handle(kind: string, handler: DeliveryHandler): void;
  start(): void;
  /** Waits for those under way; the others stay for the next start. */
  stop(): Promise<void>;
  readonly pendingCount: number;
}

interface Row {
  readonly id: number;
  readonly kind: string;
  readonly body: string;
  readonly attempt: number;
  readonly firstAtMs: number;
}

const maxUnderWay = 16;
/** Where a handler throws: its fault, not the receiver's. Tried again, ever later. */
const longestBackOffMs = 60_000;
/** Timers are real and the laptop's time may run faster: a later moment is looked at again this soon. */
const longestSleepMs = 100;

export function openDeliveryQueue(file: string, nowMs: () => number, tell: (message: string) => void): DeliveryQueue {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS delivery (id INTEGER PRIMARY KEY, kind TEXT, body TEXT, attempt INTEGER, firstAtMs INTEGER, dueAtMs INTEGER);
    CREATE INDEX IF NOT EXISTS due ON delivery (dueAtMs)`);
  const insert = database.prepare(
    'INSERT INTO delivery (kind, body, attempt, firstAtMs, dueAtMs) VALUES (?, ?, 0, ?, ?)',
  );
  const selectDue = database.prepare('SELECT * FROM delivery WHERE dueAtMs <= ? ORDER BY dueAtMs, id LIMIT ?');
  const selectNext = database.prepare('SELECT min(dueAtMs) AS dueAtMs FROM delivery WHERE dueAtMs > ?');
  const postpone = database.prepare('UPDATE delivery SET attempt = ?, dueAtMs = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM delivery WHERE id = ?');
  const count = database.prepare('SELECT count(*) AS n FROM delivery');
  const handlers = new Map<string, DeliveryHandler>();
  const underWay = new Map<number, Promise<void>>();
  let isRunning = false;
  let timer: NodeJS.Timeout | undefined;

  const deliver = async (row: Row): Promise<void> => {
    const attempt = row.attempt + 1;
    await settle(row, attempt, await judge(row, attempt));
    underWay.delete(row.id);
    if (isRunning) wake();
  };
  /** Where the file cannot be written (a full disk), the delivery stays under way: it is not brought again meanwhile. */
  const settle = async (row: Row, attempt: number, verdict: Verdict): Promise<void> => {
    try {
      if (verdict === 'done') remove.run(row.id);
      else postpone.run(verdict.isNoAttempt ? row.attempt : attempt, nowMs() + verdict.retryInMs, row.id);
    } catch (error) {
      tell(`${row.kind}: ${(error as Error).message}`);
      await sleep(longestSleepMs);
      if (isRunning) await settle(row, attempt, verdict);
    }
  };
  const judge = async (row: Row, attempt: number): Promise<Verdict> => {
    try {
      const handler = handlers.get(row.kind);
      if (handler === undefined) throw new Error(`nobody delivers ${row.kind}`);
      return await handler(JSON.parse(row.body) as Json, attempt, row.firstAtMs);
    } catch (error) {
      tell(`${row.kind}, attempt ${attempt}: ${(error as Error).message}`);
      return { retryInMs: Math.min(longestBackOffMs, 100 * 2 ** attempt) };
    }
  };
  const wake = (): void => {
    clearTimeout(timer);
    if (!isRunning) return;
    // One moment for both questions, so that no delivery falls between them; those under way are long due.
    const atMs = nowMs();
    const due = selectDue.all(atMs, maxUnderWay + underWay.size) as unknown as Row[];
    for (const row of due) {
      if (underWay.size >= maxUnderWay) return;
      if (!underWay.has(row.id)) underWay.set(row.id, deliver(row));
    }
    const next = (selectNext.get(atMs) as { dueAtMs: number | null }).dueAtMs;
    if (next !== null) timer = setTimeout(wake, Math.min(next - atMs, longestSleepMs));
  };

  return {
    add: (kind, body) => {
      insert.run(kind, JSON.stringify(body), nowMs(), nowMs());
      if (isRunning) setImmediate(wake);
    },
    handle: (kind, handler) => handlers.set(kind, handler),
    start: () => {
      isRunning = true;
      wake();
    },
    stop: async () => {
      isRunning = false;
      clearTimeout(timer);
      await Promise.all(underWay.values());
      database.close();
    },
    get pendingCount() {
      return (count.get() as { n: number }).n;
    },
  };
}
