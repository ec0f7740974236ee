/** CloudWatch Logs: groups by name; lines that other services put into them. Functions' lines go to files directly. */
import type { Cloud, Engine } from '../engine.ts';
import { formatArn } from '../engine.ts';
import { type LogGroup, logsListings } from './listings.ts';
import type { LogFiles } from './log-files.ts';

export function createLogs(cloud: Cloud, files: LogFiles): Engine {
  const groups = new Map<string, LogGroup>();
  return {
    name: 'logs',
    resources: {
      'AWS::Logs::LogGroup': {
        properties: ['LogGroupName', 'RetentionInDays', 'KmsKeyId', 'LogGroupClass', 'Tags.*'],
        create: ({ properties, physicalName }) => {
          const name = String(properties.LogGroupName ?? physicalName);
          const arn = formatArn(cloud, 'logs', `log-group:${name}`);
          groups.set(name, { name, arn, retentionDays: properties.RetentionInDays });
          return { ref: name, attributes: { Arn: `${arn}:*` } };
        },
      },
      'AWS::Logs::LogStream': {
        properties: ['LogGroupName', 'LogStreamName'],
        create: ({ properties, physicalName }) => ({ ref: String(properties.LogStreamName ?? physicalName) }),
      },
      'AWS::Logs::ResourcePolicy': {
        properties: ['PolicyName', 'PolicyDocument'],
        create: ({ properties }) => {
          const document = JSON.parse(String(properties.PolicyDocument)) as {
            Statement: { Resource: string | string[] }[];
          };
          for (const statement of document.Statement) {
            for (const arn of [statement.Resource].flat()) cloud.iam.attachPolicy(arn, { Statement: [statement] });
          }
          return { ref: String(properties.PolicyName) };
        },
      },
    },
    operations: {
      ...logsListings(cloud, groups, files),
      PutLogEvents: {
        members: ['logGroupName', 'message'],
        access: ({ logGroupName }) => [
          { action: 'logs:PutLogEvents', resource: formatArn(cloud, 'logs', `log-group:${String(logGroupName)}:*`) },
        ],
        run: ({ logGroupName, message }) =>
          files.write(String(logGroupName).replaceAll('/', '_'), String(message), String(logGroupName)),
      },
    },
  };
}
