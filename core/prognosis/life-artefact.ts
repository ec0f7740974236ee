import { z } from 'zod';
import { checksumOf } from '../learning/crc32.ts';
import { loadTrees, saveTrees } from '../learning/saved-trees.ts';
import { failure, type Result, success } from '../result.ts';
import { type LifeEnsemble, shapeColumns } from './life-ensemble.ts';

/** Trees that finished lives have taught, as a file: refused like a state model's (core/learning/artefact.ts). */
const trees = z.strictObject({
  outputs: z.literal(1),
  roots: z.string(),
  column: z.string(),
  threshold: z.string(),
  child: z.string(),
  leaves: z.string(),
});

const numbers = z.array(z.number());

const conformal = z.strictObject({ coverage: z.number(), centres: numbers, lower: numbers, upper: numbers });

const artefactSchema = z.strictObject({
  schema: z.literal('factory-twin/life-ensemble'),
  version: z.literal(1),
  codeVersion: z.string(),
  machineType: z.string(),
  /** Where the lives came from, and figures on lives that taught nothing. */
  source: z.string(),
  metrics: z.record(z.string(), z.number()),
  lives: z.number().int().positive(),
  modes: z.array(z.string()).min(1),
  range: z.strictObject({ min: z.number(), max: z.number() }),
  conformal,
  /** By failure mode; files of before these were told apart have none. */
  intervals: z.record(z.string(), conformal).default({}),
  models: z.array(z.strictObject({ start: z.number(), trees })).min(1),
  checksum: z.string(),
});

export type LifeProvenance = Pick<
  z.output<typeof artefactSchema>,
  'codeVersion' | 'machineType' | 'source' | 'metrics'
>;

export function writeLifeArtefact(
  { lives, modes, ensemble, intervals }: LifeEnsemble,
  provenance: LifeProvenance,
): string {
  const { codeVersion, machineType, source, metrics } = provenance;
  const text = JSON.stringify({
    schema: 'factory-twin/life-ensemble',
    version: 1,
    codeVersion,
    machineType,
    source,
    metrics,
    lives,
    modes,
    range: ensemble.range,
    conformal: ensemble.conformal,
    intervals,
    models: ensemble.models.map((model) => ({ start: model.start, trees: saveTrees(model.trees) })),
  });
  return `${text.slice(0, -1)},"checksum":"${checksumOf(text)}"}\n`;
}

/** Refuses, in one sentence, what is no ensemble of this machine type, of another version, or damaged. */
export function openLifeArtefact(text: string, machineType: string): Result<LifeEnsemble, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return failure('life ensemble: the file is not JSON');
  }
  const parsed = artefactSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return failure(`life ensemble: ${issue?.path.join('.') || 'file'}: ${issue?.message}`);
  }
  const { checksum, lives, modes, range, conformal, intervals, models, ...artefact } = parsed.data;
  const body = `${text.trimEnd().slice(0, text.trimEnd().lastIndexOf(',"checksum"'))}}`;
  if (checksumOf(body) !== checksum) {
    return failure(`life ensemble: got checksum ${checksum}, the content has ${checksumOf(body)}: the file is damaged`);
  }
  if (artefact.machineType !== machineType) {
    return failure(`life ensemble: got machine type "${artefact.machineType}", allowed is "${machineType}"`);
  }
  const loaded = models.map((model) => loadTrees(model.trees, shapeColumns));
  const broken = loaded.find((result) => !result.ok);
  if (broken !== undefined && !broken.ok) return failure(`life ensemble: ${broken.error}`);
  const opened = loaded.flatMap((result, i) =>
    result.ok ? [{ start: models[i]?.start ?? 0, trees: result.value }] : [],
  );
  return success({ lives, modes, intervals, ensemble: { models: opened, conformal, range } });
}
