/**
 * Firehose from a Kinesis stream to S3: buffering, partition keys from the record, compression. A flush reads the stream
 * again from the last one, so a killed process delivers after its restart, at least once.
 */
import { join } from 'node:path';
import type { Cloud, Engine } from '../engine.ts';
import { formatArn } from '../engine.ts';
import { openPositions } from '../event-source-mapping/positions.ts';
import type { KinesisEngine } from '../kinesis/kinesis.ts';
import type { Stream } from '../kinesis/stream.ts';
import { createTurns } from '../turns.ts';
import { Courier } from './courier.ts';
import { type DeliverySettings, deliveryProperties, readDelivery } from './settings.ts';

interface DeliveryStream extends DeliverySettings {
  flushedAtMs: number;
  flushedBytes: number;
}

export interface FirehoseEngine extends Engine {
  /** Delivers what waits, without regard to the buffering hints. */
  flush(): Promise<void>;
}

const checkEveryMs = 5000;

export function createFirehose(cloud: Cloud, kinesis: KinesisEngine): FirehoseEngine {
  const positions = openPositions(join(cloud.dataFolder, 'firehose-positions'));
  const courier = new Courier(cloud, positions);
  const deliveries: DeliveryStream[] = [];
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();
  // Two at once would read from one position, and deliver twice.
  const inTurn = createTurns(1);

  const flushDue = (isDue: (delivery: DeliveryStream) => boolean): Promise<void> =>
    inTurn(async () => {
      for (const delivery of deliveries.filter(isDue)) {
        try {
          const bytes = countBytes(delivery.stream);
          await courier.deliver(delivery);
          delivery.flushedAtMs = cloud.nowMs();
          delivery.flushedBytes = bytes;
        } catch (error) {
          cloud.tell('firehose', `${delivery.name}: ${(error as Error).message}; it is tried again`);
        }
      }
    });
  const putFreshness = (delivery: DeliveryStream): void => {
    const ageS = (cloud.nowMs() - delivery.flushedAtMs) / 1000;
    const dimensions = { DeliveryStreamName: delivery.name };
    cloud.putMetric('AWS/Firehose', 'DeliveryToS3.DataFreshness', dimensions, ageS);
  };
  const isDue = (delivery: DeliveryStream): boolean =>
    cloud.nowMs() - delivery.flushedAtMs >= delivery.intervalMs ||
    countBytes(delivery.stream) - delivery.flushedBytes >= delivery.maxBytes;
  const checkAgain = (): void => {
    timer = setTimeout(() => {
      deliveries.forEach(putFreshness);
      underWay = flushDue(isDue).then(checkAgain);
    }, checkEveryMs);
  };

  return {
    name: 'firehose',
    operations: {},
    flush: () => flushDue(() => true),
    resources: {
      'AWS::KinesisFirehose::DeliveryStream': {
        properties: deliveryProperties,
        create: (request) => {
          const delivery = readDelivery(cloud, kinesis, request);
          const flushedBytes = countBytes(delivery.stream);
          deliveries.push({ ...delivery, flushedAtMs: cloud.nowMs(), flushedBytes });
          return {
            ref: delivery.name,
            attributes: { Arn: formatArn(cloud, 'firehose', `deliverystream/${delivery.name}`) },
          };
        },
      },
    },
    start: async () => {
      for (const { stream, reader } of deliveries) {
        for (const action of ['DescribeStream', 'GetShardIterator', 'GetRecords', 'ListShards']) {
          cloud.authorize(reader, { action: `kinesis:${action}`, resource: stream.arn });
        }
      }
      checkAgain();
    },
    stop: async () => {
      clearTimeout(timer);
      await underWay;
      clearTimeout(timer);
      await flushDue(() => false);
      positions.close();
    },
  };
}

const countBytes = (stream: Stream): number => stream.shards.reduce((sum, shard) => sum + shard.log.appendedBytes, 0);
