/** The table of all queues' messages, and what is asked of it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface MessageRow {
  readonly id: number;
  readonly messageId: string;
  readonly body: string;
  readonly attributes: string;
  readonly sentAtMs: number;
  readonly receives: number;
  readonly fifo: string | null;
}

export function openMessageTable(folder: string): DatabaseSync {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'messages.db'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, queue TEXT, messageId TEXT, body TEXT, attributes TEXT,
      sentAtMs INTEGER, visibleAtMs INTEGER, receives INTEGER DEFAULT 0, receipt TEXT);
    CREATE INDEX IF NOT EXISTS visible ON message (queue, visibleAtMs);
    CREATE INDEX IF NOT EXISTS receipt ON message (receipt)`);
  addColumns(database, ['groupId', 'fifo']);
  return database;
}

/** A folder of an earlier version knows no FIFO queues. */
function addColumns(database: DatabaseSync, names: readonly string[]): void {
  const known = database.prepare('PRAGMA table_info(message)').all() as unknown as { readonly name: string }[];
  for (const name of names) {
    if (!known.some((column) => column.name === name)) database.exec(`ALTER TABLE message ADD COLUMN ${name} TEXT`);
  }
  database.exec('CREATE INDEX IF NOT EXISTS inGroup ON message (queue, groupId)');
}

export type Statements = ReturnType<typeof prepareStatements>;

export const prepareStatements = (database: DatabaseSync) => ({
  insert: database.prepare(
    `INSERT INTO message (queue, messageId, body, attributes, sentAtMs, visibleAtMs, groupId, fifo)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  // A group of which a message is in flight gives no other: that keeps its order. Standard queues have no groups.
  select: database.prepare(
    `SELECT * FROM message AS m WHERE queue = ? AND visibleAtMs <= ? AND NOT EXISTS (SELECT 1 FROM message AS f
      WHERE f.queue = m.queue AND f.groupId = m.groupId AND f.receipt IS NOT NULL AND f.visibleAtMs > ?)
      ORDER BY id LIMIT ?`,
  ),
  take: database.prepare('UPDATE message SET receives = receives + 1, visibleAtMs = ?, receipt = ? WHERE id = ?'),
  remove: database.prepare('DELETE FROM message WHERE queue = ? AND receipt = ?'),
  selectInFlight: database.prepare('SELECT 1 FROM message WHERE queue = ? AND receipt = ? AND visibleAtMs > ?'),
  hide: database.prepare('UPDATE message SET visibleAtMs = ? WHERE queue = ? AND receipt = ?'),
  // A FIFO queue's message is as if sent anew (SQS developer guide, "Using dead-letter queues"): its retention begins.
  move: database.prepare(
    `UPDATE message SET queue = ?, receives = 0, receipt = NULL, sentAtMs = iif(fifo IS NULL, sentAtMs, ?)
      WHERE queue = ? AND receives >= ? AND visibleAtMs <= ?`,
  ),
  expire: database.prepare('DELETE FROM message WHERE queue = ? AND sentAtMs < ?'),
  purge: database.prepare('DELETE FROM message WHERE queue = ?'),
  count: database.prepare(
    `SELECT count(*) FILTER (WHERE visibleAtMs <= ?) AS visible, count(*) FILTER (WHERE visibleAtMs > ?) AS hidden,
      min(sentAtMs) AS oldestSentAtMs FROM message WHERE queue = ?`,
  ),
});
