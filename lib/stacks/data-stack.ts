import { Duration, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { Archive } from '../constructs/archive.ts';
import { InfluxDbStore } from '../constructs/influxdb-store.ts';
import { Learned } from '../constructs/learned.ts';
import { createPrivateBucket } from '../constructs/private-bucket.ts';
import { Registry } from '../constructs/registry.ts';
import type { SeriesStore } from '../constructs/series-store.ts';
import { ShardState } from '../constructs/shard-state.ts';
import { TelemetryStream } from '../constructs/telemetry-stream.ts';
import { TimeSeriesStore } from '../constructs/time-series-store.ts';
import { TwinStore } from '../constructs/twin-store.ts';
import { failuresBucketName } from '../names.ts';
import type { Stage } from '../stage.ts';

/** What must outlive a change of the code: stream, stores, tables and archive. */
export class DataStack extends Stack {
  readonly telemetry: TelemetryStream;
  readonly archive: Archive;
  readonly timeSeries: SeriesStore;
  readonly twins: TwinStore;
  readonly registry: Registry;
  readonly shardState: ShardState;
  readonly learned: Learned;
  /** Batches that detection could not get through, and reports of late rows that the store refused. */
  readonly failures: IBucket;

  /** By number: their names would be looked up, and a synth needs no account. */
  override get availabilityZones(): string[] {
    return [0, 1].map((index) => Fn.select(index, Fn.getAzs()));
  }

  constructor(scope: Construct, id: string, props: StackProps & { readonly stage: Stage }) {
    super(scope, id, props);
    const { stage } = props;
    const accessLogs = createPrivateBucket(this, 'AccessLogs', {
      stage,
      lifecycleRules: [{ expiration: Duration.days(stage.retention.logDays) }],
    });
    this.failures = createPrivateBucket(this, 'Failures', {
      stage,
      bucketName: failuresBucketName(stage.name, this.account, this.region),
      accessLogs,
      lifecycleRules: [{ expiration: Duration.days(stage.retention.archiveDays) }],
    });
    this.telemetry = new TelemetryStream(this, 'Telemetry', { stage });
    this.archive = new Archive(this, 'Archive', { stage, stream: this.telemetry.stream, accessLogs });
    this.timeSeries =
      stage.store === 'influxdb'
        ? new InfluxDbStore(this, 'TimeSeries', { stage })
        : new TimeSeriesStore(this, 'TimeSeries', { stage, reports: this.failures });
    this.registry = new Registry(this, 'Registry', { stage });
    this.twins = new TwinStore(this, 'Twins', { stage });
    this.shardState = new ShardState(this, 'ShardState', { stage, accessLogs });
    this.learned = new Learned(this, 'Learned', { stage, accessLogs });
  }
}
