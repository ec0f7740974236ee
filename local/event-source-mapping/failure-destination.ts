import { randomUUID } from 'node:crypto';
import type { Caller, Cloud, Json } from '../engine.ts';
import { formatSequenceNumber } from '../kinesis/sequence-number.ts';
import type { FailedBatch, FailureDestination } from './stream-mapping.ts';

/** A queue gets what the batch was and where it lies; a bucket gets its records too. */
export function createFailureDestination(
  cloud: Cloud,
  mappingId: string,
  arn: string,
  caller: Caller,
): FailureDestination {
  const name = arn.slice(arn.lastIndexOf(':') + 1);
  if (arn.startsWith('arn:aws:sqs:')) {
    return {
      send: async (failure) => {
        const MessageBody = JSON.stringify(describeFailure(cloud, failure));
        await cloud.call('sqs', 'SendMessage', { QueueUrl: name, MessageBody }, caller);
      },
    };
  }
  if (arn.startsWith('arn:aws:s3:')) {
    return {
      send: async (failure) => {
        const payload = { Records: failure.records.map((record) => describeRecord(record)) };
        const body = { ...describeFailure(cloud, failure), payload: JSON.stringify(payload) };
        const input = {
          Bucket: name,
          Key: formatKey(cloud, mappingId, failure),
          Body: Buffer.from(JSON.stringify(body)),
        };
        await cloud.call('s3', 'PutObject', input, caller);
      },
    };
  }
  throw new Error(`DestinationConfig.OnFailure.Destination: got "${arn}", modelled are SQS queues and S3 buckets`);
}

function describeFailure(cloud: Cloud, { stream, shard, functionArn, records, reason, attempts }: FailedBatch): Json {
  const [first, last] = [records[0]!, records.at(-1)!];
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn,
      condition: reason,
      approximateInvokeCount: attempts,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: new Date(cloud.nowMs()).toISOString(),
    KinesisBatchInfo: {
      shardId: shard.shardId,
      startSequenceNumber: formatSequenceNumber(shard.shardId, first.index),
      endSequenceNumber: formatSequenceNumber(shard.shardId, last.index),
      approximateArrivalOfFirstRecord: new Date(first.arrivalMs).toISOString(),
      approximateArrivalOfLastRecord: new Date(last.arrivalMs).toISOString(),
      batchSize: records.length,
      streamArn: stream.arn,
    },
  };
}

const describeRecord = (record: FailedBatch['records'][number]): Json => ({
  kinesis: { partitionKey: record.partitionKey, data: Buffer.from(record.data).toString('base64') },
});

/** `aws/lambda/<mapping>/<shard>/2026/01/31/2026-01-31T08.00.00-<uuid>`, as Lambda names them. */
function formatKey(cloud: Cloud, mappingId: string, { shard }: FailedBatch): string {
  const at = new Date(cloud.nowMs()).toISOString();
  const day = at.slice(0, 10).replaceAll('-', '/');
  return `aws/lambda/${mappingId}/${shard.shardId}/${day}/${at.slice(0, 19).replaceAll(':', '.')}-${randomUUID()}`;
}
