import type { SeriesRow } from '../ports/series-writer.ts';
import { fieldsOf, type SeriesField, tagsOf } from './series-layout.ts';

/**
 * A row in InfluxDB's line protocol: `measurement,tag=value field=value timestamp`, the timestamp in milliseconds.
 * A comma, space or equals sign is escaped in names and tags, quotes and backslashes in text fields. Tags know no line
 * breaks and no backslash at their end, and cannot escape them: both become spaces.
 * Source: InfluxDB documentation, "Line protocol".
 */
export function toLine(row: SeriesRow): string {
  const tags = tagsOf(row).map(([name, value]) => `,${escapeName(name)}=${escapeName(value)}`);
  const fields = fieldsOf(row).map((field) => `${escapeName(field.name)}=${formatValue(field)}`);
  return `${escapeName(row.sample.machineType)}${tags.join('')} ${fields.join(',')} ${row.sample.sampledAtMs}`;
}

const escapeName = (text: string): string =>
  text.replaceAll(/[\r\n]|\\$/g, ' ').replaceAll(/[,= ]/g, (character) => `\\${character}`);

function formatValue({ kind, value }: SeriesField): string {
  if (kind === 'double') return String(value);
  return kind === 'bigint' ? `${value}i` : `"${String(value).replaceAll(/["\\]/g, (character) => `\\${character}`)}"`;
}
