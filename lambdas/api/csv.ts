import { formatMoment } from '../../core/api/moment.ts';
import type { History } from '../../core/api/schemas.ts';

/**
 * A row for each interval: moment, samples, health, remaining life, then mean, least, greatest and expected of each
 * signal with its unit.
 */
export function toCsv(history: History): string {
  const signals = Object.entries(history.signals);
  const { p10, p50, p90 } = history.remainingHours;
  const names = signals.flatMap(([name, { unit }]) =>
    ['', ' min', ' max', ' expected'].map((part) => quote(`${name}${part} [${unit}]`)),
  );
  const lines = history.timesMs.map((atMs, i) =>
    [
      formatMoment(atMs),
      history.samples[i],
      history.healthPercent[i],
      ...[p10[i], p50[i], p90[i]],
      ...signals.flatMap(([, { mean, min, max, expected }]) => [mean[i], min[i], max[i], expected[i]]),
    ].join(','),
  );
  const lives = ['p10', 'p50', 'p90'].map((quantile) => `remaining ${quantile} [h]`);
  const head = ['time', 'samples', 'health [%]', ...lives, ...names].join(',');
  return `${head}\n${lines.map((line) => `${line}\n`).join('')}`;
}

const quote = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
