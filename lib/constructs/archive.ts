import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { LogGroup, LogStream } from 'aws-cdk-lib/aws-logs';
import { type IBucket, StorageClass } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import { acknowledge, acknowledgeWildcard } from './acknowledge.ts';
import { createPrivateBucket } from './private-bucket.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/**
 * Old telemetry is read in bulk or never. From `warmDays` on it lies where objects still open at once; from `coldDays` on they must
 * be restored first, within twelve hours (S3 user guide, "Understanding archive retrieval options").
 */
const warmDays = 30;
const coldDays = 180;

/** A batch names its type in its samples; what names none is kept all the same. */
const partitionQuery =
  '{channel: (.channel // "telemetry"), machine_type: (.machine_type // .samples[0].machine_type // "unknown")}';
const partitionKey = (name: string): string => `!{partitionKeyFromQuery:${name}}`;
const day = '!{timestamp:yyyy-MM-dd}';

export interface ArchiveProps {
  readonly stage: Stage;
  readonly stream: IStream;
  readonly accessLogs: IBucket;
}

/** Every message as it came, for ever cheaper: by channel, machine type and day, compressed, tiered to Glacier. */
export class Archive extends Construct {
  readonly bucket: IBucket;
  readonly delivery: CfnDeliveryStream;
  private readonly logs: { readonly group: LogGroup; readonly stream: LogStream };
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: ArchiveProps) {
    super(scope, id);
    const { stage, stream, accessLogs } = props;
    const { archiveDays } = stage.retention;
    this.bucket = createPrivateBucket(this, 'Bucket', {
      stage,
      accessLogs,
      versioned: true,
      lifecycleRules: [
        {
          transitions: [
            { storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(warmDays) },
            { storageClass: StorageClass.DEEP_ARCHIVE, transitionAfter: Duration.days(coldDays) },
          ].filter(({ transitionAfter }) => transitionAfter.toDays() < archiveDays),
          expiration: Duration.days(archiveDays),
          noncurrentVersionExpiration: Duration.days(warmDays),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
    });
    const group = new LogGroup(this, 'Logs', {
      retention: stage.retention.logDays,
      removalPolicy: removalPolicyOf(stage),
    });
    this.logs = { group, stream: new LogStream(this, 'LogStream', { logGroup: group }) };
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('firehose.amazonaws.com') });
    this.grant(stream);
    this.delivery = new CfnDeliveryStream(this, 'Delivery', {
      deliveryStreamType: 'KinesisStreamAsSource',
      kinesisStreamSourceConfiguration: { kinesisStreamArn: stream.streamArn, roleArn: this.role.roleArn },
      extendedS3DestinationConfiguration: this.describeDestination(),
    });
    acknowledge(
      this.delivery,
      'KDF1',
      'Its source is an encrypted stream, and such a delivery stream takes no setting of its own.',
    );
    this.delivery.node.addDependency(this.role);
  }

  private grant(stream: IStream): void {
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['kinesis:DescribeStream', 'kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:ListShards'],
        resources: [stream.streamArn],
      }),
    );
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        resources: [this.bucket.bucketArn],
      }),
    );
    const objects = this.bucket.arnForObjects('*');
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
        resources: [objects],
      }),
    );
    acknowledgeWildcard(this.role, objects, 'The archive fills its whole bucket, which holds nothing else.');
    this.role.addToPolicy(
      new PolicyStatement({ actions: ['logs:PutLogEvents'], resources: [this.logs.group.logGroupArn] }),
    );
  }

  private describeDestination(): CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty {
    return {
      bucketArn: this.bucket.bucketArn,
      roleArn: this.role.roleArn,
      prefix: `channel=${partitionKey('channel')}/machine_type=${partitionKey('machine_type')}/day=${day}/`,
      errorOutputPrefix: `unreadable/!{firehose:error-output-type}/day=${day}/`,
      compressionFormat: 'GZIP',
      // The least that dynamic partitioning allows, and the longest wait: few large objects are what Glacier is priced for.
      bufferingHints: { sizeInMBs: 64, intervalInSeconds: 900 },
      dynamicPartitioningConfiguration: { enabled: true },
      processingConfiguration: {
        enabled: true,
        processors: [
          {
            type: 'MetadataExtraction',
            parameters: [
              { parameterName: 'MetadataExtractionQuery', parameterValue: partitionQuery },
              { parameterName: 'JsonParsingEngine', parameterValue: 'JQ-1.6' },
            ],
          },
          { type: 'AppendDelimiterToRecord', parameters: [{ parameterName: 'Delimiter', parameterValue: '\\n' }] },
        ],
      },
      cloudWatchLoggingOptions: {
        enabled: true,
        logGroupName: this.logs.group.logGroupName,
        logStreamName: this.logs.stream.logStreamName,
      },
    };
  }
}
