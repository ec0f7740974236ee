import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MeasureType } from '../../../local/timestream/record.ts';
import { type Column, DuckStore } from '../../../local/timestream/store.ts';

let folder: string;
let store: DuckStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  store = await DuckStore.open(join(folder, 'store.duckdb'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const load: [string, Column] = ['load_percent', { kind: 'measure', type: 'DOUBLE' }];
const machine: [string, Column] = ['machine_id', { kind: 'dimension', type: 'VARCHAR' }];

it('makes columns together or not at all, and can be asked again', async () => {
  const table = await store.openTable('factory', 'telemetry');
  const bare = [...table.columns.keys()];
  const unheard: [string, Column] = ['shape', { kind: 'measure', type: 'UNHEARD' as MeasureType }];
  await expect(store.addColumns(table, new Map([load, unheard]))).rejects.toThrow();
  expect([...table.columns.keys()]).toEqual(bare);
  expect([...(await store.openTable('factory', 'telemetry')).columns.keys()]).toEqual(bare);
  await store.addColumns(table, new Map([load, machine]));
  const found = await store.openTable('factory', 'telemetry');
  expect([...found.columns].slice(bare.length)).toEqual([load, machine]);
  expect(found.columns).toEqual(table.columns);
});
