/**
 * Runs AWS::Timestream::ScheduledQuery when the laptop's time has come to it: the query as the execution role, its rows
 * into the target table under a version that rises with each run, a notification of how it went, a report of refused rows.
 *
 * One thing is kinder here. Timestream makes a column with its first value and refuses a query over others when it is
 * created, so the stack brings the columns with it; here a column that is still to come is read as NULL.
 */
import { join } from 'node:path';
import { type Caller, type Cloud, type Json, type Operation, type ResourceModel, ServiceError } from '../engine.ts';
import { openTimetable, type Timetable } from '../events/timetable.ts';
import { maxRecordsPerWrite } from './record.ts';
import { quoteName } from './store.ts';

export interface ScheduledQueries {
  readonly model: ResourceModel;
  /** `ListScheduledQueries`, and `ExecuteScheduledQuery`: by hand, for a time that a run was missed at. */
  readonly operations: Readonly<Record<string, Operation>>;
  /** Whether a table holds what was made of other rows: no sample of a machine. */
  isTarget(database: string, table: string): boolean;
  start(): void;
  stop(): Promise<void>;
}

export interface ScheduledQueryParts {
  readonly arnOf: (name: string) => string;
  /** The columns that a table `database/table` has by now. */
  readonly columnsOf: (name: string) => Promise<ReadonlySet<string>>;
}

interface Mapping {
  readonly SourceColumn: string;
  readonly TargetMultiMeasureAttributeName?: string;
  readonly MeasureValueType: string;
}

interface Target {
  readonly DatabaseName: string;
  readonly TableName: string;
  readonly TimeColumn: string;
  readonly MeasureNameColumn: string;
  readonly DimensionMappings: readonly { readonly Name: string }[];
  readonly MultiMeasureMappings: { readonly MultiMeasureAttributeMappings: readonly Mapping[] };
}

interface ScheduledQuery {
  readonly arn: string;
  readonly queryString: string;
  readonly roleArn: string;
  readonly topicArn: string;
  readonly report: { readonly BucketName: string; readonly ObjectKeyPrefix: string };
  readonly target: Target;
}

const targetPath = 'TargetConfiguration.TimestreamConfiguration';
const properties = [
  'QueryString',
  'ScheduledQueryName',
  'ScheduleConfiguration.ScheduleExpression',
  'ScheduledQueryExecutionRoleArn',
  'NotificationConfiguration.SnsConfiguration.TopicArn',
  'ErrorReportConfiguration.S3Configuration.BucketName',
  'ErrorReportConfiguration.S3Configuration.ObjectKeyPrefix',
  'ErrorReportConfiguration.S3Configuration.EncryptionOption',
  ...['DatabaseName', 'TableName', 'TimeColumn', 'MeasureNameColumn'].map((name) => `${targetPath}.${name}`),
  `${targetPath}.DimensionMappings.*`,
  `${targetPath}.MultiMeasureMappings.MultiMeasureAttributeMappings.*`,
  'Tags.*',
];

export function createScheduledQueries(cloud: Cloud, parts: ScheduledQueryParts): ScheduledQueries {
  const queries = new Map<string, ScheduledQuery>();
  let timetable: Timetable | undefined;
  let running: Promise<void> = Promise.resolve();
  const fire = (arn: string, atMs: number): void => {
    const query = queries.get(arn);
    // In turn: hours are made of the minutes that are due at the same moment of a fast clock.
    if (query !== undefined) running = running.then(() => runQuery(cloud, parts, query, { atMs, trigger: 'AUTO' }));
  };
  const openOnce = (): Timetable => {
    timetable ??= openTimetable({ folder: join(cloud.dataFolder, 'timestream'), nowMs: cloud.nowMs, fire });
    return timetable;
  };
  return {
    model: {
      properties,
      create: (request) => {
        const name = String(request.properties.ScheduledQueryName ?? request.physicalName);
        const query = readQuery(parts.arnOf(name), request.properties);
        queries.set(query.arn, query);
        openOnce().add(query.arn, String((request.properties.ScheduleConfiguration as Json).ScheduleExpression));
        return { ref: query.arn, attributes: { Arn: query.arn } };
      },
    },
    operations: {
      ListScheduledQueries: {
        members: [],
        access: () => [{ action: 'timestream:ListScheduledQueries', resource: '*' }],
        run: () => ({
          ScheduledQueries: [...queries.values()].map(({ arn, target: { DatabaseName, TableName } }) => ({
            ...{ Arn: arn, Name: arn.split('/').at(-1), State: 'ENABLED' },
            TargetDestination: { TimestreamDestination: { DatabaseName, TableName } },
          })),
        }),
      },
      ExecuteScheduledQuery: {
        members: ['ScheduledQueryArn', 'InvocationTime', 'ClientToken'],
        access: (input) => [{ action: 'timestream:ExecuteScheduledQuery', resource: String(input.ScheduledQueryArn) }],
        run: async (input) => {
          const arn = String(input.ScheduledQueryArn);
          const query = queries.get(arn);
          if (query === undefined)
            throw new ServiceError('ResourceNotFoundException', `The scheduled query ${arn} does not exist.`);
          const atMs = Number(input.InvocationTime) * 1000;
          running = running.then(() => runQuery(cloud, parts, query, { atMs, trigger: 'MANUAL' }));
          await running;
          return {};
        },
      },
    },
    isTarget: (database, table) =>
      [...queries.values()].some(({ target }) => target.DatabaseName === database && target.TableName === table),
    start: () => timetable?.start(),
    stop: async () => {
      timetable?.stop();
      await running;
    },
  };
}

function readQuery(arn: string, given: Json): ScheduledQuery {
  const inside = (path: string): Json =>
    path.split('.').reduce<Json>((value, key) => (value[key] ?? {}) as Json, given);
  return {
    arn,
    queryString: String(given.QueryString),
    roleArn: String(given.ScheduledQueryExecutionRoleArn),
    topicArn: String(inside('NotificationConfiguration.SnsConfiguration').TopicArn),
    report: inside('ErrorReportConfiguration.S3Configuration') as unknown as ScheduledQuery['report'],
    target: inside(targetPath) as unknown as Target,
  };
}

interface Run {
  readonly atMs: number;
  readonly trigger: 'AUTO' | 'MANUAL';
}

async function runQuery(
  cloud: Cloud,
  parts: ScheduledQueryParts,
  query: ScheduledQuery,
  { atMs, trigger }: Run,
): Promise<void> {
  const outcome = await rollUp(cloud, parts, query, atMs).then(
    (rows) => ({ type: `${trigger}_TRIGGER_SUCCESS`, told: `${rows} rows`, failureReason: undefined }),
    (error: Error) => ({ type: `${trigger}_TRIGGER_FAILURE`, told: error.message, failureReason: error.message }),
  );
  cloud.tell('timestream', `${query.target.TableName}: ${outcome.told}`);
  const Message = JSON.stringify({
    type: outcome.type,
    arn: query.arn,
    scheduledQueryRunSummary: { triggerTimeMillis: atMs, failureReason: outcome.failureReason },
  });
  const attribute = (StringValue: string): Json => ({ DataType: 'String', StringValue });
  const MessageAttributes = { queryArn: attribute(query.arn), notificationType: attribute(outcome.type) };
  try {
    const caller = cloud.iam.assume(query.roleArn, 'timestream.amazonaws.com');
    await cloud.call('sns', 'Publish', { TopicArn: query.topicArn, Message, MessageAttributes }, caller);
  } catch (error) {
    cloud.tell(
      'timestream',
      `${query.arn}: nobody was told: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Returns how many rows the target took. */
async function rollUp(cloud: Cloud, parts: ScheduledQueryParts, query: ScheduledQuery, atMs: number): Promise<number> {
  const caller = cloud.iam.assume(query.roleArn, 'timestream.amazonaws.com');
  const { DatabaseName, TableName } = query.target;
  const QueryString = (await fillColumns(query, parts)).replaceAll('@scheduled_runtime', `from_milliseconds(${atMs})`);
  let NextToken: string | undefined;
  let written = 0;
  let asked = 0;
  do {
    const input = { QueryString, ...(NextToken === undefined ? {} : { NextToken }) };
    const page = (await cloud.call('timestream', 'Query', input, caller)) as QueryPage;
    const records = page.Rows.map((row) => toRecord(row, page, query.target, atMs)).filter((record) => record !== null);
    const first = asked;
    asked += Math.ceil(records.length / maxRecordsPerWrite);
    const calls = Array.from({ length: asked - first }, async (_, i) => {
      const Records = records.slice(i * maxRecordsPerWrite, (i + 1) * maxRecordsPerWrite);
      const refused = await writeRecords(cloud, { DatabaseName, TableName, Records }, caller);
      if (refused.length > 0) await report(cloud, query, { key: `${atMs}-${first + i}`, refused, caller });
      return Records.length - refused.length;
    });
    written += (await Promise.all(calls)).reduce((sum, rows) => sum + rows, 0);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return written;
}

const sourcePattern = /\bFROM ("([^"]+)"\."([^"]+)")/g;

/** Columns that no sample has brought yet, as NULL. */
async function fillColumns(
  { queryString, target }: ScheduledQuery,
  { columnsOf }: ScheduledQueryParts,
): Promise<string> {
  const { MultiMeasureAttributeMappings: mappings } = target.MultiMeasureMappings;
  const dimensions = target.DimensionMappings.map(({ Name }) => Name);
  const names = [...dimensions, ...mappings.map((one) => one.SourceColumn)];
  let filled = queryString;
  for (const [text, source, database, table] of queryString.matchAll(sourcePattern)) {
    const known = await columnsOf(`${database}/${table}`);
    const nulls = names
      .filter((name) => !known.has(name))
      .map((name) => `, cast(NULL AS ${dimensions.includes(name) ? 'VARCHAR' : 'DOUBLE'}) AS ${quoteName(name)}`);
    filled = filled.replaceAll(text, `FROM (SELECT *${nulls.join('')} FROM ${source}) AS source`);
  }
  return filled;
}

interface QueryPage {
  readonly NextToken?: string;
  readonly ColumnInfo: readonly { readonly Name: string }[];
  readonly Rows: readonly QueryRow[];
}

interface QueryRow {
  readonly Data: readonly { readonly ScalarValue?: string }[];
}

/** A row in which nothing was measured leaves nothing behind. */
function toRecord({ Data }: QueryRow, { ColumnInfo }: QueryPage, target: Target, Version: number): Json | null {
  const row = new Map(ColumnInfo.map(({ Name }, i) => [Name, Data[i]?.ScalarValue]));
  const measures = target.MultiMeasureMappings.MultiMeasureAttributeMappings.flatMap((mapping) => {
    const Value = row.get(mapping.SourceColumn);
    const Name = mapping.TargetMultiMeasureAttributeName ?? mapping.SourceColumn;
    return Value === undefined ? [] : [{ Name, Type: mapping.MeasureValueType, Value }];
  });
  if (measures.length === 0) return null;
  return {
    Dimensions: target.DimensionMappings.flatMap(({ Name }) => {
      const Value = row.get(Name);
      return Value === undefined ? [] : [{ Name, Value }];
    }),
    MeasureName: row.get(target.MeasureNameColumn),
    MeasureValueType: 'MULTI',
    MeasureValues: measures,
    Time: String(Date.parse(`${row.get(target.TimeColumn)?.slice(0, 23).replace(' ', 'T')}Z`)),
    Version,
  };
}

async function writeRecords(cloud: Cloud, input: Json, caller: Caller): Promise<readonly unknown[]> {
  try {
    await cloud.call('timestream', 'WriteRecords', input, caller);
    return [];
  } catch (error) {
    const refused = error instanceof ServiceError ? error.details.RejectedRecords : undefined;
    if (!Array.isArray(refused)) throw error;
    return refused;
  }
}

async function report(
  cloud: Cloud,
  { report: place, arn }: ScheduledQuery,
  { key, refused, caller }: { readonly key: string; readonly refused: readonly unknown[]; readonly caller: Caller },
): Promise<void> {
  const Key = `${place.ObjectKeyPrefix}/${arn.split('/').at(-1)}/${key}.json`;
  const Body = new TextEncoder().encode(JSON.stringify({ reports: refused }));
  await cloud.call('s3', 'PutObject', { Bucket: place.BucketName, Key, Body }, caller);
}
