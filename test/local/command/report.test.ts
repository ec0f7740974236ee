import { expect, it } from 'vitest';
import { describeReport } from '../../../local/command/report.ts';

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
