/** The messages of all queues, in SQLite: they outlive the process. */
import { hash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Json } from '../engine.ts';
import { openDeduplication } from './deduplication.ts';

export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5: string;
  readonly attributes: Json;
  readonly sentAtMs: number;
  readonly receiveCount: number;
  /** What a FIFO queue keeps of a message; null on a standard queue. */
  readonly fifo: FifoAttributes | null;
}

/** As SQS spells them among a message's system attributes. */
export interface FifoAttributes {
  readonly MessageGroupId: string;
  readonly MessageDeduplicationId: string;
  readonly SequenceNumber: string;
}

export interface NewMessage {
  readonly body: string;
  readonly attributes: Json;
  readonly delayMs: number;
  readonly fifo?: { readonly groupId: string; readonly deduplicationId: string };
}

export interface SentMessage {
  readonly messageId: string;
  readonly md5: string;
  readonly sequenceNumber: string | null;
}

export interface QueueCounts {
  readonly visible: number;
  readonly hidden: number;
  readonly oldestSentAtMs: number | null;
}

export interface MessageStore {
  /** A FIFO queue's duplicate gets the answer of the first and is not stored. */
  add(queue: string, message: NewMessage): SentMessage;
  /** In the order of sending; of a FIFO queue only groups of which nothing is in flight. */
  receive(queue: string, max: number, visibilityMs: number): QueueMessage[];
  remove(queue: string, receiptHandle: string): void;
  /** Whether the message of this receipt is still hidden for its receiver. */
  isInFlight(queue: string, receiptHandle: string): boolean;
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
  readonly fifo: string | null;
}

export function openMessageStore(folder: string, nowMs: () => number): MessageStore {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'messages.db'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, queue TEXT, messageId TEXT, body TEXT, attributes TEXT,
      sentAtMs INTEGER, visibleAtMs INTEGER, receives INTEGER DEFAULT 0, receipt TEXT);
    CREATE INDEX IF NOT EXISTS visible ON message (queue, visibleAtMs);
    CREATE INDEX IF NOT EXISTS receipt ON message (receipt)`);
  addColumns(database, ['groupId', 'fifo']);
  const deduplication = openDeduplication(database, nowMs);
  const insert = database.prepare(
    `INSERT INTO message (queue, messageId, body, attributes, sentAtMs, visibleAtMs, groupId, fifo)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  // A group of which a message is in flight gives no other: that keeps its order. Standard queues have no groups.
  const select = database.prepare(
    `SELECT * FROM message AS m WHERE queue = ? AND visibleAtMs <= ? AND NOT EXISTS (SELECT 1 FROM message AS f
      WHERE f.queue = m.queue AND f.groupId = m.groupId AND f.receipt IS NOT NULL AND f.visibleAtMs > ?)
      ORDER BY id LIMIT ?`,
  );
  const take = database.prepare(
    'UPDATE message SET receives = receives + 1, visibleAtMs = ?, receipt = ? WHERE id = ?',
  );
  const removeByReceipt = database.prepare('DELETE FROM message WHERE queue = ? AND receipt = ?');
  const selectInFlight = database.prepare('SELECT 1 FROM message WHERE queue = ? AND receipt = ? AND visibleAtMs > ?');
  const hideByReceipt = database.prepare('UPDATE message SET visibleAtMs = ? WHERE queue = ? AND receipt = ?');
  // A FIFO queue's message is as if sent anew (SQS developer guide, "Using dead-letter queues"): its retention begins.
  const move = database.prepare(
    `UPDATE message SET queue = ?, receives = 0, receipt = NULL, sentAtMs = iif(fifo IS NULL, sentAtMs, ?)
      WHERE queue = ? AND receives >= ? AND visibleAtMs <= ?`,
  );
  const expireOld = database.prepare('DELETE FROM message WHERE queue = ? AND sentAtMs < ?');
  const purgeAll = database.prepare('DELETE FROM message WHERE queue = ?');
  const counts = database.prepare(
    `SELECT count(*) FILTER (WHERE visibleAtMs <= ?) AS visible, count(*) FILTER (WHERE visibleAtMs > ?) AS hidden,
      min(sentAtMs) AS oldestSentAtMs FROM message WHERE queue = ?`,
  );
  const store = (queue: string, messageId: string, message: NewMessage, fifo: FifoAttributes | null): void => {
    const { body, attributes, delayMs } = message;
    const times = [nowMs(), nowMs() + delayMs];
    const grouped = fifo === null ? [null, null] : [fifo.MessageGroupId, JSON.stringify(fifo)];
    insert.run(queue, messageId, body, JSON.stringify(attributes), ...times, ...grouped);
  };
  return {
    add: (queue, message) => {
      const messageId = randomUUID();
      const md5 = hash('md5', message.body, 'hex');
      if (message.fifo === undefined) {
        store(queue, messageId, message, null);
        return { messageId, md5, sequenceNumber: null };
      }
      const { groupId, deduplicationId } = message.fifo;
      const sent = deduplication.admit(queue, deduplicationId, messageId);
      const { sequenceNumber } = sent;
      if (sent.isNew) {
        const fifo = {
          MessageGroupId: groupId,
          MessageDeduplicationId: deduplicationId,
          SequenceNumber: sequenceNumber,
        };
        store(queue, messageId, message, fifo);
      }
      return { messageId: sent.messageId, md5, sequenceNumber };
    },
    receive: (queue, max, visibilityMs) =>
      (select.all(queue, nowMs(), nowMs(), max) as unknown as Row[]).map((row) => {
        const receiptHandle = randomUUID();
        take.run(nowMs() + visibilityMs, receiptHandle, row.id);
        return toMessage(row, receiptHandle);
      }),
    remove: (queue, receiptHandle) => {
      removeByReceipt.run(queue, receiptHandle);
    },
    isInFlight: (queue, receiptHandle) => selectInFlight.get(queue, receiptHandle, nowMs()) !== undefined,
    hide: (queue, receiptHandle, forMs) => {
      hideByReceipt.run(nowMs() + forMs, queue, receiptHandle);
    },
    redrive: (queue, maxReceives, deadLetterQueue) =>
      Number(move.run(deadLetterQueue, nowMs(), queue, maxReceives, nowMs()).changes),
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

/** A folder of an earlier version knows no FIFO queues. */
function addColumns(database: DatabaseSync, names: readonly string[]): void {
  const known = database.prepare('PRAGMA table_info(message)').all() as unknown as { readonly name: string }[];
  for (const name of names) {
    if (!known.some((column) => column.name === name)) database.exec(`ALTER TABLE message ADD COLUMN ${name} TEXT`);
  }
  database.exec('CREATE INDEX IF NOT EXISTS inGroup ON message (queue, groupId)');
}

const toMessage = (row: Row, receiptHandle: string): QueueMessage => ({
  messageId: row.messageId,
  receiptHandle,
  body: row.body,
  md5: hash('md5', row.body, 'hex'),
  attributes: JSON.parse(row.attributes) as Json,
  sentAtMs: row.sentAtMs,
  receiveCount: row.receives + 1,
  fifo: row.fifo === null ? null : (JSON.parse(row.fifo) as FifoAttributes),
});
