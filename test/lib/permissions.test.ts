import { describe, expect, it } from 'vitest';
import { type Resource, resourcesOf, synthesise } from './synthesis.ts';

const dev = synthesise('dev');

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** What the roles whose logical id begins so may do: each action with the resources, as text. */
function permissionsOf(rolePrefix: string): Record<string, string> {
  const policies = resourcesOf(dev, 'AWS::IAM::Policy').filter((policy) => policy.id.startsWith(rolePrefix));
  expect(policies).toHaveLength(1);
  const document = policies[0]!.properties.PolicyDocument as { Statement: Statement[] };
  const permissions: Record<string, string> = {};
  for (const { Action, Resource } of document.Statement) {
    for (const action of [Action].flat()) permissions[action] = describeResource(Resource);
  }
  return permissions;
}

/** `Twins` for whatever way the template names the twin table: enough to see that nothing else is meant. */
function describeResource(resource: unknown): string {
  const text = JSON.stringify(resource);
  const known = [
    'TelemetryStream',
    'TimeSeriesSamples',
    'Registry',
    'Leases',
    'Checkpoints',
    'LearnedLives',
    'LearnedModels',
    'Twins',
    'Failures',
    'Quarantine',
    'EventsBus',
    'WorkerLogs',
    'HookLogs',
    ':thing',
    ':cert',
    ':policy/factory-dev-machine',
    'IngestErrors',
    'ArchiveBucket',
    'ArchiveLogs',
  ];
  const named = known.filter((name) => text.includes(name));
  if (text === '"*"') return '*';
  expect(named, text).toHaveLength(1);
  const path = /\/[^"/][^"]*"\]\]/.exec(text)?.[0].slice(0, -3) ?? '';
  return named[0]! + path;
}

describe('permissions', () => {
  it('gives detection exactly what it uses', () => {
    expect(permissionsOf('DetectionWorkerRole')).toEqual({
      'logs:CreateLogStream': 'WorkerLogs',
      'logs:PutLogEvents': 'WorkerLogs',
      'timestream:WriteRecords': 'TimeSeriesSamples',
      'timestream:DescribeEndpoints': '*',
      'dynamodb:PutItem': 'LearnedLives',
      'dynamodb:Query': 'LearnedLives',
      'dynamodb:BatchGetItem': 'Registry',
      'dynamodb:BatchWriteItem': 'Twins',
      'dynamodb:GetItem': 'Leases',
      's3:GetObject': 'LearnedModels/models/*',
      's3:PutObject': 'Failures/aws/lambda/*',
      's3:DeleteObject': 'Checkpoints/shardId-*',
      'events:PutEvents': 'EventsBus',
      'sqs:SendMessage': 'Quarantine',
      'kinesis:DescribeStream': 'TelemetryStream',
      'kinesis:DescribeStreamSummary': 'TelemetryStream',
      'kinesis:GetRecords': 'TelemetryStream',
      'kinesis:GetShardIterator': 'TelemetryStream',
      'kinesis:ListShards': 'TelemetryStream',
      's3:ListBucket': 'Failures',
    });
  });

  it('lets the ingest rules put on the stream and into their error queue, and nothing else', () => {
    expect(permissionsOf('IngestRole')).toEqual({
      'kinesis:PutRecord': 'TelemetryStream',
      'sqs:SendMessage': 'IngestErrors',
    });
  });

  it('lets the archive read the stream and fill its bucket', () => {
    expect(Object.keys(permissionsOf('ArchiveRole')).sort()).toEqual([
      'kinesis:DescribeStream',
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
      'kinesis:ListShards',
      'logs:PutLogEvents',
      's3:AbortMultipartUpload',
      's3:GetBucketLocation',
      's3:GetObject',
      's3:ListBucket',
      's3:ListBucketMultipartUploads',
      's3:PutObject',
    ]);
  });

  it('lets the provisioning hook look machines and certificates up, and IoT Core make what the template names', () => {
    expect(permissionsOf('ProvisioningHookRole')).toEqual({
      'logs:CreateLogStream': 'HookLogs',
      'logs:PutLogEvents': 'HookLogs',
      'dynamodb:BatchGetItem': 'Registry',
      'iot:ListThingPrincipals': ':thing/*',
    });
    expect(Object.keys(permissionsOf('ProvisioningRole')).sort()).toEqual([
      'iot:AttachPolicy',
      'iot:AttachThingPrincipal',
      'iot:CreateThing',
      'iot:DescribeCertificate',
      'iot:DescribeThing',
      'iot:GetPolicy',
      'iot:UpdateCertificate',
      'iot:UpdateThing',
    ]);
  });

  it('lets the rollups read samples, write rollups alone, and tell how it went', () => {
    const policy = resourcesOf(dev, 'AWS::IAM::Policy').find(({ id }) => id.startsWith('RollupsRole'));
    const { Statement } = policy!.properties.PolicyDocument as { Statement: Statement[] };
    const may = Statement.map(({ Action, Resource }) => [Action, JSON.stringify(Resource)] as const);
    expect(may.map(([action]) => action).sort()).toEqual([
      's3:GetBucketAcl',
      's3:PutObject',
      'sns:Publish',
      'timestream:DescribeEndpoints',
      'timestream:Select',
      'timestream:WriteRecords',
    ]);
    const resourceOf = (action: string) => may.find(([one]) => one === action)![1];
    expect(resourceOf('timestream:WriteRecords')).toContain('TimeSeriesRollupday');
    expect(resourceOf('timestream:WriteRecords')).not.toContain('TimeSeriesSamples');
    expect(resourceOf('s3:PutObject')).toContain('/rollups/*');
  });

  it('gives no role an action by wildcard, and the resource * only where AWS knows no other', () => {
    const statements = resourcesOf(dev, 'AWS::IAM::Policy').flatMap(
      (policy) => (policy.properties.PolicyDocument as { Statement: Statement[] }).Statement,
    );
    expect(statements.flatMap(({ Action }) => [Action].flat()).filter((action) => action.includes('*'))).toEqual([]);
    const everywhere = statements.filter(({ Resource }) => [Resource].flat().includes('*'));
    expect(new Set(everywhere.flatMap(({ Action }) => [Action].flat()))).toEqual(
      new Set(['timestream:DescribeEndpoints']),
    );
  });

  it('attaches no managed policy to a role', () => {
    const managed = resourcesOf(dev, 'AWS::IAM::Role').filter((role: Resource) => role.properties.ManagedPolicyArns);
    expect(managed).toEqual([]);
  });
});

describe('the policy of a machine', () => {
  const [policy] = resourcesOf(dev, 'AWS::IoT::Policy');
  const document = policy!.properties.PolicyDocument as { Statement: (Statement & { Condition?: unknown })[] };

  it('lets it connect under its own name only while its certificate is attached', () => {
    expect(document.Statement[0]).toMatchObject({
      Action: 'iot:Connect',
      Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
    });
    expect(JSON.stringify(document.Statement[0])).toContain('client/${iot:Connection.Thing.ThingName}');
  });

  it('lets it publish on its own topics, plain and by Basic Ingest, and hear nothing', () => {
    const actions = document.Statement.flatMap(({ Action }) => [Action].flat());
    expect(actions).toEqual(['iot:Connect', 'iot:Publish']);
    const topics = [document.Statement[1]!.Resource]
      .flat()
      .map((resource) => /topic\/([^"]+)/.exec(JSON.stringify(resource))?.[1]);
    expect(topics).toHaveLength(8);
    expect(topics.every((topic) => topic?.includes('factory/${iot:Connection.Thing.ThingName}/'))).toBe(true);
    expect(topics).toContain('$aws/rules/factory_dev_telemetry/factory/${iot:Connection.Thing.ThingName}/telemetry');
  });

  it('stays below the 2,048 characters that IoT Core allows', () => {
    const resolved = JSON.stringify(document, (_, value) =>
      typeof value === 'object' && value !== null && 'Fn::Join' in value
        ? value['Fn::Join'][1].map((part: unknown) => (typeof part === 'string' ? part : '123456789012')).join('')
        : value,
    );
    expect(resolved).not.toContain('Fn::');
    expect(resolved.length).toBeLessThan(2048);
  });
});
