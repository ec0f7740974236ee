import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** How far each mapping has come in each shard: the next record's index. Written at every commit. */
export interface Positions {
  get(mapping: string, shardId: string): number | undefined;
  set(mapping: string, shardId: string, index: number): void;
  close(): void;
}

export function openPositions(folder: string): Positions {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'positions.db'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS position (mapping TEXT, shardId TEXT, nextIndex INTEGER, PRIMARY KEY (mapping, shardId))`);
  const select = database.prepare('SELECT nextIndex FROM position WHERE mapping = ? AND shardId = ?');
  const upsert = database.prepare('INSERT OR REPLACE INTO position VALUES (?, ?, ?)');
  return {
    get: (mapping, shardId) => (select.get(mapping, shardId) as { nextIndex: number } | undefined)?.nextIndex,
    set: (mapping, shardId, index) => {
      upsert.run(mapping, shardId, index);
    },
    close: () => database.close(),
  };
}
