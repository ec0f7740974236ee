import fs, { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openShardLog } from '../../../local/kinesis/shard-log.ts';
import { until } from '../../until.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shard-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const small = { segmentBytes: 200, segmentsInMemory: 2 };
const text = (data: Uint8Array): string => Buffer.from(data).toString();

async function fill(count: number) {
  const log = openShardLog(folder, small);
  for (let i = 0; i < count; i++) await log.append(`key-${i % 3}`, Buffer.from(`record ${i}`), 1000 + i).written;
  return log;
}

describe('a shard on disk', () => {
  it('gives back every record in order, from memory and from older segments alike', async () => {
    const log = await fill(50);
    const read = log.read(0, 100, 1e9);
    expect(read.map(({ data }) => text(data))).toEqual(Array.from({ length: 50 }, (_, i) => `record ${i}`));
    expect(readdirSync(folder).length).toBeGreaterThan(5);
    expect(log.read(48, 1, 1e9)[0]).toMatchObject({ index: 48, partitionKey: 'key-0', arrivalMs: 1048 });
    log.close();
  });

  it('reads an older segment from its file once, for whoever reads on in it', async () => {
    (await fill(50)).close();
    const log = openShardLog(folder, { segmentBytes: 200, segmentsInMemory: 0 });
    const fromDisk = vi.spyOn(fs, 'readFileSync');
    syncBuiltinESMExports();
    const read = Array.from({ length: 50 }, (_, i) => log.read(i, 1, 1e9)[0]!);
    expect(read.map(({ data }) => text(data))).toEqual(Array.from({ length: 50 }, (_, i) => `record ${i}`));
    expect(fromDisk).toHaveBeenCalledTimes(readdirSync(folder).length);
    fromDisk.mockRestore();
    syncBuiltinESMExports();
    log.close();
  });

  it('reads all of a segment that grew after it was read back, and has left memory since', async () => {
    (await fill(17)).close();
    const log = openShardLog(folder, { segmentBytes: 200, segmentsInMemory: 1 });
    expect(log.read(16, 5, 1e9)).toHaveLength(1);
    for (let i = 17; i < 40; i++) await log.append('key', Buffer.from(`record ${i}`), 1000 + i).written;
    expect(log.read(0, 100, 1e9).map(({ data }) => text(data))).toEqual(
      Array.from({ length: 40 }, (_, i) => `record ${i}`),
    );
    log.close();
  });

  it('goes on after a reopen, without what a crash tore', async () => {
    (await fill(20)).close();
    const last = readdirSync(folder).sort().at(-1)!;
    appendFileSync(join(folder, last), Buffer.from([200, 0, 0, 0, 1, 2, 3]));
    const log = openShardLog(folder, small);
    expect(log.nextIndex).toBe(20);
    await log.append('key', Buffer.from('after'), 2000).written;
    expect(log.read(19, 10, 1e9).map(({ data }) => text(data))).toEqual(['record 19', 'after']);
    log.close();
  });

  it('holds back records while the disk is full, over the end of a segment too, and has each once when there is room', async () => {
    const log = await fill(8);
    const full = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    });
    syncBuiltinESMExports();
    const waiting = Array.from({ length: 20 }, (_, i) => log.append('key', Buffer.from(`held ${i}`), 2000).written);
    const attempts = full.mock.calls.length;
    await until(() => expect(full.mock.calls.length).toBeGreaterThan(attempts + 1));
    waiting.push(log.append('key', Buffer.from('held 20'), 2000).written);
    expect(log.read(8, 100, 1e9)).toEqual([]);
    full.mockRestore();
    syncBuiltinESMExports();
    await Promise.all(waiting);
    log.close();
    const read = openShardLog(folder, small).read(8, 100, 1e9);
    expect(read.map(({ data }) => text(data))).toEqual(Array.from({ length: 21 }, (_, i) => `held ${i}`));
  });

  it('finds a moment, and drops whole segments past retention', async () => {
    const log = await fill(50);
    expect(log.findIndexAt(1030)).toBe(30);
    expect(log.findIndexAt(9999)).toBe(50);
    log.dropOlderThan(1025);
    expect(log.firstIndex).toBeGreaterThan(15);
    expect(log.firstIndex).toBeLessThanOrEqual(25);
    expect(log.read(0, 1, 1e9)[0]?.index).toBe(log.firstIndex);
    log.close();
  });

  it('bounds what one read gives by count and by size, and gives at least one', async () => {
    const log = await fill(10);
    expect(log.read(0, 3, 1e9)).toHaveLength(3);
    expect(log.read(0, 10, 17)).toHaveLength(2);
    expect(log.read(0, 10, 1)).toHaveLength(1);
    log.close();
  });
});
