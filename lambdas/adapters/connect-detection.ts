import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { StoreEnv } from '../ports/store-env.ts';
import { AwsCheckpointStore } from './aws-checkpoint-store.ts';
import { AwsModelStore } from './aws-model-store.ts';
import { connectSeriesWriter } from './connect-series-writer.ts';
import { DynamoDbLifeLibrary } from './dynamodb-life-library.ts';
import { DynamoDbRegistry } from './dynamodb-registry.ts';
import { DynamoDbTwinWriter } from './dynamodb-twin-writer.ts';
import { EventBridgePublisher } from './eventbridge-publisher.ts';
import { KinesisStreamReader } from './kinesis-stream-reader.ts';
import { sendBatchesAsTheyStand } from './plain-json-body.ts';
import { SqsQuarantine } from './sqs-quarantine.ts';

export type DetectionPlaces = StoreEnv & {
  readonly STREAM_NAME: string;
  readonly TWIN_TABLE: string;
  readonly REGISTRY_TABLE: string;
  readonly LEASE_TABLE: string;
  readonly CHECKPOINT_BUCKET: string;
  readonly MODEL_BUCKET: string;
  readonly LIFE_TABLE: string;
  readonly EVENT_BUS: string;
  readonly QUARANTINE_QUEUE_URL: string;
};

/** The AWS side of every port that detection has. */
export function connectDetection<State>(places: DetectionPlaces, shippedModels: URL) {
  const dynamoDb = new DynamoDBClient({});
  sendBatchesAsTheyStand(dynamoDb);
  const s3 = new S3Client({});
  return {
    series: connectSeriesWriter(places),
    twins: new DynamoDbTwinWriter(dynamoDb, places.TWIN_TABLE),
    registry: new DynamoDbRegistry(dynamoDb, places.REGISTRY_TABLE, Date.now),
    events: new EventBridgePublisher(new EventBridgeClient({}), places.EVENT_BUS),
    quarantine: new SqsQuarantine(new SQSClient({}), places.QUARANTINE_QUEUE_URL),
    models: new AwsModelStore(shippedModels, s3, places.MODEL_BUCKET),
    lives: new DynamoDbLifeLibrary(dynamoDb, places.LIFE_TABLE),
    stream: new KinesisStreamReader(new KinesisClient({}), places.STREAM_NAME),
    checkpoints: new AwsCheckpointStore<State>(dynamoDb, s3, {
      leaseTable: places.LEASE_TABLE,
      bucket: places.CHECKPOINT_BUCKET,
    }),
  };
}
