/** Which groups there are, and the last lines of each; what is older lies in the files. */
import type { Cloud, Json, Operation } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { listing, startsWith } from '../listing.ts';
import type { LogFiles, LogLine } from './log-files.ts';

export interface LogGroup {
  readonly name: string;
  readonly arn: string;
  readonly retentionDays: unknown;
}

const paging = { size: 'limit', after: 'nextToken' };

/** Groups by name. */
export const logsListings = (
  cloud: Cloud,
  groups: ReadonlyMap<string, LogGroup>,
  files: LogFiles,
): Readonly<Record<string, Operation>> => ({
  DescribeLogGroups: listing({
    action: 'logs:DescribeLogGroups',
    // With no group at its place, as the refusals of AWS name it.
    resource: ({ logGroupNamePrefix }) =>
      formatArn(cloud, 'logs', `log-group:${String(logGroupNamePrefix ?? '')}:log-stream:`),
    paging,
    members: ['logGroupNamePrefix'],
    into: 'logGroups',
    find: ({ logGroupNamePrefix }) =>
      [...groups.values()]
        .filter(({ name }) => startsWith(logGroupNamePrefix)(name))
        .map((group) => [group.name, describeGroup(group)]),
  }),
  FilterLogEvents: listing({
    action: 'logs:FilterLogEvents',
    resource: ({ logGroupName }) => formatArn(cloud, 'logs', `log-group:${String(logGroupName)}:*`),
    paging,
    members: ['logGroupName', 'logStreamNames', 'startTime', 'endTime', 'interleaved'],
    into: 'events',
    find: (input) => {
      const group = groups.get(String(input.logGroupName));
      if (group === undefined)
        throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
      return files
        .recent(group.name)
        .filter(isWanted(input))
        .map((line) => [String(line.id), describeLine(line)]);
    },
  }),
});

function isWanted({ logStreamNames, startTime, endTime }: Json): (line: LogLine) => boolean {
  const names = logStreamNames as readonly string[] | undefined;
  return ({ name, atMs }) =>
    (names === undefined || names.includes(name)) &&
    atMs >= Number(startTime ?? 0) &&
    atMs <= Number(endTime ?? Number.POSITIVE_INFINITY);
}

const describeGroup = ({ name, arn, retentionDays }: LogGroup): Json => ({
  logGroupName: name,
  arn: `${arn}:*`,
  logGroupArn: arn,
  retentionInDays: retentionDays,
});

/** A file is a stream here: on AWS each container of a function has one. */
const describeLine = ({ id, atMs, name, line }: LogLine): Json => ({
  logStreamName: name,
  timestamp: atMs,
  message: line,
  ingestionTime: atMs,
  eventId: String(id),
});
