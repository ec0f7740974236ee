/** All tables of the laptop, in one file of SQLite. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ServiceError } from '../engine.ts';
import { DynamoTable, type TableDefinition } from './table.ts';

export interface Tables {
  add(definition: TableDefinition): void;
  names(): readonly string[];
  /** By name or ARN. */
  find(name: unknown): DynamoTable;
  /** All of it or nothing. */
  atomically<T>(run: () => T): T;
  expire(nowS: number): void;
  close(): void;
}

export function openTables(folder: string): Tables {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'tables.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  const tables = new Map<string, DynamoTable>();
  return {
    add: (definition) => {
      tables.set(definition.name, new DynamoTable(database, definition));
    },
    names: () => [...tables.keys()].sort(),
    find: (name) => {
      const table = tables.get(readTableName(String(name)));
      if (table !== undefined) return table;
      throw new ServiceError('ResourceNotFoundException', `Requested resource not found: table ${String(name)}`);
    },
    atomically: (run) => atomically(database, run),
    expire: (nowS) => {
      for (const table of tables.values()) table.expire(nowS);
    },
    close: () => database.close(),
  };
}

function atomically<T>(database: DatabaseSync, run: () => T): T {
  database.exec('BEGIN');
  try {
    const result = run();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

export const readTableName = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
