import { describe, expect, it } from 'vitest';
import { isPackedRecords, packRecords, unpackRecords } from '../../../local/kinesis/packed-records.ts';

const source = {
  shardId: 'shardId-000000000001',
  streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/telemetry',
  roleArn: 'arn:aws:iam::000000000000:role/worker',
  region: 'us-east-1',
};
const records = ['{"a":1}', '', 'ä\u0000\u00ff'].map((text, i) => ({
  index: 41 + i,
  arrivalMs: 1_767_225_600_250 + i,
  partitionKey: `M-${i}`,
  data: Buffer.from(text),
}));

describe('a batch on its way into a worker', () => {
  it('becomes the event that Lambda documents for Kinesis, whatever bytes the records hold', () => {
    const packed = packRecords(records, source);
    expect(isPackedRecords(packed)).toBe(true);
    const { Records } = unpackRecords(structuredClone(packed, { transfer: [packed.bytes.buffer] }));
    const sequenceNumber = `490001${String(41).padStart(50, '0')}`;
    expect(Records[0]).toEqual({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'M-0',
        sequenceNumber,
        data: Buffer.from('{"a":1}').toString('base64'),
        approximateArrivalTimestamp: 1_767_225_600.25,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shardId-000000000001:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: source.roleArn,
      awsRegion: 'us-east-1',
      eventSourceARN: source.streamArn,
    });
    const data = Records.map((record) => (record as { kinesis: { data: string } }).kinesis.data);
    expect(data.map((text) => Buffer.from(text, 'base64'))).toEqual(records.map((record) => record.data));
  });
});
