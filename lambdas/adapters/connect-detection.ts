import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { AwsCheckpointStore } from './aws-checkpoint-store.ts';
import { DynamoDbRegistry } from './dynamodb-registry.ts';
import { DynamoDbTwinWriter } from './dynamodb-twin-writer.ts';
import { EventBridgePublisher } from './eventbridge-publisher.ts';
import { KinesisStreamReader } from './kinesis-stream-reader.ts';
import { SqsQuarantine } from './sqs-quarantine.ts';
import { TimestreamSeriesWriter } from './timestream-series-writer.ts';

export interface DetectionPlaces {
  readonly STREAM_ARN: string;
  readonly STORE_DATABASE: string;
  readonly STORE_TABLE: string;
  readonly TWIN_TABLE: string;
  readonly REGISTRY_TABLE: string;
  readonly LEASE_TABLE: string;
  readonly CHECKPOINT_BUCKET: string;
  readonly EVENT_BUS: string;
  readonly QUARANTINE_QUEUE_URL: string;
}

/** The AWS side of every port that detection has. */
export function connectDetection<State>(places: DetectionPlaces) {
  const dynamoDb = new DynamoDBClient({});
  const timestream = new TimestreamWriteClient({ maxAttempts: 5 });
  return {
    series: new TimestreamSeriesWriter(timestream, { database: places.STORE_DATABASE, table: places.STORE_TABLE }),
    twins: new DynamoDbTwinWriter(dynamoDb, places.TWIN_TABLE),
    registry: new DynamoDbRegistry(dynamoDb, places.REGISTRY_TABLE, Date.now),
    events: new EventBridgePublisher(new EventBridgeClient({}), places.EVENT_BUS),
    quarantine: new SqsQuarantine(new SQSClient({}), places.QUARANTINE_QUEUE_URL),
    stream: new KinesisStreamReader(new KinesisClient({}), places.STREAM_ARN),
    checkpoints: new AwsCheckpointStore<State>(dynamoDb, new S3Client({}), {
      leaseTable: places.LEASE_TABLE,
      bucket: places.CHECKPOINT_BUCKET,
    }),
  };
}
