import { describe, expect, it } from 'vitest';
import { readRequest } from '../../../bin/desk/request.ts';

const by = 'Ines Berg';

describe('what a person asks for at the keyboard', () => {
  it('asks for the end of a shelf by the name of its option', () => {
    expect(readRequest('shelve', 'i', { by, reason: 'known' }, 0)).toEqual({
      ok: false,
      error: expect.stringMatching(/^--until: got nothing; /),
    });
    expect(readRequest('shelve', 'i', { by, reason: 'known', until: '1970-01-02T00:00:00Z' }, 0)).toMatchObject({
      value: { event: { kind: 'shelve', untilMs: 86_400_000 } },
    });
  });

  it('asks for the rules of a machine type that there is: a mistyped one would look like one of which nothing was reported', () => {
    expect(readRequest('rules', 'toaster', {}, 0)).toEqual({
      ok: false,
      error: expect.stringMatching(/^machine type: got "toaster", allowed are centrifugal-pump, /),
    });
    expect(readRequest('rules', 'centrifugal-pump', {}, 0).ok).toBe(true);
  });
});
