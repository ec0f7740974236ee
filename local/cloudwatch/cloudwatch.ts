/** CloudWatch: alarms evaluated over the local metrics, and their actions run. */
import type { Caller, Cloud, Engine, Json, Operation, ResourceRequest } from '../engine.ts';
import { formatArn } from '../engine.ts';
import { listing, startsWith } from '../listing.ts';
import { type Alarm, type AlarmState, alarmProperties, readAlarm } from './alarms.ts';
import type { Metrics } from './metrics.ts';

export interface CloudWatchEngine extends Engine {
  listAlarms(): readonly { readonly name: string; readonly state: AlarmState }[];
}

const evaluateEveryMs = 10_000;

interface Kept {
  readonly alarm: Alarm;
  state: AlarmState;
}

export function createCloudWatch(cloud: Cloud, metrics: Metrics): CloudWatchEngine {
  const alarms = new Map<string, Kept>();
  let timer: NodeJS.Timeout | undefined;

  const act = async (alarm: Alarm, state: AlarmState, before: AlarmState): Promise<void> => {
    const caller: Caller = {
      kind: 'service',
      name: 'cloudwatch.amazonaws.com',
      sourceArn: formatArn(cloud, 'cloudwatch', `alarm:${alarm.name}`),
    };
    const Message = JSON.stringify({
      AlarmName: alarm.name,
      AlarmDescription: alarm.description,
      NewStateValue: state,
      OldStateValue: before,
      StateChangeTime: new Date(cloud.nowMs()).toISOString(),
    });
    for (const TopicArn of alarm.actions[state]) {
      await cloud.call(
        'sns',
        'Publish',
        { TopicArn, Subject: `${state}: ${alarm.name}`.slice(0, 100), Message },
        caller,
      );
    }
  };
  const evaluateAll = (): void => {
    for (const entry of alarms.values()) {
      const before = entry.state;
      entry.state = entry.alarm.evaluate(metrics, cloud.nowMs(), before);
      if (entry.state === before) continue;
      if (entry.state === 'ALARM') cloud.tell('cloudwatch', `ALARM ${entry.alarm.name}: ${entry.alarm.description}`);
      act(entry.alarm, entry.state, before).catch((error: Error) => {
        cloud.tell('cloudwatch', `action of alarm ${entry.alarm.name}: ${error.message}`);
      });
    }
  };
  const create = ({ properties, physicalName }: ResourceRequest) => {
    const name = String(properties.AlarmName ?? physicalName);
    const alarm = readAlarm(name, properties);
    for (const arn of Object.values(alarm.actions).flat()) {
      if (!arn.startsWith('arn:aws:sns:')) throw new Error(`AlarmActions: got "${arn}", modelled are SNS topics`);
    }
    alarms.set(name, { alarm, state: 'INSUFFICIENT_DATA' });
    return { ref: name, attributes: { Arn: formatArn(cloud, 'cloudwatch', `alarm:${name}`) } };
  };

  return {
    name: 'cloudwatch',
    listAlarms: () => [...alarms.values()].map(({ alarm, state }) => ({ name: alarm.name, state })),
    operations: { DescribeAlarms: describeAlarms(cloud, alarms) },
    resources: {
      'AWS::CloudWatch::Alarm': { properties: alarmProperties, create },
      // What a person looks at in the console: nothing here runs it.
      'AWS::CloudWatch::Dashboard': {
        properties: ['DashboardName', 'DashboardBody'],
        create: ({ properties, physicalName }) => ({ ref: String(properties.DashboardName ?? physicalName) }),
      },
    },
    start: async () => {
      timer = setInterval(evaluateAll, evaluateEveryMs);
    },
    stop: async () => clearInterval(timer),
  };
}

const describeAlarms = (cloud: Cloud, alarms: ReadonlyMap<string, Kept>): Operation =>
  listing({
    action: 'cloudwatch:DescribeAlarms',
    resource: () => formatArn(cloud, 'cloudwatch', 'alarm:*'),
    paging: { size: 'MaxRecords', after: 'NextToken' },
    members: ['AlarmNames', 'AlarmNamePrefix', 'StateValue'],
    into: 'MetricAlarms',
    find: ({ AlarmNames: names, AlarmNamePrefix, StateValue }) =>
      [...alarms.values()]
        .filter(({ alarm: { name } }) => names === undefined || (names as string[]).includes(name))
        .filter(({ alarm, state }) => startsWith(AlarmNamePrefix)(alarm.name) && state === (StateValue ?? state))
        .map((kept) => [kept.alarm.name, describeAlarm(cloud, kept)]),
  });

/** The template's own names are DescribeAlarms' too. */
function describeAlarm(cloud: Cloud, { alarm, state }: Kept): Json {
  const { Tags: _, ...settings } = alarm.settings;
  const AlarmArn = formatArn(cloud, 'cloudwatch', `alarm:${alarm.name}`);
  return { ActionsEnabled: true, ...settings, AlarmName: alarm.name, AlarmArn, StateValue: state };
}
