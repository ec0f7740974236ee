import { expect, it } from 'vitest';
import { describeReport, fitReport } from '../../../local/command/report.ts';

const report = {
  ...{
    machines: 7,
    published: 3,
    stored: 2,
    duplicates: 0,
    quarantined: 0,
    deadLettered: 0,
    inFlight: 1,
    difference: 0,
  },
  ...{ messagesPerS: 6, anomalies: 0, incidents: 0, publishToAlertMs: { p50: null, p99: null }, rssMb: 341 },
};

it.each([
  [59.9, '00:00:59'],
  [3600, '01:00:00'],
  [90_061, '25:01:01'],
])('counts %d s on after a day: %s', (elapsedS, clock) => {
  expect(describeReport({ ...report, elapsedS })).toBe(
    `${clock} 7 machines · 6 messages/s · 3 published = 2 stored + 0 duplicate + 0 quarantined + 0 dead-lettered + 1 in flight · 0 anomalies · 341 MB`,
  );
});

it('counts one machine and one anomaly as one', () => {
  const line = describeReport({ ...report, elapsedS: 5, machines: 1, anomalies: 1 });
  expect(line).toMatch(/ 1 machine · .* · 1 anomaly · /);
});

it('leaves out what is zero where a terminal has no room, and never what is unaccounted for', () => {
  const odd = { ...report, elapsedS: 5, difference: -1 };
  expect(fitReport(odd, 200)).toBe(describeReport(odd));
  expect(fitReport(odd, 120)).toBe(
    '00:00:05 7 machines · 6 messages/s · 3 published = 2 stored + 1 in flight · -1 UNACCOUNTED FOR · 0 anomalies · 341 MB',
  );
  expect(fitReport(odd, 40)).toHaveLength(40);
});
