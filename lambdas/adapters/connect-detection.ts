import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { StoreEnv } from '../ports/store-env.ts';
import { AwsCheckpointStore } from './aws-checkpoint-store.ts';
import { connectSeriesWriter } from './connect-series-writer.ts';
import { DynamoDbRegistry } from './dynamodb-registry.ts';
import { DynamoDbTwinWriter } from './dynamodb-twin-writer.ts';
import { EventBridgePublisher } from './eventbridge-publisher.ts';
import { KinesisStreamReader } from './kinesis-stream-reader.ts';
import { SqsQuarantine } from './sqs-quarantine.ts';

export type DetectionPlaces = StoreEnv & {
  readonly STREAM_ARN: string;
  readonly TWIN_TABLE: string;
  readonly REGISTRY_TABLE: string;
  readonly LEASE_TABLE: string;
  readonly CHECKPOINT_BUCKET: string;
  readonly EVENT_BUS: string;
  readonly QUARANTINE_QUEUE_URL: string;
};

/** The AWS side of every port that detection has. */
export function connectDetection<State>(places: DetectionPlaces) {
  const dynamoDb = new DynamoDBClient({});
  return {
    series: connectSeriesWriter(places),
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
