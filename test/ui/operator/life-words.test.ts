import { expect, it } from 'vitest';
import { whyUnknown } from '../../../ui/operator/src/machine/unknown-life.ts';
import { formatService } from '../../../ui/operator/src/wording.ts';

it('says why no life is told', () => {
  expect(whyUnknown({ rebuilt: null, freshness: 'never' })).toContain('no sample');
  expect(whyUnknown({ rebuilt: null, freshness: 'live' })).toContain('names nothing that wears');
  expect(whyUnknown({ rebuilt: { fromSampleAt: null, unknown: [] }, freshness: 'never' })).toContain('at that time');
});

it('says how long a machine has been in service, in words that fit its age', () => {
  expect(formatService('2026-10-01', '2026-11-30T08:00:00Z')).toBe('60 days');
  expect(formatService('2024-05-01', '2026-11-01T08:00:00Z')).toBe('2.5 years');
  expect(formatService('2027-01-01', '2026-11-01T08:00:00Z')).toBe('0 s');
});
