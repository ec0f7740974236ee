import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { createPrivateBucket } from '../constructs/private-bucket.ts';
import { Registry } from '../constructs/registry.ts';
import { ShardState } from '../constructs/shard-state.ts';
import { TelemetryStream } from '../constructs/telemetry-stream.ts';
import { TimeSeriesStore } from '../constructs/time-series-store.ts';
import { TwinStore } from '../constructs/twin-store.ts';
import type { Stage } from '../stage.ts';

/** What must outlive a change of the code: stream, stores and tables. */
export class DataStack extends Stack {
  readonly telemetry: TelemetryStream;
  readonly timeSeries: TimeSeriesStore;
  readonly twins: TwinStore;
  readonly registry: Registry;
  readonly shardState: ShardState;

  constructor(scope: Construct, id: string, props: StackProps & { readonly stage: Stage }) {
    super(scope, id, props);
    const { stage } = props;
    this.telemetry = new TelemetryStream(this, 'Telemetry', { stage });
    this.timeSeries = new TimeSeriesStore(this, 'TimeSeries', { stage });
    const accessLogs = createPrivateBucket(this, 'AccessLogs', {
      stage,
      lifecycleRules: [{ expiration: Duration.days(stage.retention.logDays) }],
    });
    this.registry = new Registry(this, 'Registry', { stage });
    this.shardState = new ShardState(this, 'ShardState', { stage, accessLogs });
    this.twins = new TwinStore(this, 'Twins', { stage });
  }
}
