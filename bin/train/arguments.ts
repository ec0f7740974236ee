import { parseArgs } from 'node:util';
import { knownTypeNames } from '../../core/machine-types/known.ts';
import { failure, type Result, success } from '../../core/result.ts';
import { describeWrongWords } from '../../simulator/command/wrong-words.ts';
import { judgingSeedsFrom } from './judging.ts';
import { findMachineType, isSimulated } from './labelled-lives.ts';

export const sources = ['simulate', 'csv', 'archive'] as const;

export const models = ['states', 'lives'] as const;

export interface TrainOptions {
  readonly model: (typeof models)[number];
  readonly machineType: string;
  readonly from: (typeof sources)[number];
  readonly dataPath: string | null;
  /** Findings of people, of samples from elsewhere than the simulator. */
  readonly labels: string | null;
  readonly out: string;
  /** Where the report goes. */
  readonly report: string;
  readonly units: number;
  readonly seed: number;
  readonly json: boolean;
}

export const trainHelp = `Trains the model that tells a machine's state from its signals, or the trees that tell remaining life from finished lives.

  npm run -s train -- --machine-type centrifugal-pump --from simulate
  npm run -s train -- --machine-type centrifugal-pump --from csv --data-path labelled.csv --out models

  --machine-type name   a built-in type, or from csv and archive a plant's own
  --model name          states (default), lives (from simulate, or --from archive with a file of one finished life a line)
  --from source         simulate (default), csv (columns as export-training writes them), archive (a folder of NDJSON, packed or not)
  --data-path path      the CSV, or the archive's folder, or s3://bucket/prefix
  --labels path         what people found (npm run -s desk -- <stage> labels <site>): it tells the state of csv's or the archive's samples
  --out folder          where the model goes (default models); the model there now is the one in force
  --report folder       where the report goes (default: beside the model)
  --units n             simulated units (default 120)
  --seed n              same seed, same bytes (default 1)
  --json                the report as JSON on stdout

What judges never teaches, whatever the seed: simulated units of seeds kept for it, or the fifth of a file's units that their names
choose. They judge the new model and the one in force. Writes <type>.json (the model),
<type>.report.json and <type>.report.html. Exit code: 0, 1 when the new model is worse than the one in force (which stays), 2 when
the command line or the data are wrong. The models shipped with the project are remade byte for byte by
--out core/learning/models --report docs/models.`;

export function parseTrainArguments(args: string[]): Result<TrainOptions | 'help', string> {
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    const options = {
      'machine-type': text,
      model: text,
      from: text,
      'data-path': text,
      labels: text,
      out: text,
      report: text,
      units: text,
      seed: text,
      json: flag,
      help: flag,
    };
    values = parseArgs({ args, options }).values;
  } catch (error) {
    return failure(`${describeWrongWords(error as Error)}; see --help`);
  }
  if (values.help) return success('help');
  const machineType = String(values['machine-type'] ?? '');
  if (findMachineType(machineType) === undefined) {
    return failure(
      `--machine-type: got ${machineType === '' ? 'nothing' : `"${machineType}"`}, allowed are ${knownTypeNames()}`,
    );
  }
  const from = sources.find((source) => source === (values.from ?? 'simulate'));
  if (from === undefined) return failure(`--from: got "${values.from}", allowed are ${sources.join(', ')}`);
  if (from === 'simulate' && !isSimulated(machineType))
    return failure(`--from: got "simulate", which knows no ${machineType}; allowed are csv, archive`);
  const dataPath = (values['data-path'] as string | undefined) ?? null;
  if (from !== 'simulate' && dataPath === null) return failure(`--data-path: got nothing, --from ${from} needs one`);
  const labels = (values.labels as string | undefined) ?? null;
  const model = models.find((name) => name === (values.model ?? 'states'));
  if (model === undefined) return failure(`--model: got "${values.model}", allowed are ${models.join(', ')}`);
  if (labels !== null && (from === 'simulate' || model === 'lives'))
    return failure(
      `--labels: got "${labels}" with --model ${model} --from ${from}, allowed are states from csv or archive`,
    );
  const units = Number(values.units ?? 120);
  if (!Number.isSafeInteger(units) || units < 5)
    return failure(`--units: got "${values.units}", allowed is a whole number from 5`);
  const seed = Number(values.seed ?? 1);
  if (!Number.isSafeInteger(seed) || seed >= judgingSeedsFrom)
    return failure(
      `--seed: got "${values.seed}", allowed is a whole number below ${judgingSeedsFrom} (the others are kept for judging)`,
    );
  return success({
    model,
    machineType,
    from,
    dataPath,
    labels,
    out: String(values.out ?? 'models'),
    report: String(values.report ?? values.out ?? 'models'),
    units,
    seed,
    json: values.json === true,
  });
}
