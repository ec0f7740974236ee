import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Detection } from '../constructs/detection.ts';
import { EventBus } from '../constructs/event-bus.ts';
import { Ingest } from '../constructs/ingest.ts';
import type { Stage } from '../stage.ts';
import type { DataStack } from './data-stack.ts';

/** What moves data: rules, functions, the bus. It can be thrown away and deployed again. */
export class PipelineStack extends Stack {
  readonly events: EventBus;

  constructor(scope: Construct, id: string, props: StackProps & { readonly stage: Stage; readonly data: DataStack }) {
    super(scope, id, props);
    const { stage, data } = props;
    const { stream } = data.telemetry;
    this.events = new EventBus(this, 'Events', { stage });
    new Ingest(this, 'Ingest', { stage, stream });
    new Detection(this, 'Detection', {
      stage,
      stream,
      timeSeries: data.timeSeries,
      twins: data.twins,
      registry: data.registry,
      shardState: data.shardState,
      events: this.events,
    });
  }
}
