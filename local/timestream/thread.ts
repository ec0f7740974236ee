/** The thread that holds Timestream's file, reads what is written to it, and writes what is asked of it. */
import { parentPort } from 'node:worker_threads';
import type { Json } from '../engine.ts';
import { answerCalls } from '../thread.ts';
import { DuckStore } from './store.ts';
import type { Retention } from './table.ts';
import { type TableName, TimestreamTables } from './tables.ts';

let tables: TimestreamTables;

const functions = {
  open: async (file: string) => {
    tables = new TimestreamTables(await DuckStore.open(file));
  },
  openTable: (name: TableName, retention: Retention) => tables.open(name, retention),
  write: (body: Uint8Array, admitted: TableName, nowMs: number) => tables.write(body, admitted, nowMs),
  query: (input: Json, nowMs: number) => tables.query(input, nowMs),
  columnsOf: (name: string) => tables.columnsOf(name),
  dropExpired: (nowMs: number) => tables.dropExpired(nowMs),
  interrupt: () => tables.interrupt(),
  close: () => tables.close(),
};

export type StoreFunctions = typeof functions;

answerCalls(parentPort!, functions);
