/** Where objects go: a prefix with expressions `!{namespace:value}`, filled from a record's keys and its hour. */
import { remember } from '../remember.ts';

/** Where an object with records of this hour and these keys is put; null for a record without them. */
export type PlaceOf = (hour: number, keys: Keys | null) => string;
export type Keys = Readonly<Record<string, unknown>>;

interface Prefixes {
  readonly prefix: string;
  readonly errorPrefix: string;
  readonly keyNames: readonly string[];
}

export const hourMs = 3_600_000;

/** Few and asked for with every record, so each is made once. */
export function createPlaces({ prefix, errorPrefix, keyNames }: Prefixes): PlaceOf {
  checkExpressions('Prefix', prefix, [timestamp, ...keyNames.map((name) => `partitionKeyFromQuery:${name}`)]);
  checkExpressions('ErrorOutputPrefix', errorPrefix, [timestamp, errorType]);
  // Firehose adds the hour to a prefix without expressions.
  const whole = prefix.includes('!{') ? prefix : `${prefix}!{timestamp:yyyy/MM/dd/HH/}`;
  const failed = errorPrefix.replaceAll(`!{${errorType}}`, 'metadata-extraction-failed');
  const make = remember((text) => {
    const [hour, keys] = JSON.parse(text) as [number, Keys | null];
    const moment = new Date(hour * hourMs).toISOString();
    return keys === null ? fillPrefix(failed, moment, {}) : fillPrefix(whole, moment, keys);
  });
  return (hour, keys) => make(JSON.stringify([hour, keys]));
}

const timestamp = 'timestamp: with yyyy, MM, dd and HH';
const errorType = 'firehose:error-output-type';

function checkExpressions(property: string, prefix: string, allowed: readonly string[]): void {
  for (const [whole, expression = ''] of prefix.matchAll(/!\{([^}]*)\}?/g)) {
    const isTime = /^timestamp:(?:yyyy|MM|dd|HH|[^A-Za-z])+$/.test(expression);
    if (!isTime && !allowed.includes(expression))
      throw new Error(`${property}: got "${whole}", modelled are ${allowed.join(', ')}`);
  }
}

function fillPrefix(prefix: string, moment: string, keys: Keys): string {
  return prefix
    .replace(/!\{partitionKeyFromQuery:(\w+)\}/g, (_all, name: string) => String(keys[name]))
    .replace(/!\{timestamp:([^}]+)\}/g, (_all, format: string) => formatTime(format, moment));
}

/** The letters of Java's patterns that a prefix needs. */
function formatTime(format: string, moment: string): string {
  const parts = {
    yyyy: moment.slice(0, 4),
    MM: moment.slice(5, 7),
    dd: moment.slice(8, 10),
    HH: moment.slice(11, 13),
  };
  return Object.entries(parts).reduce((text, [letters, value]) => text.replaceAll(letters, value), format);
}
