import { z } from 'zod';
import { failure, type Result, success } from '../result.ts';
import { checksumOf } from './crc32.ts';
import { loadFloats, loadTrees, saveFloats, saveTrees } from './saved-trees.ts';
import { featuresPerSignal } from './state-features.ts';
import type { StateModel } from './state-model.ts';

/**
 * A model as a file: everything needed to use it, to know where it came from, and to refuse it. The checksum covers the text of
 * everything before it, so the order of the fields is part of the format.
 */
const trees = z.strictObject({
  outputs: z.number().int().positive(),
  roots: z.string(),
  column: z.string(),
  threshold: z.string(),
  child: z.string(),
  leaves: z.string(),
});

const artefactSchema = z.strictObject({
  schema: z.literal('factory-twin/state-model'),
  version: z.literal(2),
  codeVersion: z.string(),
  machineType: z.string(),
  signals: z.array(z.string()).min(1),
  states: z.array(z.string()).min(2),
  smoothing: z.strictObject({
    fastS: z.number().positive(),
    slowS: z.number().positive(),
    residualS: z.number().positive(),
    unrestS: z.number().positive(),
  }),
  scaler: z.strictObject({ means: z.array(z.number()), deviations: z.array(z.number()) }),
  relations: z.string(),
  spreads: z.array(
    z.strictObject({
      feature: z.string(),
      bounds: z.array(z.number()),
      shares: z.array(z.number()),
      limit: z.number().nonnegative(),
    }),
  ),
  /** Where the training data came from, and the SHA-256 of the rows as they were used. */
  trainedOn: z.strictObject({ source: z.string(), sha256: z.string(), units: z.number(), rows: z.number() }),
  /** On units that were not trained on. */
  metrics: z.record(z.string(), z.number()),
  forest: trees,
  checksum: z.string(),
});

export type ModelArtefact = z.output<typeof artefactSchema>;
export type Provenance = Pick<ModelArtefact, 'codeVersion' | 'trainedOn' | 'metrics'>;

export const artefactSchemaName = 'factory-twin/state-model';

export function writeArtefact(model: Omit<StateModel, 'version'>, provenance: Provenance): string {
  const body = {
    schema: artefactSchemaName,
    version: 2,
    codeVersion: provenance.codeVersion,
    machineType: model.machineType,
    signals: model.signals,
    states: model.states,
    smoothing: model.smoothing,
    scaler: { means: [...model.scaler.means], deviations: [...model.scaler.deviations] },
    relations: saveFloats(model.relations),
    spreads: model.spreads,
    trainedOn: provenance.trainedOn,
    metrics: provenance.metrics,
    forest: saveTrees(model.forest.trees),
  };
  const text = JSON.stringify(body);
  return `${text.slice(0, -1)},"checksum":"${checksumOf(text)}"}\n`;
}

/** Refuses, in one sentence, what is no model of this machine type, of another version, or damaged. */
export function openArtefact(
  text: string,
  machineType?: string,
): Result<{ readonly model: StateModel; readonly artefact: ModelArtefact }, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return failure('model: the file is not JSON');
  }
  const named = checkName(json);
  if (named !== undefined) return failure(named);
  const parsed = artefactSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return failure(`model: ${issue.path.join('.') || 'file'}: ${issue.message}`);
  }
  const artefact = parsed.data;
  const expected = checksumOf(`${text.trimEnd().slice(0, text.trimEnd().lastIndexOf(',"checksum"'))}}`);
  if (expected !== artefact.checksum) {
    return failure(`model: got checksum ${artefact.checksum}, the content has ${expected}: the file is damaged`);
  }
  if (machineType !== undefined && artefact.machineType !== machineType) {
    return failure(`model: got machine type "${artefact.machineType}", allowed is "${machineType}"`);
  }
  return loadModel(artefact);
}

function checkName(json: unknown): string | undefined {
  const { schema, version } = (json ?? {}) as { schema?: unknown; version?: unknown };
  if (schema !== artefactSchemaName)
    return `model: got schema ${JSON.stringify(schema)}, allowed is "${artefactSchemaName}"`;
  return version === 2 ? undefined : `model: got version ${JSON.stringify(version)}, allowed is 2`;
}

function loadModel(artefact: ModelArtefact): Result<{ model: StateModel; artefact: ModelArtefact }, string> {
  const { machineType, signals, states, smoothing, spreads, scaler, codeVersion, checksum } = artefact;
  const loaded = loadTrees(artefact.forest, signals.length * featuresPerSignal);
  if (!loaded.ok) return failure(`model: ${loaded.error}`);
  const relations = loadFloats(artefact.relations);
  const wrongSize = [scaler.means, scaler.deviations, spreads].some((list) => list.length !== signals.length);
  const fits = !wrongSize && loaded.value.outputs === states.length && relations?.length === 2 * signals.length ** 2;
  if (!fits) return failure('model: signals, states, relations and trees do not fit');
  const model: StateModel = {
    machineType,
    version: `${machineType}-${codeVersion}-${checksum}`,
    signals,
    states,
    smoothing,
    scaler: { means: Float64Array.from(scaler.means), deviations: Float64Array.from(scaler.deviations) },
    relations,
    forest: { trees: loaded.value },
    spreads,
  };
  return success({ model, artefact });
}
