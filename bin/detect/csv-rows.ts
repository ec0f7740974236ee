/** Reads CSV as the simulator writes it (RFC 4180): a header of dotted paths, then a row a sample, back into its nesting. */
export interface CsvReader {
  /** undefined where the row goes on in the next line, inside quotes. */
  read(line: string): Record<string, unknown> | string | undefined;
}

type Json = Record<string, unknown>;

const numberPattern = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
/** Fields whose digits are a name and no number. */
const texts = new Set(['machine_id', 'machine_type']);

export function createCsvReader(headerLine: string): CsvReader {
  const paths = splitRow(headerLine)!.map((path) => path.trim().split('.'));
  // Where rows name their type, machines of several types may share the file, and a blank is no field of theirs;
  // where none does, a blank is a missing value.
  const blankIsMissing = !paths.some((path) => path.join('.') === 'machine_type');
  let pending = '';
  return {
    read(line) {
      const cells = splitRow(pending + line);
      if (cells === undefined) {
        pending += `${line}\n`;
        return undefined;
      }
      pending = '';
      if (cells.length !== paths.length) return `row has ${cells.length} cells, the header ${paths.length}`;
      const payload: Json = {};
      cells.forEach((cell, i) => {
        if (cell !== '' || blankIsMissing) place(payload, paths[i]!, cell);
      });
      return payload;
    },
  };
}

function place(payload: Json, path: readonly string[], cell: string): void {
  let at = payload;
  for (const key of path.slice(0, -1)) {
    if (!Object.hasOwn(at, key)) at[key] = {};
    at = at[key] as Json;
  }
  const isNumber = numberPattern.test(cell) && !texts.has(path.join('.'));
  at[path.at(-1)!] = cell === '' ? null : isNumber ? Number(cell) : cell;
}

/** The cells of a row; undefined while a quote is open. */
function splitRow(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (char === '"' && quoted && line[i + 1] === '"') {
      cell += '"';
      i++;
    } else if (char === '"') quoted = !quoted;
    else if (char === ',' && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += char;
  }
  return quoted ? undefined : [...cells, cell];
}
