/**
 * The qualities of a sample's values as one short text: `x_load:stuck`, or, where most share one that is not good,
 * `*:stale,x_load:missing,coolant_ph:good`. A record of Timestream holds 2 KB (developer guide, "Quotas"): a mill whose
 * every value came late would not fit with each of its signals named, and would be refused.
 */
import { type ValueQuality, valueQualities } from '../../core/detection/observation.ts';

type Signals = readonly { readonly name: string }[];

const everyOther = '*';

/** Empty where all is good. */
export function writeQuality(signals: Signals, qualities: readonly (ValueQuality | undefined)[]): string {
  const known = signals.map(({ name }, i) => [name, qualities[i] ?? 'good'] as const);
  const counts = new Map<ValueQuality, number>();
  for (const [, quality] of known) counts.set(quality, (counts.get(quality) ?? 0) + 1);
  const [most = 'good'] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  const usual = (counts.get(most) ?? 0) > 1 ? most : 'good';
  const others = known.filter(([, quality]) => quality !== usual).map(([name, quality]) => `${name}:${quality}`);
  return [...(usual === 'good' ? [] : [`${everyOther}:${usual}`]), ...others].join(',');
}

/** Of the signals whose quality was not good. */
export function readQuality(text: string, signals: Signals): Record<string, ValueQuality> {
  const told = new Map(
    text
      .split(',')
      .filter(Boolean)
      .map((pair) => {
        const [name = '', word] = pair.split(':');
        return [name, valueQualities.find((one) => one === word) ?? 'missing'] as const;
      }),
  );
  const of = (name: string): ValueQuality => told.get(name) ?? told.get(everyOther) ?? 'good';
  return Object.fromEntries(
    signals.map(({ name }) => [name, of(name)] as const).filter(([, quality]) => quality !== 'good'),
  );
}
