import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, owner } from '../../local/engine.ts';
import { loadAssembly, type Stack } from '../../local/template/assembly.ts';
import { bringUp } from '../../local/template/bring-up.ts';
import { assemblyFolder, openLaptop, synthesise, type TestLaptop } from './assembly.ts';

// Before the tests are named: the types are theirs.
await synthesise();

let test: TestLaptop;
beforeAll(async () => {
  test = await openLaptop();
});
afterAll(() => test.stop());

function start(Type: string, Properties: Json) {
  const stack: Stack = {
    name: 'Plant',
    region: 'us-east-1',
    assets: new Map(),
    template: { Resources: { Thing: { Type, Properties } } },
  };
  return bringUp([stack], { accountId: '000000000000', findModel: test.laptop.cloud.findModel });
}

/** Only what this application uses is modelled. The rest is not run half: a template with it does not start. */
describe('what the laptop does not model stops the start, named', () => {
  it.each<[string]>([
    ['AWS::Scheduler::Schedule'],
    ['AWS::Pipes::Pipe'],
    ['AWS::SSM::Parameter'],
    ['AWS::EC2::Instance'],
    ['AWS::Lambda::Version'],
    ['AWS::SecretsManager::RotationSchedule'],
    ['AWS::Events::EventBusPolicy'],
  ])('%s', async (type) => {
    await expect(start(type, {})).rejects.toThrow(`stack Plant, resource Thing: type ${type} is not modelled here`);
  });

  it.each<[string, string]>([
    ['AWS::SQS::Queue', 'DeduplicationScope'],
    ['AWS::SQS::Queue', 'FifoThroughputLimit'],
    ['AWS::SQS::Queue', 'RedriveAllowPolicy'],
    ['AWS::SNS::Topic', 'FifoTopic'],
    ['AWS::SNS::Topic', 'ArchivePolicy'],
    ['AWS::SNS::Subscription', 'DeliveryPolicy'],
    ['AWS::Events::EventBus', 'KmsKeyIdentifier'],
    ['AWS::Events::Rule', 'RoleArn'],
    ['AWS::Events::Rule', 'Targets.EcsParameters'],
    ['AWS::Events::Rule', 'Targets.KinesisParameters'],
    ['AWS::Events::Connection', 'InvocationConnectivityParameters'],
    ['AWS::Events::Connection', 'AuthParameters.OAuthParameters'],
    ['AWS::Events::Connection', 'AuthParameters.InvocationHttpParameters'],
    ['AWS::Lambda::EventSourceMapping', 'SelfManagedEventSource'],
    ['AWS::DynamoDB::Table', 'StreamSpecification'],
    ['AWS::DynamoDB::Table', 'LocalSecondaryIndexes'],
    ['AWS::StepFunctions::StateMachine', 'EncryptionConfiguration'],
    ['AWS::StepFunctions::StateMachine', 'DefinitionS3Location'],
    ['AWS::SecretsManager::Secret', 'ReplicaRegions'],
    ['AWS::SecretsManager::Secret', 'GenerateSecretString.SecretStringTemplate'],
    ['AWS::Kinesis::Stream', 'StreamModeDetails.WarmThroughput'],
    ['AWS::CloudWatch::Alarm', 'ThresholdMetricId'],
    ['AWS::S3::Bucket', 'LifecycleConfiguration.Rules.ExpirationDate'],
    ['AWS::S3::Bucket', 'LifecycleConfiguration.Rules.Prefix'],
  ])('%s with %s', async (type, property) => {
    const properties = property.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), 'x') as Json;
    const says = `stack Plant, resource Thing, property ${property}: this property of ${type} is not modelled here`;
    await expect(start(type, properties)).rejects.toThrow(says);
  });

  it.each<[string, Json, string]>([
    [
      'AWS::StepFunctions::StateMachine',
      { StateMachineType: 'EXPRESS' },
      'StateMachineType: only STANDARD is modelled',
    ],
    [
      'AWS::SNS::Subscription',
      { Protocol: 'https', TopicArn: 'a', Endpoint: 'b' },
      'Protocol: got "https", modelled are',
    ],
    [
      'AWS::Lambda::EventSourceMapping',
      { EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q', FilterCriteria: {} },
      'FilterCriteria: not modelled for a queue',
    ],
    [
      'AWS::Lambda::EventSourceMapping',
      { EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s', ScalingConfig: {} },
      'ScalingConfig: not modelled for a stream',
    ],
    ['AWS::Events::Rule', { ScheduleExpression: 'rate(2 minute)' }, 'ScheduleExpression: got "rate(2 minute)"'],
    ['AWS::Events::Rule', { EventPattern: { a: [{ regex: 'x' }] } }, 'operator "regex" is unknown'],
    ['AWS::Events::Rule', {}, 'a rule needs an EventPattern or a ScheduleExpression'],
    ['AWS::SQS::Queue', { QueueName: '{{resolve:ssm:/plant/queue}}' }, 'modelled are references to secretsmanager'],
  ])('%s with the values %j', async (type, properties, says) => {
    const starting = start(type, properties);
    await expect(starting).rejects.toThrow('stack Plant, resource Thing: ');
    await expect(starting).rejects.toThrow(says);
  });
});

describe('every type of the synthesised template', () => {
  const stacks = loadAssembly(assemblyFolder);
  const places = new Map<string, readonly [stack: Stack, logicalId: string]>();
  for (const stack of stacks) {
    for (const [logicalId, { Type }] of Object.entries(stack.template.Resources)) {
      if (Type !== 'AWS::CDK::Metadata') places.set(Type, [stack, logicalId]);
    }
  }

  it.each([...places.keys()])('%s stops the start when it is given a property more', async (type) => {
    const [stack, logicalId] = places.get(type)!;
    const resource = stack.template.Resources[logicalId]!;
    const spoilt = { ...resource, Properties: { ...resource.Properties, Unheard: 'of' } };
    const template = { ...stack.template, Resources: { ...stack.template.Resources, [logicalId]: spoilt } };
    const starting = bringUp([{ ...stack, template }], {
      accountId: '000000000000',
      findModel: test.laptop.cloud.findModel,
    });
    await expect(starting).rejects.toThrow(
      `stack ${stack.name}, resource ${logicalId}, property Unheard: this property of ${type} is not modelled here`,
    );
  });
});

it.each<[string, string, Json, string]>([
  ['s3', 'GetObject', { Bucket: 'b', Key: 'k' }, 'VersionId'],
  ['s3', 'PutObject', { Bucket: 'b', Key: 'k', Body: 'x' }, 'Metadata'],
  ['dynamodb', 'Scan', { TableName: 't' }, 'TotalSegments'],
  ['dynamodb', 'Query', { TableName: 't' }, 'QueryFilter'],
  ['secretsmanager', 'GetSecretValue', { SecretId: 's' }, 'VersionStage'],
  ['lambda', 'Invoke', { FunctionName: 'f' }, 'Qualifier'],
  ['sqs', 'ReceiveMessage', { QueueUrl: 'q' }, 'ReceiveRequestAttemptId'],
  ['sns', 'Publish', { Message: 'm' }, 'PhoneNumber'],
  ['kinesis', 'ListShards', { StreamName: 's' }, 'ShardFilter'],
  ['events', 'PutEvents', { Entries: [] }, 'EndpointId'],
  ['states', 'StartExecution', { stateMachineArn: 'm' }, 'traceHeader'],
  ['iot', 'ListThings', {}, 'thingTypeName'],
  ['logs', 'PutLogEvents', { logGroupName: 'g' }, 'logEvents'],
  ['logs', 'FilterLogEvents', { logGroupName: 'g' }, 'filterPattern'],
  ['lambda', 'ListFunctions', {}, 'FunctionVersion'],
  ['cloudwatch', 'DescribeAlarms', {}, 'AlarmTypes'],
  ['timestream', 'Query', { QueryString: 'SELECT 1' }, 'QueryInsights'],
])('a call of %s:%s with %j and %s says that the last is not modelled', async (service, operation, input, member) => {
  const calling = test.laptop.cloud.call(service, operation, { ...input, [member]: 'x' }, owner);
  await expect(calling).rejects.toThrow(`${service}:${operation}: ${member} is not modelled on the laptop`);
});

it.each([
  ['cloudwatch', 'PutMetricData'],
  ['sqs', 'CreateQueue'],
  ['sns', 'Subscribe'],
  ['events', 'PutRule'],
  ['states', 'StartSyncExecution'],
  ['dynamodb', 'ExecuteStatement'],
  ['secretsmanager', 'RotateSecret'],
  ['ssm', 'GetParameter'],
  ['ssm', 'DescribeParameters'],
  ['cloudformation', 'CreateStack'],
  ['sts', 'AssumeRole'],
])('a call of %s:%s says that it is not modelled', async (service, operation) => {
  const calling = test.laptop.cloud.call(service, operation, {}, owner);
  await expect(calling).rejects.toThrow(`${service}:${operation} is not modelled on the laptop`);
});
