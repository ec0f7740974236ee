import { expect, it } from 'vitest';
import type { Twin } from '../../../core/api/schemas.ts';
import { ageSummary, ageTwin, type DatedSummary } from '../../../ui/operator/src/aging.ts';

const asOf = '2026-01-01T00:00:00.000Z';
const nowMs = Date.parse(asOf) + 9000;
const twin = {
  asOf,
  rebuilt: null,
  ageMs: 5000,
  values: [{ signal: 'flow', ageMs: 5000 }],
  findings: [{ code: 'low', evidence: [{ signal: 'flow', ageMs: 1000 }] }],
} as unknown as Twin;

it('brings every age of a machine’s page up to the moment that stands at its head', () => {
  expect(ageTwin(twin, nowMs)).toMatchObject({
    ageMs: 14_000,
    values: [{ ageMs: 14_000 }],
    findings: [{ evidence: [{ ageMs: 15_000 }] }],
  });
});

it('leaves a past machine as it was, and one that never spoke without an age', () => {
  const past = { ...twin, rebuilt: { fromSampleAt: asOf, unknown: [] } };
  expect(ageTwin(past, nowMs)).toBe(past);
  expect(ageTwin({ ...twin, ageMs: null }, nowMs).ageMs).toBeNull();
});

it('lets the age of a silent machine grow in the fleet, of which nothing more is told', () => {
  expect(ageSummary({ ageMs: 30_000, asOf } as DatedSummary, nowMs).ageMs).toBe(39_000);
  expect(ageSummary({ ageMs: null, asOf } as DatedSummary, nowMs).ageMs).toBeNull();
});
