import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flagsOf, listTables, numbersOf, readTable, secondsOf, wholeNumbersOf } from '../../../bench/quality/data.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tables-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function tableOf(text: string) {
  writeFileSync(join(folder, 'a.csv'), text);
  return readTable(folder, 'a');
}

describe('a table of a public set', () => {
  it('is read past a byte order mark, carriage returns and blank last lines', () => {
    const table = tableOf('\uFEFFtime,value,label\r\n2020-03-01 00:00:10,1.5,0.0\r\n2020-03-01 00:00:20,,1\r\n\r\n');
    expect(table.header).toEqual(['time', 'value', 'label']);
    expect([...numbersOf(table, 'value')]).toEqual([1.5, Number.NaN]);
    expect([...flagsOf(table, 'label')]).toEqual([0, 1]);
    const [first, second] = secondsOf(table, 'time');
    expect(second! - first!).toBe(10);
  });

  it('is refused where a line is half, with file and line', () => {
    expect(() => tableOf('a,b\n1,2\n3\n')).toThrow('a, line 3: got 1 cells, 2 are needed');
    expect(() => tableOf('')).toThrow('a: got no rows');
  });

  it('is refused where a cell is not what its column holds, with line, column and cell', () => {
    const table = tableOf('time,value,label\n2020-03-01 00:00:10,1,0\nyesterday,fast,2\n');
    expect(() => secondsOf(table, 'time')).toThrow('a, line 3, column "time": got "yesterday"');
    expect(() => numbersOf(table, 'value')).toThrow('a, line 3, column "value": got "fast", allowed is a number');
    expect(() => flagsOf(table, 'label')).toThrow('a, line 3, column "label": got "2", allowed is 0 or 1');
    expect(() => numbersOf(table, 'speed')).toThrow('a: got no column "speed", there are time, value, label');
    expect(() => wholeNumbersOf(tableOf('value\n1\nnan\n'), 'value')).toThrow('got "nan"');
  });

  it('is looked for in a folder that must hold one', () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect(() => listTables(empty)).toThrow('at least one is needed');
  });
});
