import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { createFactoryTwin } from '../../lib/factory-twin.ts';
import { parseStage, type StageInput } from '../../lib/stage.ts';
import { suppliedStages } from '../../lib/stages.ts';
import { ensurePage } from '../../local/command/page.ts';
import { assemblyFolder, synthesise } from './assembly.ts';

/** The laptop's stage with other parameters: an assembly of its own, with the functions of the shared one. */
export const synthesiseOwn = (parameters: Partial<StageInput>): Promise<string> =>
  synthesiseStage({ ...suppliedStages.local!, ...parameters });

/** A stage for AWS has the operator page in its template too. */
export async function synthesiseDeployed(parameters: Partial<StageInput>): Promise<string> {
  await ensurePage(() => undefined);
  return synthesiseStage({ ...suppliedStages.dev!, ...parameters }, [['page', 'ui/operator/dist']]);
}

async function synthesiseStage(input: StageInput, more: readonly [name: string, folder: string][] = []) {
  await synthesise();
  const stage = parseStage(input);
  if (!stage.ok) throw new Error(stage.error.join('\n'));
  process.env.CDK_VALIDATION = 'false'; // once for all in validation.test.ts
  const outdir = mkdtempSync(join(tmpdir(), 'own-stage-'));
  const app = new App({ outdir, analyticsReporting: false, context: cdkJson.context });
  const bundles = join(assemblyFolder, 'bundles');
  const functions = readdirSync(bundles).map((name) => [name, join(bundles, name)] as const);
  const folders = new Map([...functions, ...more]);
  createFactoryTwin(
    app,
    stage.value,
    new Map([...folders].map(([name, folder]) => [name, { folder, bytes: 0, parts: [] }])),
  );
  app.synth();
  return outdir;
}
