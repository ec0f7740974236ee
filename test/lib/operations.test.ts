import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { runbookSections } from '../../core/incidents/runbook-section.ts';
import { readDefinition } from '../../local/stepfunctions/definition.ts';
import { resourcesOf, synthesise } from './synthesis.ts';

const routes = [
  { channel: 'slack' as const },
  { channel: 'pagerduty' as const, atLeast: 'critical' as const },
  { channel: 'amazon_q' as const },
];
const prod = synthesise('prod', {
  alertEmails: ['maintenance@plant.example'],
  alerting: {
    routes,
    recipients: { watch: ['planner@plant.example'] },
    phones: { critical: ['+491701234567'] },
    slackButtons: true,
    amazonQ: { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' },
  },
  maintenance: { cmms: { url: 'https://cmms.plant.example/orders' } },
});
const operations = { templates: [Template.fromStack(prod.operations)] };
const propertiesOf = (type: string) => resourcesOf(operations, type).map(({ properties }) => properties);

/** Action → what it may be done to, by logical id, of the one policy whose id begins so. */
function permissionsOf(prefix: string): Record<string, string[]> {
  const policies = resourcesOf(operations, 'AWS::IAM::Policy').filter(({ id }) => id.startsWith(prefix));
  expect(policies).toHaveLength(1);
  const { Statement } = policies[0]!.properties.PolicyDocument as {
    Statement: { Action: string | string[]; Resource: unknown }[];
  };
  const permissions: Record<string, string[]> = {};
  for (const { Action, Resource } of Statement) {
    for (const action of [Action].flat())
      permissions[action] = [...(permissions[action] ?? []), ...[Resource].flat().map(nameOf)];
  }
  return permissions;
}

const nameOf = (resource: unknown): string =>
  /"(?:Fn::GetAtt":\["|Ref":"|Fn::ImportValue":"[^"]*?ExportsOutput(?:FnGetAtt|Ref))([A-Za-z0-9]+?)(?:[0-9A-F]{8})/.exec(
    JSON.stringify(resource),
  )?.[1] ?? JSON.stringify(resource);

const tableActions = ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'].map(
  (a) => `dynamodb:${a}`,
);

describe('the operations in CDK', () => {
  it('give the incident function exactly what it uses', () => {
    const permissions = permissionsOf('IncidentsWorkerRole');
    expect(Object.keys(permissions).sort()).toEqual(
      [
        ...tableActions,
        'events:PutEvents',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        'secretsmanager:GetSecretValue',
        'sns:Publish',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:ReceiveMessage',
        'sqs:SendMessage',
      ].sort(),
    );
    expect(permissions['sns:Publish']?.sort()).toEqual([
      'Alertscritical',
      'Alertsescalation',
      'Alertswarning',
      'Alertswatch',
    ]);
    expect(permissions['sqs:SendMessage']).toEqual(['IncidentsQueue']);
  });

  it('let the function behind the public link neither mail nor answer workflows', () => {
    const permissions = permissionsOf('AcknowledgeLinksWorkerRole');
    const forbidden = Object.keys(permissions).filter((action) => /^(sns|states|kinesis|lambda|iot)/.test(action));
    expect(forbidden).toEqual([]);
    expect(permissions['secretsmanager:GetSecretValue']).toEqual([
      'AcknowledgeLinksSecret',
      'AcknowledgeLinksSlackSigning',
    ]);
  });

  it('let a channel read its own secret and no other channel’s', () => {
    expect(permissionsOf('ChannelsslackWorkerRole')['secretsmanager:GetSecretValue']?.sort()).toEqual([
      'AcknowledgeLinksSecret',
      'ChannelsslackSecret',
    ]);
    expect(permissionsOf('ChannelspagerdutyWorkerRole')['secretsmanager:GetSecretValue']).not.toContain(
      'ChannelsslackSecret',
    );
  });

  it('let a channel hide its own notices and set them aside, and send nothing to a queue that is read', () => {
    const permissions = permissionsOf('ChannelsslackWorkerRole');
    expect(permissions['sqs:ChangeMessageVisibility']).toEqual(['ChannelsslackQueue']);
    expect(permissions['sqs:SendMessage']).toEqual(['ChannelsslackDeadLetters']);
  });

  it('lead nowhere to a machine: the workflow invokes one function, and that one cannot reach IoT', () => {
    expect(permissionsOf('MaintenanceMachineRole')).toEqual({ 'lambda:InvokeFunction': ['MaintenanceWorkerFunction'] });
    const permissions = permissionsOf('MaintenanceWorkerRole');
    expect(Object.keys(permissions).filter((action) => action.startsWith('iot'))).toEqual([]);
    expect(Object.keys(permissions).sort()).toEqual([
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'events:PutEvents',
      'kinesis:PutRecord',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'sns:Publish',
      'states:SendTaskSuccess',
    ]);
  });

  it('wait for a person before any work, and take silence for no', () => {
    const [{ DefinitionString }] = propertiesOf('AWS::StepFunctions::StateMachine') as [
      { DefinitionString: { 'Fn::Join': [string, unknown[]] } },
    ];
    const text = DefinitionString['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'ref')).join('');
    const { States } = readDefinition(text.replaceAll('arn:ref:', 'arn:aws:'));
    const ask = States.Ask as Extract<typeof States.Ask, { Type: 'Task' }>;
    expect(ask.Resource).toContain('waitForTaskToken');
    expect(ask.Catch).toMatchObject([{ ErrorEquals: ['States.Timeout'], Next: 'Expire' }]);
    expect(States.Verdict).toMatchObject({ Default: 'Reject' });
    const leadsToSchedule = Object.entries(States).filter(([, state]) =>
      JSON.stringify(state).includes('"Next":"Schedule"'),
    );
    expect(leadsToSchedule.map(([name]) => name)).toEqual(['Verdict']);
  });

  it('write to those the stage names, and keep a place for whatever cannot be delivered', () => {
    const endpoints = propertiesOf('AWS::SNS::Subscription').map(({ Endpoint }) => Endpoint);
    expect(endpoints.filter((endpoint) => endpoint === 'maintenance@plant.example')).toHaveLength(4);
    expect(endpoints.filter((endpoint) => endpoint === 'planner@plant.example')).toHaveLength(1);
    const [phone] = propertiesOf('AWS::SNS::Subscription').filter(({ Protocol }) => Protocol === 'sms');
    expect(phone).toMatchObject({ Endpoint: '+491701234567', TopicArn: { Ref: expect.stringContaining('critical') } });
    for (const rule of propertiesOf('AWS::Events::Rule').filter(({ EventPattern }) => EventPattern !== undefined)) {
      const [target] = rule.Targets as { DeadLetterConfig?: unknown; SqsParameters?: unknown }[];
      expect(target?.DeadLetterConfig ?? target?.SqsParameters).toBeDefined();
    }
    const queues = propertiesOf('AWS::SQS::Queue');
    expect(queues.filter(({ RedrivePolicy }) => RedrivePolicy !== undefined)).toHaveLength(4);
    for (const table of propertiesOf('AWS::DynamoDB::Table')) {
      expect(table).toMatchObject({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } });
    }
  });

  it('tell a chat of Amazon Q by a topic, whose role may do nothing', () => {
    const [chat] = propertiesOf('AWS::Chatbot::SlackChannelConfiguration');
    expect(chat).toMatchObject({
      SlackWorkspaceId: 'T0123ABCD',
      SlackChannelId: 'C0123ABCD',
      GuardrailPolicies: ['arn:aws:iam::aws:policy/AWSDenyAll'],
      SnsTopicArns: [{ Ref: expect.stringContaining('amazonq') }],
    });
    expect(resourcesOf(operations, 'AWS::IAM::Policy').filter(({ id }) => id.includes('ChatRole'))).toEqual([]);
    expect(permissionsOf('Channelsamazonq')['sns:Publish']).toEqual(['ChannelsamazonqTopic']);
  });

  it('send work orders to the plant’s own system with a key that no template holds', () => {
    const [destination] = propertiesOf('AWS::Events::ApiDestination');
    expect(destination).toMatchObject({ InvocationEndpoint: 'https://cmms.plant.example/orders', HttpMethod: 'POST' });
    const [connection] = propertiesOf('AWS::Events::Connection');
    expect(JSON.stringify(connection)).toContain('{{resolve:secretsmanager:');
  });

  it('tell nobody a second time when the archive is replayed, and keep it a quarter', () => {
    const telling = propertiesOf('AWS::Events::Rule').filter(({ EventPattern }) => {
      const types = (EventPattern as { 'detail-type'?: string[] } | undefined)?.['detail-type'] ?? [];
      return types.includes('incident') || types.includes('maintenance');
    });
    expect(telling).toHaveLength(4);
    for (const { EventPattern } of telling) expect(EventPattern).toMatchObject({ 'replay-name': [{ exists: false }] });
    const [archive] = resourcesOf(prod, 'AWS::Events::Archive');
    expect(archive?.properties).toMatchObject({ RetentionDays: 90, EventPattern: { source: ['factory.twin'] } });
  });

  it('listen for silence each minute, and may write no machine’s state', () => {
    expect(propertiesOf('AWS::Events::Rule')).toContainEqual(
      expect.objectContaining({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' }),
    );
    const permissions = permissionsOf('SilenceWorkerRole');
    expect(permissions['dynamodb:PutItem']).toEqual(['IncidentsTable']);
    expect(permissions['dynamodb:BatchGetItem']).toHaveLength(1);
  });

  it('refuse a route to a chat whose Slack channel nobody named', () => {
    const alerting = { routes: [{ channel: 'amazon_q' as const }] };
    expect(() => synthesise('prod', { alerting })).toThrow(/^alerting\.amazonQ: got nothing/);
  });

  it('name a runbook section that exists in every alarm', () => {
    const runbook = readFileSync('docs/runbook.md', 'utf8');
    const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title]) => title!.toLowerCase().replaceAll(' ', '-'));
    const alarms = propertiesOf('AWS::CloudWatch::Alarm').map(({ AlarmDescription }) =>
      String(AlarmDescription).split('#').at(-1),
    );
    expect(alarms.length).toBeGreaterThan(4);
    for (const section of [...alarms, ...runbookSections, 'maintenance', 'tune-a-rule', 'replay-events'])
      expect(sections).toContain(section);
  });
});
