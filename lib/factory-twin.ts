import { type App, type StackProps, Tags } from 'aws-cdk-lib';
import type { Bundles } from './bundle.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { DeskStack } from './stacks/desk-stack.ts';
import { GrafanaStack } from './stacks/grafana-stack.ts';
import { OperationsStack } from './stacks/operations-stack.ts';
import { PipelineStack } from './stacks/pipeline-stack.ts';
import type { Stage } from './stage.ts';

export interface FactoryTwin {
  readonly data: DataStack;
  readonly pipeline: PipelineStack;
  readonly api: ApiStack;
  readonly operations: OperationsStack;
  readonly desk: DeskStack;
  /** Where the stage wants it. */
  readonly grafana: GrafanaStack | null;
}

/** One stage of the application: its stacks, named and tagged after it. */
export function createFactoryTwin(app: App, stage: Stage, bundles: Bundles): FactoryTwin {
  const props: StackProps = {
    env: { region: stage.region, ...(stage.account === undefined ? {} : { account: stage.account }) },
    terminationProtection: stage.removal === 'retain',
  };
  const name = (part: string): string => `FactoryTwin-${stage.name}-${part}`;
  const data = new DataStack(app, name('Data'), {
    ...props,
    stage,
    description: 'Factory Twin: stream, stores, tables',
  });
  const pipeline = new PipelineStack(app, name('Pipeline'), {
    ...props,
    stage,
    bundles,
    data,
    description: 'Factory Twin: ingest, detection, events',
  });
  const api = new ApiStack(app, name('Api'), {
    ...props,
    stage,
    bundles,
    data,
    description: 'Factory Twin: the API of the twins',
  });
  const operations = new OperationsStack(app, name('Operations'), {
    ...props,
    stage,
    bundles,
    data,
    pipeline,
    pageUrl: api.pageUrl,
    description: 'Factory Twin: incidents, notifications, maintenance',
  });
  const desk = new DeskStack(app, name('Desk'), {
    ...props,
    stage,
    bundles,
    data,
    pipeline,
    api,
    operations,
    description: 'Factory Twin: incidents and work orders over the API',
  });
  const grafana =
    stage.grafana === undefined
      ? null
      : new GrafanaStack(app, name('Grafana'), {
          ...props,
          ...{ stage, bundles, grafana: stage.grafana, timeSeries: data.timeSeries, pageUrl: api.pageUrl },
          description: 'Factory Twin: dashboards',
        });
  Tags.of(app).add('application', 'factory-twin');
  Tags.of(app).add('stage', stage.name);
  return { data, pipeline, api, operations, desk, grafana };
}
