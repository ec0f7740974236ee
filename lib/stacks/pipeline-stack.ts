import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundles } from '../bundle.ts';
import { Detection } from '../constructs/detection.ts';
import { EventBus } from '../constructs/event-bus.ts';
import { Ingest } from '../constructs/ingest.ts';
import type { Stage } from '../stage.ts';
import type { DataStack } from './data-stack.ts';

export interface PipelineStackProps extends StackProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly data: DataStack;
}

/** What moves data: rules, functions, the bus. It can be thrown away and deployed again. */
export class PipelineStack extends Stack {
  readonly events: EventBus;

  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, props);
    const { stage, bundles, data } = props;
    const { stream } = data.telemetry;
    this.events = new EventBus(this, 'Events', { stage });
    new Ingest(this, 'Ingest', { stage, stream });
    new Detection(this, 'Detection', {
      stage,
      bundles,
      stream,
      timeSeries: data.timeSeries,
      twins: data.twins,
      registry: data.registry,
      shardState: data.shardState,
      events: this.events,
    });
  }
}
