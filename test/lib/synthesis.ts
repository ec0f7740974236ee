import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import cdkJson from '../../cdk.json' with { type: 'json' };
import type { Bundles } from '../../lib/bundle.ts';
import { createFactoryTwin } from '../../lib/factory-twin.ts';
import { parseStage, type StageInput } from '../../lib/stage.ts';
import { suppliedStages } from '../../lib/stages.ts';

// validation.test.ts runs the rules over the whole application, once; they would take seconds in each of these.
process.env.CDK_VALIDATION = 'false';

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The templates of a stage, with an empty file in the place of each function's code. */
export function synthesise(stageName: string, overrides: Partial<StageInput> = {}) {
  const stage = parseStage({ ...suppliedStages[stageName], ...overrides });
  if (!stage.ok) throw new Error(stage.error.join('\n'));
  const app = new App({ analyticsReporting: false, context: cdkJson.context });
  const { data, pipeline, api, operations, desk, grafana } = createFactoryTwin(app, stage.value, emptyBundles());
  const templates = [data, pipeline].map((stack) => Template.fromStack(stack));
  return { templates, stage: stage.value, stacks: [data, pipeline], api, operations, desk, grafana };
}

export function resourcesOf({ templates }: { readonly templates: readonly Template[] }, type?: string): Resource[] {
  return templates.flatMap((template) =>
    Object.entries(
      template.toJSON().Resources as Record<string, { Type: string; Properties?: Record<string, unknown> }>,
    )
      .filter(([, resource]) => type === undefined || resource.Type === type)
      .map(([id, resource]) => ({ id, type: resource.Type, properties: resource.Properties ?? {} })),
  );
}

function emptyBundles(): Bundles {
  const folder = mkdtempSync(join(tmpdir(), 'factory-twin-'));
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = () => undefined;\n');
  const bundle = { folder, bytes: 0, parts: [] };
  const names = readdirSync('lambdas').filter((name) => existsSync(join('lambdas', name, 'index.ts')));
  return new Map(names.map((name) => [name, bundle]));
}
