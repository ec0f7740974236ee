import { App } from 'aws-cdk-lib';
import { createFactoryTwin } from '../lib/factory-twin.ts';
import { loadStage } from './stage/load-stage.ts';

/** The CDK application: `cdk synth -c stage=dev`. */
const app = new App();
const stage = loadStage(app.node.tryGetContext('stage'));
if (stage.ok) createFactoryTwin(app, stage.value);
else {
  for (const sentence of stage.error) console.error(sentence);
  process.exit(1);
}
