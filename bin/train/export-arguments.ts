import { parseArgs } from 'node:util';
import { failure, type Result, success } from '../../core/result.ts';
import { machineCatalogue } from '../../simulator/catalogue.ts';
import { describeWrongWords } from '../../simulator/command/wrong-words.ts';

export const formats = ['csv', 'parquet'] as const;

export interface ExportOptions {
  readonly machineType: string;
  readonly format: (typeof formats)[number];
  readonly file: string;
  readonly units: number;
  readonly seed: number;
}

export const exportHelp = `Writes balanced labelled training data of simulated machines.

  npm run -s export-training -- --machine-type centrifugal-pump --file pump.csv
  npm run -s export-training -- --machine-type cnc-mill --format parquet --file mill.parquet

  --machine-type name   a built-in type
  --format name         csv (default) or parquet
  --file path           where it goes (default training.<format>)
  --units n             simulated units (default 60)
  --seed n              same seed, same bytes (default 1)

Each unit gives as many samples of each state as its rarest state has, evenly spread over it. Columns: unit, timestamp, state, failure_mode,
rul_hours, then the signals by their paths.`;

export function parseExportArguments(args: string[]): Result<ExportOptions | 'help', string> {
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    const text = { type: 'string' } as const;
    const options = {
      'machine-type': text,
      format: text,
      file: text,
      units: text,
      seed: text,
      help: { type: 'boolean' },
    } as const;
    values = parseArgs({ args, options }).values;
  } catch (error) {
    return failure(`${describeWrongWords(error as Error)}; see --help`);
  }
  if (values.help) return success('help');
  const machineType = String(values['machine-type'] ?? '');
  if (machineCatalogue[machineType] === undefined) {
    return failure(`--machine-type: got "${machineType}", allowed are ${Object.keys(machineCatalogue).join(', ')}`);
  }
  const format = formats.find((name) => name === (values.format ?? 'csv'));
  if (format === undefined) return failure(`--format: got "${values.format}", allowed are ${formats.join(', ')}`);
  const units = Number(values.units ?? 60);
  if (!Number.isSafeInteger(units) || units < 1)
    return failure(`--units: got "${values.units}", allowed is a whole number from 1`);
  const seed = Number(values.seed ?? 1);
  if (!Number.isSafeInteger(seed)) return failure(`--seed: got "${values.seed}", allowed is a whole number`);
  return success({ machineType, format, file: String(values.file ?? `training.${format}`), units, seed });
}
