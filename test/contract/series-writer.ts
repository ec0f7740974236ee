import { describe, expect, it } from 'vitest';
import type { SeriesRow, SeriesWriter } from '../../lambdas/ports/series-writer.ts';
import { createRows } from '../lambdas/adapters/rows.ts';

/** A store behind a writer, as far as the laws of every writer need it. */
export interface StoreDriver {
  readonly writer: SeriesWriter;
  /** Machine and moment of what is stored, `M-1@1767225600000`. */
  stored(): Promise<readonly string[]>;
  /** From now on the store refuses the row of this moment for good. */
  refuse(atMs: number): void;
  /** From now on the store is busy until the writer gives one request up. */
  outlastPatience(): void;
}

const keyOf = ({ sample }: SeriesRow): string => `${sample.machineId}@${sample.sampledAtMs}`;

/** What every time-series store must do, whichever it is. */
export function testSeriesWriter(name: string, createDriver: () => Promise<StoreDriver>): void {
  describe(`${name} keeps the laws of a series writer`, () => {
    it('stores every row once, however many there are', async () => {
      const driver = await createDriver();
      const rows = createRows(230);
      expect(await driver.writer.write(rows)).toMatchObject({ refused: [], unwritten: [] });
      expect((await driver.stored()).toSorted()).toEqual(rows.map(keyOf));
    });

    it('takes a row that it has already as no fault', async () => {
      const driver = await createDriver();
      const rows = createRows(3);
      await driver.writer.write(rows);
      expect(await driver.writer.write(rows)).toMatchObject({ refused: [], unwritten: [] });
      expect(await driver.stored()).toHaveLength(3);
    });

    it('gives one refused row back with a reason and stores its neighbours', async () => {
      const driver = await createDriver();
      const rows = createRows(40);
      driver.refuse(rows[17]!.sample.sampledAtMs);
      const outcome = await driver.writer.write(rows);
      expect(outcome.refused.map(({ row }) => row)).toEqual([rows[17]]);
      expect(outcome.refused[0]!.reason).not.toBe('');
      expect(await driver.stored()).toHaveLength(39);
    });

    it('accounts for every row of a busy store: stored or unwritten, none forgotten', async () => {
      const driver = await createDriver();
      const rows = createRows(120);
      driver.outlastPatience();
      const { unwritten, refused } = await driver.writer.write(rows);
      expect(refused).toEqual([]);
      expect(unwritten.length).toBeGreaterThan(0);
      expect([...(await driver.stored()), ...unwritten.map(keyOf)].toSorted()).toEqual(rows.map(keyOf));
    });

    it('writes nothing and fails on nothing when there are no rows', async () => {
      const driver = await createDriver();
      expect(await driver.writer.write([])).toEqual({ duplicates: 0, refused: [], unwritten: [] });
    });
  });
}
