import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countSamples, readTopicMachine } from '../../../local/ledger/count-samples.ts';
import { createLedger } from '../../../local/ledger/ledger.ts';

const sample = (n: number): Buffer => Buffer.from(JSON.stringify({ timestamp: `t${n}`, machine_id: 'M' }));
const record = (n: number, partitionKey = 'M') => ({ partitionKey, data: sample(n) });
const topic = 'factory/M/telemetry';

describe('the ledger', () => {
  it('counts samples, not messages; other channels carry none', () => {
    const batch = Buffer.from(JSON.stringify({ samples: [{ timestamp: 1 }, { timestamp: 2 }, { timestamp: 3 }] }));
    expect(countSamples(batch)).toBe(3);
    expect(countSamples(Buffer.from('poison'))).toBe(1);
    expect(countSamples(Buffer.from('{"event":"repair","channel":"lifecycle"}'))).toBe(0);
    expect(readTopicMachine('$aws/rules/r/factory/M/process')).toBe('M');
    expect(readTopicMachine('factory/M/lifecycle')).toBeNull();
  });

  it('balances while a batch is under way, and when it comes twice', () => {
    const ledger = createLedger();
    for (let n = 0; n < 3; n++) ledger.published(topic, sample(n), 0);
    ledger.stored('samples', 'M', 2);
    expect(ledger.totals()).toMatchObject({ published: 3, stored: 0, inFlight: 3, difference: 0 });
    ledger.stored('samples', 'M', 1);
    ledger.repeated('M', 2);
    ledger.consumed([record(0), record(1), record(2)]);
    expect(ledger.totals()).toMatchObject({ stored: 3, duplicates: 0, inFlight: 0, difference: 0 });
  });

  it('says that a sample is missing when a function is done with it and nobody has it', () => {
    const ledger = createLedger();
    ledger.published(topic, sample(0), 0);
    ledger.published('factory/N/telemetry', sample(1), 0);
    ledger.stored('samples', 'N', 2);
    ledger.consumed([record(0), record(1, 'N')]);
    // One lost of M and one too many of N do not cancel out.
    expect(ledger.totals().difference).toBe(2);
  });

  it('says so when more has ended than was published, instead of less than nothing under way', () => {
    const ledger = createLedger();
    ledger.published(topic, sample(0), 0);
    ledger.deadLettered('no space left', topic, sample(0));
    ledger.stored('samples', 'M', 1);
    ledger.consumed([record(0)]);
    expect(ledger.totals()).toMatchObject({ published: 1, stored: 1, deadLettered: 1, inFlight: 0, difference: 1 });
  });

  it('counts a quarantined record once, however often it is told', () => {
    const ledger = createLedger();
    ledger.published(topic, sample(0), 0);
    for (let i = 0; i < 2; i++) ledger.quarantined('M', 1, 'not_json', 'record 0');
    ledger.consumed([record(0)]);
    expect(ledger.totals()).toMatchObject({ quarantined: 1, difference: 0 });
    expect(ledger.deadLetterReasons.get('not_json')).toBe(1);
  });

  it('moves what is redriven from where it was counted to where it ends', () => {
    const ledger = createLedger();
    for (let n = 0; n < 2; n++) ledger.published(topic, sample(n), 0);
    ledger.quarantined('M', 1, 'unknown_machine', 'record 0');
    ledger.consumed([record(0)]);
    ledger.deadLettered('AccessDenied', topic, sample(1));
    ledger.putBack([record(0), record(1)]);
    expect(ledger.totals()).toMatchObject({
      published: 2,
      quarantined: 0,
      deadLettered: 0,
      inFlight: 2,
      difference: 0,
    });
    ledger.stored('samples', 'M', 2);
    ledger.consumed([record(0), record(1)]);
    expect(ledger.totals()).toMatchObject({ published: 2, stored: 2, inFlight: 0, difference: 0 });
  });

  it('takes what an earlier run had set aside as published', () => {
    const ledger = createLedger();
    ledger.putBack([record(0)]);
    ledger.stored('samples', 'M', 1);
    ledger.consumed([record(0)]);
    expect(ledger.totals()).toMatchObject({ published: 1, stored: 1, inFlight: 0, difference: 0 });
  });

  it('balances for any mix of outcomes and redeliveries', () => {
    const outcome = fc.constantFrom('stored', 'duplicate', 'quarantined', 'given up', 'refused by a rule');
    fc.assert(
      fc.property(
        fc.array(fc.record({ machine: fc.constantFrom('A', 'B'), outcome, attempts: fc.integer({ min: 1, max: 3 }) })),
        (samples) => {
          const ledger = createLedger();
          for (const [n, { machine, outcome: end, attempts }] of samples.entries()) {
            ledger.published(`factory/${machine}/telemetry`, sample(n), 0);
            if (end === 'refused by a rule')
              ledger.deadLettered('AccessDenied', `factory/${machine}/telemetry`, sample(n));
            if (end === 'stored') ledger.stored('samples', machine, 1);
            for (let i = end === 'duplicate' ? 0 : 1; i < attempts; i++)
              if (end === 'stored' || end === 'duplicate') ledger.repeated(machine, 1);
            for (let i = 0; i < attempts; i++)
              if (end === 'quarantined') ledger.quarantined(machine, 1, 'bad', `record ${n}`);
            if (end === 'given up') ledger.givenUp([record(n, machine)], 'RetryAttemptsExhausted');
            if (end !== 'refused by a rule') ledger.consumed([record(n, machine)]);
          }
          const totals = ledger.totals();
          expect(totals).toMatchObject({ published: samples.length, inFlight: 0, difference: 0 });
          expect(totals.stored).toBe(samples.filter((s) => s.outcome === 'stored').length);
          expect(totals.duplicates).toBe(samples.filter((s) => s.outcome === 'duplicate').length);
        },
      ),
    );
  });
});
