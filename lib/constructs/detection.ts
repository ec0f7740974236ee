import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { EventSourceMapping, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { S3OnFailureDestination } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DetectionEnv } from '../../lambdas/detection/env.ts';
import type { Bundles } from '../bundle.ts';
import { quarantineQueueName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { acknowledgeWildcard, exportedArn } from './acknowledge.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import type { EventBus } from './event-bus.ts';
import type { Learned } from './learned.ts';
import { NodeFunction } from './node-function.ts';
import type { Registry } from './registry.ts';
import type { SeriesStore } from './series-store.ts';
import type { ShardState } from './shard-state.ts';
import type { TwinStore } from './twin-store.ts';

export interface DetectionProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly stream: IStream;
  readonly timeSeries: SeriesStore;
  readonly twins: TwinStore;
  readonly registry: Registry;
  readonly shardState: ShardState;
  readonly learned: Learned;
  readonly events: EventBus;
  /** Takes batches that failed to the last attempt, whole. */
  readonly failures: IBucket;
}

/**
 * So long Lambda carries the fence of a shard from batch to batch; then the lease is read once (docs/adr/0006). Longer saves
 * next to nothing more, and a poller that starts anew may deliver a whole window again.
 */
const fenceWindow = Duration.minutes(2);

/** Reads the stream in order, asks each machine's twin, and writes what it said. */
export class Detection extends Construct {
  readonly worker: NodeFunction;
  readonly quarantine: Queue;
  readonly sourceDimensions: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: DetectionProps) {
    super(scope, id);
    const { stage, stream } = props;
    this.quarantine = createDeadLetterQueue(this, 'Quarantine', quarantineQueueName(stage.name));
    const environment: DetectionEnv = {
      STAGE: stage.name,
      STREAM_NAME: stream.streamName,
      ...props.timeSeries.environment,
      TWIN_TABLE: props.twins.table.tableName,
      REGISTRY_TABLE: props.registry.table.tableName,
      LEASE_TABLE: props.shardState.leases.tableName,
      CHECKPOINT_BUCKET: props.shardState.checkpoints.bucketName,
      MODEL_BUCKET: props.learned.models.bucketName,
      LIFE_TABLE: props.learned.lives.tableName,
      EVENT_BUS: props.events.bus.eventBusName,
      QUARANTINE_QUEUE_URL: this.quarantine.queueUrl,
      TWIN_EVERY_S: String(stage.detection.twinEveryS),
      CHECKPOINT_EVERY_S: String(stage.detection.checkpointEveryS),
    };
    this.worker = new NodeFunction(this, 'Worker', {
      stage,
      bundles: props.bundles,
      name: 'detection',
      description: 'Samples in, twins asked, findings out',
      environment,
      memoryMb: stage.detection.memoryMb,
      timeoutS: stage.detection.timeoutS,
      network: props.timeSeries.network,
    });
    const { role } = this.worker;
    props.timeSeries.grantWrite(role);
    props.twins.grantWrite(role);
    props.registry.grantRead(role);
    props.shardState.grantUse(role);
    props.learned.grantUse(role);
    props.events.grantPut(role);
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.quarantine.queueArn] }));
    const source = this.readFrom(props);
    this.sourceDimensions = { EventSourceMappingUUID: source.eventSourceMappingId };
  }

  private readFrom({ stage, stream, failures }: DetectionProps): EventSourceMapping {
    const { role } = this.worker;
    role.addToPolicy(
      new PolicyStatement({
        actions: [
          'kinesis:DescribeStream',
          'kinesis:DescribeStreamSummary',
          'kinesis:GetRecords',
          'kinesis:GetShardIterator',
          'kinesis:ListShards',
        ],
        resources: [stream.streamArn],
      }),
    );
    const failuresArn = exportedArn(failures.bucketArn, failures, role);
    const setAside = `${failuresArn}/aws/lambda/*`;
    role.addToPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [failuresArn] }));
    role.addToPolicy(new PolicyStatement({ actions: ['s3:PutObject'], resources: [setAside] }));
    acknowledgeWildcard(role, setAside, 'Lambda names the objects of its on-failure destination itself.');
    return new EventSourceMapping(this, 'Source', {
      target: this.worker.function,
      eventSourceArn: stream.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: stage.detection.batchSize,
      maxBatchingWindow: Duration.seconds(stage.detection.batchWindowS),
      tumblingWindow: fenceWindow,
      // The default retries for ever: one poisoned record would stop its shard.
      retryAttempts: stage.detection.retries,
      maxRecordAge: Duration.hours(stage.detection.maxRecordAgeHours),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      onFailure: new S3OnFailureDestination(failures),
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
  }
}
