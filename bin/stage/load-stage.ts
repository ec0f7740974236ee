import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sayNotJson } from '../../core/allowed.ts';
import { failure, type Result } from '../../core/result.ts';
import { parseStage, type Stage } from '../../lib/stage.ts';
import { suppliedStages } from '../../lib/stages.ts';

const stagesFolder = join(import.meta.dirname, '../../stages');

/** A supplied stage, or a plant's own from stages/<name>.json; `store` tries it with the other store. */
export function loadStage(name: unknown, store?: unknown): Result<Stage, readonly string[]> {
  if (typeof name !== 'string' || name === '') {
    return failure([
      `stage: got nothing; name one of ${knownStages().join(', ')} (cdk itself takes it as -c stage=dev)`,
    ]);
  }
  const supplied = suppliedStages[name];
  const override = store === undefined ? {} : { store };
  if (supplied !== undefined) return parseStage({ ...supplied, ...override });
  const path = join(stagesFolder, `${name}.json`);
  if (!/^[a-z0-9]+$/.test(name) || !existsSync(path)) {
    return failure([
      `stage: got "${name}"; known are ${knownStages().join(', ')} (add your own as stages/<name>.json)`,
    ]);
  }
  const parsed = parseJson(path);
  if (!parsed.ok) return parsed;
  const stage = parseStage({ ...(parsed.value as object), ...override });
  if (stage.ok && stage.value.name !== name) {
    return failure([`name: got "${stage.value.name}" in stages/${name}.json; the file and its stage share one name`]);
  }
  return stage.ok ? stage : failure(stage.error.map((sentence) => `stages/${name}.json: ${sentence}`));
}

function parseJson(path: string): Result<unknown, readonly string[]> {
  try {
    return { ok: true, value: JSON.parse(readFileSync(path, 'utf8')) };
  } catch (error) {
    return failure([`${path}: not JSON (${sayNotJson(error)})`]);
  }
}

export function knownStages(): string[] {
  const own = existsSync(stagesFolder)
    ? readdirSync(stagesFolder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []))
    : [];
  return [...Object.keys(suppliedStages), ...own];
}
