import type { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { knownTypes } from '../../../core/machine-types/known.ts';
import { KinesisRenewals } from '../../../lambdas/adapters/kinesis-renewals.ts';
import { readRecord } from '../../../lambdas/detection/read-batch.ts';

describe('a renewal on the stream', () => {
  it.each(['T07', null])('tells the twin of that part alone, or of the whole component: %s', async (part) => {
    const sent: PutRecordCommand[] = [];
    const client = { send: async (command: PutRecordCommand) => sent.push(command) } as unknown as KinesisClient;
    await new KinesisRenewals(client, 'stream').renew('CNC-1', { component: 'tool', part }, { work_order: 'WO-1' });
    const { Data, PartitionKey } = sent[0]!.input;
    const record = {
      ...{ sequenceNumber: '1', approximateArrivalTimestamp: 0, partitionKey: PartitionKey! },
      data: Buffer.from(Data!).toString('base64'),
    };
    expect(readRecord(record, knownTypes)).toMatchObject({
      machineId: 'CNC-1',
      messages: [{ value: { event: 'maintenance_done', component: 'tool', part, report: { work_order: 'WO-1' } } }],
    });
  });
});
