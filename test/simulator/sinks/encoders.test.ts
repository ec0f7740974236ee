import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../simulator/run.ts';
import { createCsvEncoder } from '../../../simulator/sinks/csv.ts';
import { createJsonEncoder } from '../../../simulator/sinks/encoder.ts';
import { describeLedger, isSettled, LedgerBook } from '../../../simulator/sinks/ledger.ts';

const delivery = (machineId: string, payload: Record<string, unknown>): Delivery => ({
  kind: 'sample',
  machineId,
  channel: 'telemetry',
  payload,
  truth: null,
  publishAtMs: 0,
});

describe('batches', () => {
  it('hold one machine each, are full at their size, and the rest comes out at the end', () => {
    const encoder = createJsonEncoder(2);
    const messages = ['A', 'B', 'A', 'A'].map((id, i) => encoder.encode(delivery(id, { i })));
    expect(messages.map((m) => m?.text)).toEqual([undefined, undefined, '{"samples":[{"i":0},{"i":2}]}', undefined]);
    expect(encoder.heldSamples()).toBe(2);
    expect(encoder.flush().map(({ machineId, text }) => machineId + text)).toEqual([
      'B{"samples":[{"i":1}]}',
      'A{"samples":[{"i":3}]}',
    ]);
    expect(encoder.heldSamples()).toBe(0);
  });

  it('stay below 128 KB however large they were asked for', () => {
    const encoder = createJsonEncoder(1_000_000);
    const note = 'ü€'.repeat(500);
    const messages = Array.from({ length: 200 }, () => encoder.encode(delivery('A', { note }))).filter((m) => !!m);
    const all = [...messages, ...encoder.flush()];
    expect(all.reduce((sum, m) => sum + m.sampleCount, 0)).toBe(200);
    expect(Math.max(...all.map((m) => Buffer.byteLength(m.text)))).toBeLessThanOrEqual(131_072);
  });
});

describe('csv', () => {
  const first = { machine_id: 'A', spindle: { rpm: 1 }, status: { program: 'x' } };

  it('flattens to dotted columns under one header, and quotes as RFC 4180 says', () => {
    const encoder = createCsvEncoder([first, { machine_id: 'B', speed: 2 }]);
    const rows = [
      encoder.encode(delivery('A', { machine_id: 'A', spindle: { rpm: null }, status: { program: 'a "b", c' } })),
      encoder.encode(delivery('B', { machine_id: 'B', speed: 2.5 })),
    ];
    expect(rows.map((r) => r?.text).join('\n')).toBe(
      'machine_id,spindle.rpm,status.program,speed\nA,,"a ""b"", c",\nB,,,2.5',
    );
  });

  it('refuses a value that has no column instead of losing it', () => {
    const encoder = createCsvEncoder([first]);
    expect(() => encoder.encode(delivery('A', { ...first, late: 1 }))).toThrow('csv: A sent "late"');
  });
});

describe('the ledger', () => {
  it('adds up, names reasons, and shows what is unaccounted for', () => {
    const book = new LedgerBook();
    book.sample(10);
    book.carryOver(2);
    book.acknowledge(7);
    book.refuse(3, 'outbox full');
    expect(describeLedger(book.close(2))).toBe(
      '10 sampled + 2 carried over = 7 acknowledged + 2 queued + 3 refused (3 outbox full)',
    );
    expect(describeLedger(book.close(1))).toContain('; 1 UNACCOUNTED FOR');
    expect(isSettled(book.close(2))).toBe(false);
  });
});
