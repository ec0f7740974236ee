import {
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import type { StreamPosition, StreamReader, StreamRecord } from '../ports/shard-state.ts';

/** Five reads a second and shard, shared with the event source (Kinesis developer guide, "Quotas and limits"). */
const waitBetweenEmptyReadsMs = 250;
const recordsPerRead = 10_000;

/**
 * Asks for the stream by its name: told its ARN, the SDK calls a host of the account (`<account>.data-kinesis…`), and the
 * network beside InfluxDB has no other way out than an endpoint that is sure to answer for the service's own host.
 */
export class KinesisStreamReader implements StreamReader {
  private readonly client: KinesisClient;
  private readonly streamName: string;

  constructor(client: KinesisClient, streamName: string) {
    this.client = client;
    this.streamName = streamName;
  }

  async *read(shardId: string, from: StreamPosition): AsyncIterable<readonly StreamRecord[]> {
    let iterator = await this.iteratorFor(shardId, from);
    while (iterator !== undefined) {
      const page: GetRecordsOutput = await this.client.send(
        new GetRecordsCommand({ ShardIterator: iterator, Limit: recordsPerRead }),
      );
      const records = (page.Records ?? []).map((record) => ({
        sequenceNumber: record.SequenceNumber!,
        partitionKey: record.PartitionKey!,
        data: Buffer.from(record.Data!).toString('base64'),
        approximateArrivalTimestamp: (record.ApproximateArrivalTimestamp?.getTime() ?? 0) / 1000,
      }));
      if (records.length > 0) yield records;
      else if (page.MillisBehindLatest === 0) return;
      else await new Promise((resolve) => setTimeout(resolve, waitBetweenEmptyReadsMs));
      iterator = page.NextShardIterator;
    }
  }

  async parentsOf(shardId: string): Promise<readonly string[]> {
    let nextToken: string | undefined;
    do {
      const page = await this.client.send(
        new ListShardsCommand(nextToken === undefined ? { StreamName: this.streamName } : { NextToken: nextToken }),
      );
      const shard = page.Shards?.find((candidate) => candidate.ShardId === shardId);
      if (shard !== undefined)
        return [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => id !== undefined);
      nextToken = page.NextToken;
    } while (nextToken !== undefined);
    return [];
  }

  /** None for a shard that was split or merged and whose last record has expired: it is gone, and with it what it held. */
  private async iteratorFor(shardId: string, from: StreamPosition): Promise<string | undefined> {
    const position =
      'at' in from
        ? { ShardIteratorType: 'AT_SEQUENCE_NUMBER' as const, StartingSequenceNumber: from.at }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, StartingSequenceNumber: from.after };
    try {
      const answer = await this.client.send(
        new GetShardIteratorCommand({ StreamName: this.streamName, ShardId: shardId, ...position }),
      );
      return answer.ShardIterator;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }
}
