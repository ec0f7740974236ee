import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../../core/machine-types/catalogue.ts';
import {
  type ParseContext,
  parseMessage,
  parsePayload,
  parseSample,
  rejectionReasons,
} from '../../../core/telemetry/parse.ts';
import type { Sample } from '../../../core/telemetry/sample.ts';

fc.configureGlobal({ seed: 2026 });

const catalogue = createCatalogue();
if (!catalogue.ok) throw new Error(catalogue.error.join());
const { types, findType } = catalogue.value;
const context: ParseContext = { types, findType };

const timestamp = '2026-03-01T08:00:00.000Z';
const generic = { timestamp, machine_id: 'PRESS-1', sensors: { temperature: 60, rpm: 900 }, machine_type: 'generic' };

const accept = (payload: unknown, over: Partial<ParseContext> = {}): Sample => {
  const parsed = parseSample(payload, { ...context, ...over });
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

function readValue(sample: Sample, signal: string): number | undefined {
  return sample.values[findType(sample.machineType)!.signals.findIndex((s) => s.name === signal)];
}

describe('a sample', () => {
  it('carries identity, time and one value a signal, in the order of its type, NaN where there is none', () => {
    const sample = accept({ ...generic, sequence: 7 });
    expect(sample).toMatchObject({ machineId: 'PRESS-1', machineType: 'generic', sequence: 7, phase: null });
    expect(sample.sampledAtMs).toBe(Date.UTC(2026, 2, 1, 8));
    expect(sample.values).toHaveLength(findType('generic')!.signals.length);
    expect(readValue(sample, 'temperature')).toBe(60);
    expect(readValue(sample, 'rpm')).toBe(900);
    expect(readValue(sample, 'vibration')).toBeNaN();
  });

  it('takes nested paths, the phase and the context of the work', () => {
    const mill = accept({
      timestamp,
      machine_id: 'CNC-001',
      machine_type: 'cnc-mill',
      spindle: { rpm: 8000, load_percent: null },
      status: { mode: 'cutting', program: 'O1234', block: 'N0150' },
    });
    const rpm = findType('cnc-mill')!.signals.find((s) => s.path === 'spindle.rpm')!;
    expect(readValue(mill, rpm.name)).toBe(8000);
    expect(Object.values(mill.context)).toContain('O1234');
  });

  it('has no context of a number that its own events could not carry on', () => {
    const text = JSON.stringify({ ...generic, machine_type: 'cnc-mill', tool: { id: 'T1', type: 0 } });
    const [parsed] = parseMessage(text.replace('"type":0', '"type":1e999'), context);
    expect(parsed?.ok && parsed.value.context).toEqual({ tool: 'T1' });
  });

  it('keeps the qualities its sender declares', () => {
    expect(accept(generic).declaredQuality).toEqual({});
    expect(accept({ ...generic, quality: { temperature: 'uncertain' } }).declaredQuality).toEqual({
      temperature: 'uncertain',
    });
  });

  it.each([
    ['an empty sensor group is a sample without values', { ...generic, sensors: {} }],
    ['a group that is no group is missing, not fatal', { ...generic, sensors: 5 }],
    ['a null is a missing value', { ...generic, sensors: { temperature: null } }],
    ['further fields may follow', { ...generic, firmware: '1.2', extra: { a: [1] } }],
  ])('%s', (_, payload) => {
    expect(accept(payload).machineId).toBe('PRESS-1');
  });
});

describe('the machine type', () => {
  it('is the one named, else the default, else the first whose fields are all there', () => {
    expect(accept({ ...generic, machine_type: undefined }).machineType).toBe('generic');
    const bare = { timestamp, machine_id: 'A' };
    expect(accept(bare, { defaultType: 'cnc-mill' }).machineType).toBe('cnc-mill');
    expect(accept({ ...generic, machine_type: 'cnc-mill' }).machineType).toBe('cnc-mill');
  });
});

describe('a refusal names the field, the value got and what is allowed', () => {
  it.each([
    ['not_an_object', [1], 'sample is not an object: "[1]"'],
    [
      'unknown_machine_type',
      { ...generic, machine_type: 'lathe' },
      'machine_type: got "lathe", allowed are cnc-process',
    ],
    ['unknown_machine_type', { timestamp, machine_id: 'A' }, 'machine_type: got nothing, allowed are '],
    ['unknown_machine_type', { ...generic, machine_type: 5 }, 'machine_type: got "5"'],
    ['bad_machine_id', { ...generic, machine_id: undefined }, 'machine_id: got nothing, allowed is a letter or digit'],
    ['bad_machine_id', { ...generic, machine_id: 'a/b' }, 'machine_id: got "a/b"'],
    [
      'bad_timestamp',
      { ...generic, timestamp: '2026-03-01T08:00:00' },
      'timestamp: got "2026-03-01T08:00:00", allowed',
    ],
    ['bad_timestamp', { ...generic, timestamp: 1_772_352_000 }, 'timestamp: got "1772352000"'],
    ['bad_sequence', { ...generic, sequence: -1 }, 'sequence: got "-1", allowed is a whole number from 0'],
    ['bad_sequence', { ...generic, sequence: '1' }, 'sequence: got "1"'],
    ['bad_quality', { ...generic, quality: { rpm: 'superb' } }, 'allowed per signal: good, uncertain, bad'],
    ['bad_quality', { ...generic, quality: 'good' }, 'quality: got "good"'],
    ['bad_value', { ...generic, sensors: { rpm: '900' } }, 'sensors.rpm: got "900", allowed is a number or null'],
    ['bad_value', { ...generic, sensors: { rpm: {} } }, 'sensors.rpm: got "{}"'],
  ])('%s', (reason, payload, message) => {
    const parsed = parseSample(payload, context);
    expect(parsed.ok ? null : parsed.error.reason).toBe(reason);
    expect(parsed.ok ? '' : parsed.error.message).toContain(message);
  });

  it('lets a machine speak for itself only', () => {
    const parsed = parseSample(generic, { ...context, topicMachineId: 'PRESS-2' });
    expect(parsed.ok ? '' : parsed.error).toEqual({
      reason: 'machine_id_mismatch',
      message: 'machine_id: got "PRESS-1" under the topic of "PRESS-2"; a machine speaks for itself only',
    });
  });

  it('does not repeat a whole document in its sentence', () => {
    const parsed = parseSample({ ...generic, timestamp: 'x'.repeat(10_000) }, context);
    expect(parsed.ok ? '' : parsed.error.message.length).toBeLessThan(300);
  });
});

describe('a batch', () => {
  it('gives one result a sample: the third bad one fails alone', () => {
    const samples = Array.from({ length: 10 }, (_, i) => ({ ...generic, sequence: i === 2 ? 0.5 : i }));
    const results = parseMessage(JSON.stringify({ samples }), context);
    expect(results.map((r) => (r.ok ? r.value.sequence : r.error.reason))).toEqual([
      0,
      1,
      'bad_sequence',
      3,
      4,
      5,
      6,
      7,
      8,
      9,
    ]);
  });

  it.each([
    ['{"samples":[]}', 'empty_batch'],
    ['{"samples":', 'not_json'],
    ['', 'not_json'],
    ['{"samples":[null]}', 'not_an_object'],
  ])('%s is refused as %s', (text, reason) => {
    const [result] = parseMessage(text, context);
    expect(result!.ok ? null : result!.error.reason).toBe(reason);
  });
});

describe('any input', () => {
  const check = (results: ReturnType<typeof parseMessage>): void => {
    expect(results.length).toBeGreaterThan(0);
    for (const result of results) {
      if (result.ok) expect(result.value.sampledAtMs).toBeGreaterThan(0);
      else expect(rejectionReasons).toContain(result.error.reason);
    }
  };

  it('never throws: any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => check(parseMessage(text, context))),
    );
  });

  it('never throws: objects that look almost right', () => {
    const almost = fc.record(
      {
        timestamp: fc.oneof(fc.constant(timestamp), fc.anything()),
        machine_id: fc.oneof(fc.constant('A-1'), fc.anything()),
        machine_type: fc.oneof(...types.map((t) => fc.constant(t.name)), fc.anything()),
        sequence: fc.oneof(fc.nat(), fc.anything()),
        quality: fc.anything(),
        sensors: fc.oneof(
          fc.dictionary(fc.constantFrom('temperature', 'rpm', '__proto__'), fc.anything()),
          fc.anything(),
        ),
        spindle: fc.anything(),
        status: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const message = fc.oneof(almost, fc.record({ samples: fc.array(almost) }), fc.anything());
    fc.assert(
      fc.property(message, (payload) => check(parsePayload(payload, context))),
      { numRuns: 2000 },
    );
  });
});
