/**
 * What a FIFO queue was sent lately: the same deduplication id within five minutes is the same message, even when the
 * first was received and deleted long since (SQS developer guide, "Using the message deduplication ID").
 */
import type { DatabaseSync } from 'node:sqlite';

export interface Admission {
  readonly isNew: boolean;
  /** Of the first message with this id. */
  readonly messageId: string;
  /** Twenty digits, ever larger. */
  readonly sequenceNumber: string;
}

export interface Deduplication {
  admit(queue: string, deduplicationId: string, messageId: string): Admission;
}

const intervalMs = 5 * 60_000;

export function openDeduplication(database: DatabaseSync, nowMs: () => number): Deduplication {
  database.exec(`CREATE TABLE IF NOT EXISTS sent (sequence INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT,
    deduplicationId TEXT, messageId TEXT, sentAtMs INTEGER);
    CREATE INDEX IF NOT EXISTS duplicate ON sent (queue, deduplicationId)`);
  const forget = database.prepare('DELETE FROM sent WHERE sentAtMs <= ?');
  const find = database.prepare('SELECT sequence, messageId FROM sent WHERE queue = ? AND deduplicationId = ?');
  const insert = database.prepare('INSERT INTO sent (queue, deduplicationId, messageId, sentAtMs) VALUES (?, ?, ?, ?)');
  return {
    admit: (queue, deduplicationId, messageId) => {
      forget.run(nowMs() - intervalMs);
      const first = find.get(queue, deduplicationId) as { sequence: number; messageId: string } | undefined;
      if (first !== undefined)
        return { isNew: false, messageId: first.messageId, sequenceNumber: digits(first.sequence) };
      const { lastInsertRowid } = insert.run(queue, deduplicationId, messageId, nowMs());
      return { isNew: true, messageId, sequenceNumber: digits(lastInsertRowid) };
    },
  };
}

const digits = (sequence: number | bigint): string => String(sequence).padStart(20, '0');
