import type { SeriesRow } from '../ports/series-writer.ts';
import { fieldsOf, type SeriesField, tagsOf } from './series-layout.ts';

/**
 * A row in InfluxDB's line protocol: `measurement,tag=value field=value timestamp`, the timestamp in milliseconds.
 * A comma, space or equals sign is escaped in names and tags (no equals sign in a measurement), quotes and
 * backslashes in text fields. It fails for what names and tags have no sign for: a line break, and a backslash, which is
 * read differently from version to version before a sign and at the end. `toTagText` puts a space or a slash there.
 * Source: InfluxDB documentation, "Line protocol".
 */
export function toLine(row: SeriesRow): string {
  const tags = tagsOf(row).map(([name, value]) => `,${escapeName(name)}=${escapeName(value)}`);
  const fields = fieldsOf(row).map((field) => `${escapeName(field.name)}=${formatValue(field)}`);
  const measurement = escapeName(row.sample.machineType).replaceAll('\\=', '=');
  return `${measurement}${tags.join('')} ${fields.join(',')} ${row.sample.sampledAtMs}`;
}

/** A name or a tag's value as it is stored; whoever asks for it later must ask for this. */
export const toTagText = (text: string): string => text.replaceAll(/[\r\n]/g, ' ').replaceAll('\\', '/');

const escapeName = (text: string): string => toTagText(text).replaceAll(/[,= ]/g, (character) => `\\${character}`);

function formatValue({ kind, value }: SeriesField): string {
  if (kind === 'double') return String(value);
  return kind === 'bigint' ? `${value}i` : `"${String(value).replaceAll(/["\\]/g, (character) => `\\${character}`)}"`;
}
