import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { createFactoryTwin } from '../../lib/factory-twin.ts';
import { parseStage, type StageInput } from '../../lib/stage.ts';
import { suppliedStages } from '../../lib/stages.ts';
import { assemblyFolder, synthesise } from './assembly.ts';

/** The laptop's stage with other parameters: an assembly of its own, with the functions of the shared one. */
export async function synthesiseOwn(parameters: Partial<StageInput>): Promise<string> {
  await synthesise();
  const stage = parseStage({ ...suppliedStages.local, ...parameters });
  if (!stage.ok) throw new Error(stage.error.join('\n'));
  process.env.CDK_VALIDATION = 'false'; // once for all in validation.test.ts
  const outdir = mkdtempSync(join(tmpdir(), 'own-stage-'));
  const app = new App({ outdir, analyticsReporting: false, context: cdkJson.context });
  const bundles = join(assemblyFolder, 'bundles');
  const names = readdirSync(bundles);
  createFactoryTwin(
    app,
    stage.value,
    new Map(names.map((name) => [name, { folder: join(bundles, name), bytes: 0, parts: [] }])),
  );
  app.synth();
  return outdir;
}
