import {
  AccessDeniedException,
  RejectedRecordsException,
  ThrottlingException,
  TimestreamWriteClient,
  ValidationException,
  WriteRecordsCommand,
  type WriteRecordsCommandInput,
} from '@aws-sdk/client-timestream-write';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { TimestreamSeriesWriter } from '../../../lambdas/adapters/timestream-series-writer.ts';
import { createRows } from './rows.ts';

const aws = mockClient(TimestreamWriteClient);
const fault = { message: 'no', Message: 'no', $metadata: {} };
const writer = new TimestreamSeriesWriter(new TimestreamWriteClient({ region: 'us-east-1' }), {
  database: 'plant',
  table: 'samples',
});
const requests = (): WriteRecordsCommandInput[] =>
  aws.commandCalls(WriteRecordsCommand).map((call) => call.args[0].input);

beforeEach(() => {
  aws.reset();
  aws.on(WriteRecordsCommand).resolves({});
});

describe('TimestreamSeriesWriter', () => {
  it('writes a sample as one multi-measure record with its types kept', async () => {
    await writer.write(createRows(1));
    const [request] = requests();
    expect(request).toMatchObject({ DatabaseName: 'plant', TableName: 'samples' });
    expect(request?.CommonAttributes).toEqual({ MeasureValueType: 'MULTI', TimeUnit: 'MILLISECONDS' });
    const [record] = request?.Records ?? [];
    expect(record).toMatchObject({ MeasureName: 'generic', Time: '1767225600000' });
    expect(record?.Dimensions).toEqual([
      { Name: 'machine_id', Value: 'M-1' },
      { Name: 'machine_type', Value: 'generic' },
      { Name: 'site', Value: 'Ulm' },
    ]);
    expect(record?.MeasureValues).toContainEqual({ Name: 'temperature', Type: 'DOUBLE', Value: '40' });
    expect(record?.MeasureValues).toContainEqual({ Name: 'sequence', Type: 'BIGINT', Value: '0' });
    expect(record?.MeasureValues).toContainEqual({ Name: 'severity', Type: 'VARCHAR', Value: 'normal' });
  });

  it('sends a hundred records a request and no row twice', async () => {
    await writer.write(createRows(250));
    expect(requests().map((request) => request.Records?.length)).toEqual([100, 100, 50]);
    expect(new Set(requests().flatMap((request) => request.Records?.map((record) => record.Time))).size).toBe(250);
  });

  it('gives refused rows back by their index and counts those stored before as duplicates', async () => {
    const RejectedRecords = [
      { RecordIndex: 2, Reason: 'outside of the retention', ExistingVersion: undefined },
      { RecordIndex: 7, Reason: 'stored already', ExistingVersion: 1 },
    ];
    aws.on(WriteRecordsCommand).rejectsOnce(new RejectedRecordsException({ ...fault, RejectedRecords }));
    const rows = createRows(120);
    const outcome = await writer.write(rows);
    expect(outcome.refused).toEqual([{ row: rows[2], reason: 'outside of the retention' }]);
    expect(outcome).toMatchObject({ duplicates: 1, unwritten: [] });
  });

  it('gives rows back as unwritten while the store throttles, the other requests notwithstanding', async () => {
    aws.on(WriteRecordsCommand).rejectsOnce(new ThrottlingException(fault)).resolves({});
    const rows = createRows(150);
    const outcome = await writer.write(rows);
    expect(outcome.unwritten).toEqual(rows.slice(0, 100));
    expect(outcome.refused).toEqual([]);
  });

  it('finds the one row that spoils a request and stores the other ninety-nine', async () => {
    aws.on(WriteRecordsCommand).callsFake((input: WriteRecordsCommandInput) => {
      if (input.Records?.some((record) => record.Time === '1767225637000')) throw new ValidationException(fault);
      return {};
    });
    const rows = createRows(100);
    const outcome = await writer.write(rows);
    expect(outcome.refused).toEqual([{ row: rows[37], reason: 'no' }]);
    const stored = requests()
      .filter((request) => request.Records?.every((record) => record.Time !== '1767225637000'))
      .reduce((sum, request) => sum + (request.Records?.length ?? 0), 0);
    expect(stored).toBe(99);
  });

  it('lets a missing permission through as a failure of the whole batch', async () => {
    aws.on(WriteRecordsCommand).rejects(new AccessDeniedException(fault));
    await expect(writer.write(createRows(1))).rejects.toThrow(AccessDeniedException);
  });
});
