import { setImmediate as nextTurn } from 'node:timers/promises';
import { realNowMs } from '../clock.ts';
import type { Laptop } from '../laptop.ts';
import { measureAlert } from '../ledger/alert-latency.ts';
import { createDurations } from '../ledger/percentiles.ts';

/** What `npm start -- --json` prints each second. */
export interface Report {
  readonly elapsedS: number;
  readonly machines: number;
  readonly published: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly deadLettered: number;
  readonly inFlight: number;
  readonly difference: number;
  readonly messagesPerS: number;
  readonly anomalies: number;
  readonly incidents: number;
  /** Nulls until there was an alarm. */
  readonly publishToAlertMs: { readonly p50: number | null; readonly p99: number | null };
  readonly rssMb: number;
  readonly final?: true;
}

export interface Reporter {
  /** Rates count from the report before. */
  report(): Report;
}

/** `speed`: how much faster the cloud's clock runs than people wait. */
export function createReporter(laptop: Laptop, speed: number): Reporter {
  const startedAtMs = realNowMs();
  const alerts = createDurations();
  let anomalies = 0;
  let incidents = 0;
  let before = { atMs: startedAtMs, messages: 0 };
  laptop.events.listeners.add((event) => {
    if (event['detail-type'] === 'incident') incidents += 1;
    const transition = (event.detail as { transition?: { kind?: string } }).transition;
    if (event['detail-type'] !== 'anomaly' || transition?.kind !== 'opened') return;
    anomalies += 1;
    const nowMs = Date.now();
    // The search through the stream must not hold up the answer to PutEvents.
    void nextTurn().then(() => {
      const latencyMs = measureAlert(laptop.kinesis, event, nowMs);
      if (latencyMs !== undefined) alerts.add(latencyMs / speed);
    });
  });
  return {
    report: () => {
      const { published, stored, duplicates, quarantined, deadLettered, inFlight, difference } = laptop.ledger.totals();
      const nowMs = realNowMs();
      const { messages } = laptop.ledger;
      const seconds = Math.max(0.001, (nowMs - before.atMs) / 1000);
      const messagesPerS = Math.round((messages - before.messages) / seconds);
      before = { atMs: nowMs, messages };
      return {
        elapsedS: Math.round((nowMs - startedAtMs) / 100) / 10,
        machines: laptop.ledger.accounts.size,
        ...{ published, stored, duplicates, quarantined, deadLettered, inFlight, difference },
        ...{ messagesPerS, anomalies, incidents },
        publishToAlertMs: alerts.percentiles() ?? { p50: null, p99: null },
        rssMb: Math.round(process.memoryUsage.rss() / 1024 / 1024),
      };
    },
  };
}

export const describeReport = (report: Report): string => compose(report, () => true);

/** One line of a terminal: where there is no room for all, what is zero is left out. */
export function fitReport(report: Report, columns = Number.POSITIVE_INFINITY): string {
  const whole = describeReport(report);
  return whole.length <= columns ? whole : compose(report, (count) => count !== 0).slice(0, columns);
}

const countOf = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

function compose(report: Report, isTold: (count: number) => boolean): string {
  const { published, stored, duplicates, quarantined, deadLettered, inFlight, difference } = report;
  const places = [
    [duplicates, 'duplicate'],
    [quarantined, 'quarantined'],
    [deadLettered, 'dead-lettered'],
    [inFlight, 'in flight'],
  ] as const;
  const rest = places.filter(([count]) => isTold(count)).map(([count, place]) => ` + ${count} ${place}`);
  const wrong = difference === 0 ? '' : ` · ${difference} UNACCOUNTED FOR`;
  const { p99 } = report.publishToAlertMs;
  const alert = p99 === null ? '' : ` · alert p99 ${Math.round(p99)} ms`;
  const rate = `${countOf(report.machines, 'machine', 'machines')} · ${report.messagesPerS} messages/s`;
  const sum = `${published} published = ${stored} stored${rest.join('')}${wrong}`;
  return `${formatClock(report.elapsedS)} ${rate} · ${sum} · ${countOf(report.anomalies, 'anomaly', 'anomalies')}${alert} · ${report.rssMb} MB`;
}

/** Hours count on after a day. */
function formatClock(elapsedS: number): string {
  const [h, m, s] = [elapsedS / 3600, (elapsedS / 60) % 60, elapsedS % 60];
  return [h, m, s].map((part) => String(Math.floor(part)).padStart(2, '0')).join(':');
}
