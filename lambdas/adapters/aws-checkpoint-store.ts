import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Checkpoint, CheckpointStore, ShardLease } from '../ports/shard-state.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Leases in DynamoDB, where a condition decides races; checkpoints in S3, where a shard's state has room. */
export class AwsCheckpointStore<State> implements CheckpointStore<State> {
  private readonly dynamoDb: DynamoDBClient;
  private readonly s3: S3Client;
  private readonly names: { readonly leaseTable: string; readonly bucket: string };

  constructor(dynamoDb: DynamoDBClient, s3: S3Client, names: { readonly leaseTable: string; readonly bucket: string }) {
    this.dynamoDb = dynamoDb;
    this.s3 = s3;
    this.names = names;
  }

  async readLease(shardId: string): Promise<ShardLease | undefined> {
    const answer = await this.dynamoDb.send(
      new GetItemCommand({ TableName: this.names.leaseTable, Key: { shardId: { S: shardId } }, ConsistentRead: true }),
    );
    return answer.Item === undefined ? undefined : toLease(answer.Item);
  }

  async writeLease(shardId: string, lease: ShardLease, expected: ShardLease | undefined): Promise<boolean> {
    try {
      await this.dynamoDb.send(
        new PutItemCommand({
          TableName: this.names.leaseTable,
          Item: { shardId: { S: shardId }, ...toItem(lease) },
          ...conditionFor(expected),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async load(key: string): Promise<Checkpoint<State>> {
    const answer = await this.s3.send(new GetObjectCommand({ Bucket: this.names.bucket, Key: key }));
    const bytes = await answer.Body!.transformToByteArray();
    return JSON.parse((await decompress(bytes)).toString('utf8'));
  }

  async save(key: string, checkpoint: Checkpoint<State>): Promise<void> {
    const body = await compress(JSON.stringify(checkpoint));
    await this.s3.send(new PutObjectCommand({ Bucket: this.names.bucket, Key: key, Body: body }));
  }

  async remove(key: string): Promise<void> {
    await this.s3.send(new DeleteObjectCommand({ Bucket: this.names.bucket, Key: key }));
  }
}

function conditionFor(expected: ShardLease | undefined): Partial<PutItemCommandInput> {
  if (expected === undefined) return { ConditionExpression: 'attribute_not_exists(shardId)' };
  const { epoch, checkpointKey } = toItem(expected);
  return {
    ConditionExpression: 'epoch = :epoch AND checkpointKey = :checkpointKey',
    ExpressionAttributeValues: { ':epoch': epoch!, ':checkpointKey': checkpointKey! },
  };
}

const toItem = (lease: ShardLease): Record<string, AttributeValue> => ({
  owner: { S: lease.owner },
  epoch: { N: String(lease.epoch) },
  startSequence: { S: lease.startSequence },
  checkpointKey: lease.checkpointKey === null ? { NULL: true } : { S: lease.checkpointKey },
});

const toLease = (item: Readonly<Record<string, AttributeValue>>): ShardLease => ({
  owner: item.owner?.S ?? '',
  epoch: Number(item.epoch?.N),
  startSequence: item.startSequence?.S ?? '',
  checkpointKey: item.checkpointKey?.S ?? null,
});
