import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleFunctions, bundlePage, reportBundles } from '../lib/bundle.ts';
import { createFactoryTwin } from '../lib/factory-twin.ts';
import { loadStage } from './stage/load-stage.ts';

/** The CDK application: `cdk synth -c stage=dev`, and `-c store=influxdb` to try the stage with the other store. */
const app = new App();
const stage = loadStage(app.node.tryGetContext('stage'), app.node.tryGetContext('store'));
if (stage.ok) {
  const bundlesFolder = join(app.outdir, 'bundles');
  const functions = await bundleFunctions(bundlesFolder);
  const bundles = stage.value.laptop ? functions : new Map([...functions, ['page', await bundlePage(bundlesFolder)]]);
  console.error(reportBundles(bundles));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  createFactoryTwin(app, stage.value, bundles);
} else {
  for (const sentence of stage.error) console.error(sentence);
  process.exitCode = 1;
}
