import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundles } from '../bundle.ts';
import { Desk } from '../constructs/desk.ts';
import { Graph } from '../constructs/graph.ts';
import { Objectives } from '../constructs/objectives.ts';
import type { Stage } from '../stage.ts';
import type { ApiStack } from './api-stack.ts';
import type { DataStack } from './data-stack.ts';
import type { OperationsStack } from './operations-stack.ts';
import type { PipelineStack } from './pipeline-stack.ts';

export interface DeskStackProps extends StackProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly data: DataStack;
  readonly pipeline: PipelineStack;
  readonly api: ApiStack;
  readonly operations: OperationsStack;
}

/** Where the API meets what people deal with. */
export class DeskStack extends Stack {
  constructor(scope: Construct, id: string, props: DeskStackProps) {
    super(scope, id, props);
    const { stage, bundles } = props;
    const { api } = props.api;
    const { registry, twins, timeSeries } = props.data;
    const { events, alarms } = props.pipeline;
    const { incidents, maintenance } = props.operations;
    new Desk(this, 'Desk', { stage, bundles, api, incidents, maintenance, registry, twins, events });
    alarms.add('ApiFailing', {
      scope: this,
      metric: api.http.metricServerError({ period: Duration.minutes(1), statistic: 'Sum' }),
      threshold: 0,
      evaluationPeriods: 3,
      meaning: 'The API fails again and again: the page shows what it had, and nobody can decide.',
      runbook: 'api-failing',
    });
    new Objectives(this, 'Objectives', { stage, alarms, http: api.http });
    new Graph(this, 'Graph', { stage, bundles, api, incidents, registry, twins, timeSeries, events });
  }
}
