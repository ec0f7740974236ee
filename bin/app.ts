import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { plantProblems } from '../core/machine-types/known.ts';
import { bundleFunctions, bundlePage, reportBundles } from '../lib/bundle.ts';
import { loadStage } from './stage/load-stage.ts';

/** The CDK application: `cdk synth -c stage=dev`, and `-c store=influxdb` to try the stage with the other store. */
const app = new App();
const stage = loadStage(app.node.tryGetContext('stage'), app.node.tryGetContext('store'));
const problems = [...(stage.ok ? [] : stage.error), ...plantProblems];
if (stage.ok && problems.length === 0) {
  const bundlesFolder = join(app.outdir, 'bundles');
  // esbuild is a process of its own: the stacks and what they need of CDK load meanwhile.
  const [functions, { createFactoryTwin }] = await Promise.all([
    bundleFunctions(bundlesFolder),
    import('../lib/factory-twin.ts'),
  ]);
  const bundles = stage.value.laptop ? functions : new Map([...functions, ['page', await bundlePage(bundlesFolder)]]);
  console.error(reportBundles(bundles));
  // `cdk --no-validation` says so; then the rules need not be loaded either.
  if (process.env.CDK_VALIDATION !== 'false') {
    const { AwsSolutionsChecks } = await import('cdk-nag');
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  }
  createFactoryTwin(app, stage.value, bundles);
} else {
  for (const sentence of problems) console.error(sentence);
  process.exitCode = 1;
}
