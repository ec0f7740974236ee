import { describe, expect, it } from 'vitest';
import { parseStart } from '../../../local/command/arguments.ts';

describe('--fault', () => {
  it.each([
    ['imbalanse@30s%PUMP-001', /^--fault: got "imbalanse", allowed for these machines are bearing_wear, .*imbalance/],
    ['imbalance@30s%PUMP-009', /^--fault imbalance: there is no machine "PUMP-009" in this run$/],
    ['imbalance@soon', /^--fault imbalance onset: got "soon", allowed is a time like/],
  ])('%s is refused before anything starts', (text, says) => {
    expect(parseStart(['--fault', text])).toEqual({ ok: false, error: expect.stringMatching(says) });
  });

  it('is passed on where a machine of the run can have it', () => {
    const fault = 'imbalance@30s+5m%PUMP-001';
    expect(parseStart(['--fault', fault])).toMatchObject({ ok: true, value: { faults: [fault] } });
  });
});

describe('--smtp', () => {
  it.each([
    ['localhost:1025', { host: 'localhost', port: 1025 }],
    ['[::1]:25', { host: '::1', port: 25 }],
    ['relay.plant.example:587', { host: 'relay.plant.example', port: 587 }],
  ])('%s names a relay', (text, relay) => {
    expect(parseStart(['--smtp', text])).toMatchObject({ ok: true, value: { smtp: relay } });
  });

  it.each([
    ['localhost', '--smtp: got "localhost", allowed is host:port, like localhost:1025'],
    ['localhost:0', '--smtp: got "0", allowed is a number from 1 to 65535'],
  ])('%s is refused', (text, says) => {
    expect(parseStart(['--smtp', text])).toEqual({ ok: false, error: says });
  });

  it('is left out where nobody wants it', () => {
    expect(parseStart([])).toMatchObject({ ok: true, value: { smtp: null } });
  });
});
