import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Cloud, type Json, owner, ServiceError } from '../../../local/engine.ts';
import { createScheduledQueries } from '../../../local/timestream/scheduled-query.ts';

it('reports the refused rows of every page under a name of its own', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'error-report-'));
  const reports: string[] = [];
  const row = {
    Data: [{ ScalarValue: '2026-01-01 00:00:00.000000000' }, { ScalarValue: 'hour' }, { ScalarValue: '1.0' }],
  };
  const columns = ['time', 'measure_name', 'mean'].map((Name) => ({ Name }));
  const call = async (_service: string, operation: string, input: Json) => {
    if (operation === 'Query') {
      const more = input.NextToken === undefined ? { NextToken: 'more' } : {};
      return { Rows: Array.from({ length: 150 }, () => row), ColumnInfo: columns, ...more };
    }
    if (operation === 'WriteRecords') {
      throw new ServiceError('RejectedRecordsException', 'refused', 419, { RejectedRecords: input.Records });
    }
    if (operation === 'PutObject') reports.push(String(input.Key));
    return {};
  };
  const cloud = { dataFolder, nowMs: () => 0, tell: () => undefined, call, iam: { assume: () => owner } };
  const arnOf = (name: string) => `arn:aws:timestream:us-east-1:000000000000:scheduled-query/${name}`;
  const queries = createScheduledQueries(cloud as unknown as Cloud, { arnOf, columnsOf: async () => new Set() });
  const target = {
    ...{ DatabaseName: 'factory', TableName: 'hours', TimeColumn: 'time', MeasureNameColumn: 'measure_name' },
    DimensionMappings: [],
    MultiMeasureMappings: { MultiMeasureAttributeMappings: [{ SourceColumn: 'mean', MeasureValueType: 'DOUBLE' }] },
  };
  const properties = {
    ...{ ScheduledQueryName: 'hours', QueryString: 'SELECT 1' },
    ScheduleConfiguration: { ScheduleExpression: 'rate(1 hour)' },
    TargetConfiguration: { TimestreamConfiguration: target },
    ErrorReportConfiguration: { S3Configuration: { BucketName: 'reports', ObjectKeyPrefix: 'errors' } },
  };
  const request = {
    stack: 's',
    logicalId: 'Q',
    type: 'AWS::Timestream::ScheduledQuery',
    physicalName: 'q',
    properties,
  };
  const { ref } = await queries.model.create(request);
  await queries.operations.ExecuteScheduledQuery!.run({ ScheduledQueryArn: ref, InvocationTime: 60 }, owner);
  await queries.stop();
  rmSync(dataFolder, { recursive: true });
  expect(new Set(reports)).toEqual(new Set([0, 1, 2, 3].map((i) => `errors/hours/60000-${i}.json`)));
});
