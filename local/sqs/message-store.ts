/** The messages of all queues, in SQLite: they outlive the process. */
import { hash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Json } from '../engine.ts';

export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5: string;
  readonly attributes: Json;
  readonly sentAtMs: number;
  readonly receiveCount: number;
}

export interface QueueCounts {
  readonly visible: number;
  readonly hidden: number;
  readonly oldestSentAtMs: number | null;
}

export interface MessageStore {
  add(queue: string, message: { body: string; attributes: Json; delayMs: number }): { messageId: string; md5: string };
  receive(queue: string, max: number, visibilityMs: number): QueueMessage[];
  remove(queue: string, receiptHandle: string): void;
  hide(queue: string, receiptHandle: string, forMs: number): void;
  /** Moves what was received too often; gives how many. */
  redrive(queue: string, maxReceives: number, deadLetterQueue: string): number;
  expire(queue: string, retentionMs: number): void;
  count(queue: string): QueueCounts;
  purge(queue: string): void;
  close(): void;
}

interface Row {
  readonly id: number;
  readonly messageId: string;
  readonly body: string;
  readonly attributes: string;
  readonly sentAtMs: number;
  readonly receives: number;
}

export function openMessageStore(folder: string, nowMs: () => number): MessageStore {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'messages.db'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, queue TEXT, messageId TEXT, body TEXT, attributes TEXT,
      sentAtMs INTEGER, visibleAtMs INTEGER, receives INTEGER DEFAULT 0, receipt TEXT);
    CREATE INDEX IF NOT EXISTS visible ON message (queue, visibleAtMs);
    CREATE INDEX IF NOT EXISTS receipt ON message (receipt)`);
  const insert = database.prepare(
    'INSERT INTO message (queue, messageId, body, attributes, sentAtMs, visibleAtMs) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const select = database.prepare('SELECT * FROM message WHERE queue = ? AND visibleAtMs <= ? ORDER BY id LIMIT ?');
  const take = database.prepare(
    'UPDATE message SET receives = receives + 1, visibleAtMs = ?, receipt = ? WHERE id = ?',
  );
  const removeByReceipt = database.prepare('DELETE FROM message WHERE queue = ? AND receipt = ?');
  const hideByReceipt = database.prepare('UPDATE message SET visibleAtMs = ? WHERE queue = ? AND receipt = ?');
  const move = database.prepare(
    'UPDATE message SET queue = ?, receives = 0, receipt = NULL WHERE queue = ? AND receives >= ? AND visibleAtMs <= ?',
  );
  const expireOld = database.prepare('DELETE FROM message WHERE queue = ? AND sentAtMs < ?');
  const purgeAll = database.prepare('DELETE FROM message WHERE queue = ?');
  const counts = database.prepare(
    `SELECT count(*) FILTER (WHERE visibleAtMs <= ?) AS visible, count(*) FILTER (WHERE visibleAtMs > ?) AS hidden,
      min(sentAtMs) AS oldestSentAtMs FROM message WHERE queue = ?`,
  );
  return {
    add: (queue, { body, attributes, delayMs }) => {
      const messageId = randomUUID();
      insert.run(queue, messageId, body, JSON.stringify(attributes), nowMs(), nowMs() + delayMs);
      return { messageId, md5: hash('md5', body, 'hex') };
    },
    receive: (queue, max, visibilityMs) =>
      (select.all(queue, nowMs(), max) as unknown as Row[]).map((row) => {
        const receiptHandle = randomUUID();
        take.run(nowMs() + visibilityMs, receiptHandle, row.id);
        return toMessage(row, receiptHandle);
      }),
    remove: (queue, receiptHandle) => {
      removeByReceipt.run(queue, receiptHandle);
    },
    hide: (queue, receiptHandle, forMs) => {
      hideByReceipt.run(nowMs() + forMs, queue, receiptHandle);
    },
    redrive: (queue, maxReceives, deadLetterQueue) =>
      Number(move.run(deadLetterQueue, queue, maxReceives, nowMs()).changes),
    expire: (queue, retentionMs) => {
      expireOld.run(queue, nowMs() - retentionMs);
    },
    count: (queue) => counts.get(nowMs(), nowMs(), queue) as unknown as QueueCounts,
    purge: (queue) => {
      purgeAll.run(queue);
    },
    close: () => database.close(),
  };
}

const toMessage = (row: Row, receiptHandle: string): QueueMessage => ({
  messageId: row.messageId,
  receiptHandle,
  body: row.body,
  md5: hash('md5', row.body, 'hex'),
  attributes: JSON.parse(row.attributes) as Json,
  sentAtMs: row.sentAtMs,
  receiveCount: row.receives + 1,
});
