/** InfluxQL, as far as it is asked: texts from outside stand in it quoted and escaped only, numbers as numbers. */

export const quoteName = (name: string): string => quoteBy('"', name);
export const quoteText = (text: string): string => quoteBy("'", text);

function quoteBy(quote: string, text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replaceAll('\n', '\\n');
  return quote + escaped + quote;
}

export interface Series {
  readonly name: string;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | null)[])[];
}

export type SeriesEntry = Readonly<Record<string, string | number | null | undefined>>;

export const entriesOf = ({ columns, values }: Series): SeriesEntry[] =>
  values.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));

interface Answer {
  readonly error?: string;
  readonly results?: readonly { readonly series?: readonly Series[]; readonly error?: string }[];
}

/** The series of an answer. What was never written to is not there, which is no fault: it has no series yet. */
export function readSeries(status: number, body: string): readonly Series[] {
  const { error, results = [] } = parse(body);
  const fault = error ?? results.find((result) => result.error !== undefined)?.error;
  if (fault !== undefined && /not found/i.test(fault)) return [];
  if (fault !== undefined || status >= 300)
    throw new Error(`InfluxDB answered ${status}: ${fault ?? body.slice(0, 200)}`);
  return results.flatMap((result) => result.series ?? []);
}

function parse(body: string): Answer {
  try {
    return JSON.parse(body) as Answer;
  } catch {
    return { error: body.slice(0, 200) };
  }
}
