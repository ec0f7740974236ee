import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, Outbox, type OutboxBudget } from '../../../simulator/sinks/mqtt/outbox.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbox-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (): string => join(folder, 'CNC-001.ndjson');
const roomy = (): OutboxBudget => ({ limitBytes: 1e9, usedBytes: 0 });
const topic = 'factory/CNC-001/telemetry';

function drain(outbox: Outbox): string[] {
  const texts: string[] = [];
  for (let entry = outbox.peek(); entry !== undefined; entry = outbox.peek()) {
    texts.push(entry.text);
    outbox.markSent();
    outbox.remove(entry);
  }
  return texts;
}

describe('the outbox', () => {
  it('gives back, in order, exactly what was pushed and not removed, whatever happens in between', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push'), count: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ kind: fc.constant('send'), count: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ kind: fc.constant('acknowledge'), count: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ kind: fc.constantFrom('flush', 'flush all', 'rewind', 'restart'), count: fc.constant(1) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        rmSync(path(), { force: true });
        let outbox = new Outbox(path(), roomy());
        let flight: Entry[] = [];
        const expected: string[] = [];
        let next = 0;
        for (const { kind, count } of steps) {
          if (kind === 'flush' || kind === 'flush all') outbox.flush(kind === 'flush all');
          if (kind === 'rewind' || kind === 'restart') flight = [];
          if (kind === 'rewind') outbox.rewind();
          if (kind === 'restart') {
            outbox.close();
            outbox = new Outbox(path(), roomy());
            expect(outbox.carriedOver).toBe(expected.length);
          }
          for (let i = 0; i < count; i++) {
            if (kind === 'push') {
              const text = `{"ü":"${next++}\\n"}`;
              expected.push(text);
              outbox.push(topic, text, 1);
            } else if (kind === 'send') {
              const entry = outbox.peek();
              if (entry === undefined) break;
              outbox.markSent();
              flight.push(entry);
            } else if (kind === 'acknowledge') {
              const entry = flight.shift();
              if (entry === undefined) break;
              outbox.remove(entry);
              expect(expected.shift()).toBe(entry.text);
            }
          }
          expect(outbox.queuedSamples).toBe(expected.length);
        }
        outbox.rewind();
        expect(drain(outbox)).toEqual(expected);
        expect(existsSync(path())).toBe(false);
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  it('writes nothing for what is acknowledged between two flushes', () => {
    const outbox = new Outbox(path(), roomy());
    outbox.push(topic, 'a', 1);
    outbox.flush();
    drain(outbox);
    outbox.flush();
    expect(existsSync(path())).toBe(false);
  });

  it('survives a kill: what was flushed is there, a torn last line is not counted', () => {
    const killed = new Outbox(path(), roomy());
    for (let i = 0; i < 500; i++) killed.push(topic, String(i), 2);
    killed.flush(true);
    appendFileSync(path(), '["factory/CNC-001/tele');
    const reborn = new Outbox(path(), roomy());
    expect(reborn.carriedOver).toBe(1000);
    expect(drain(reborn)).toEqual(Array.from({ length: 500 }, (_, i) => String(i)));
  });

  it('shares one bound with the outboxes beside it, also for what an earlier run left', () => {
    const first = new Outbox(path(), roomy());
    first.push(topic, 'x'.repeat(600), 1);
    first.close();
    const budget = { limitBytes: 1000, usedBytes: 0 };
    const again = new Outbox(path(), budget);
    const beside = new Outbox(join(folder, 'other.ndjson'), budget);
    expect(beside.push(topic, 'x'.repeat(500), 1)).toBe(false);
    expect(beside.push(topic, 'x'.repeat(400), 1)).toBe(true);
    drain(again);
    expect(beside.push(topic, 'x'.repeat(500), 1)).toBe(true);
  });

  it('does not grow for ever while it never runs empty', () => {
    const outbox = new Outbox(path(), roomy());
    const text = 'x'.repeat(100_000);
    for (let i = 0; i < 400; i++) {
      outbox.push(topic, text, 1);
      outbox.push(topic, text, 1);
      outbox.flush();
      outbox.remove(outbox.peek()!);
      if (i > 20) outbox.remove(outbox.peek()!);
    }
    expect(statSync(path()).size).toBeLessThan(30e6);
  });

  it('holds in memory what a full disk does not take, writes it later, and can say what was lost in the end', () => {
    const outbox = new Outbox(path(), roomy());
    outbox.push(topic, 'a', 1);
    outbox.flush(true);
    mkdirSync(`${path()}.kept`);
    renameSync(path(), join(`${path()}.kept`, 'file'));
    mkdirSync(path());
    outbox.push(topic, 'b', 2);
    expect(() => outbox.flush(true)).toThrow(/EISDIR/);
    expect(outbox.queuedSamples).toBe(3);
    rmSync(path(), { recursive: true });
    renameSync(join(`${path()}.kept`, 'file'), path());
    outbox.flush(true);
    outbox.push(topic, 'c', 4);
    expect(outbox.abandonUnwritten()).toBe(4);
    outbox.close();
    expect(drain(new Outbox(path(), roomy()))).toEqual(['a', 'b']);
  });

  it('names the file when it holds something else', () => {
    appendFileSync(path(), 'hello\n');
    expect(() => new Outbox(path(), roomy())).toThrow(
      /outbox ".*CNC-001\.ndjson" holds a line that is no message: hello/,
    );
    expect(readFileSync(path(), 'utf8')).toBe('hello\n');
  });
});
