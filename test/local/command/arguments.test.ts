import { describe, expect, it } from 'vitest';
import { parseStart } from '../../../local/command/arguments.ts';

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
