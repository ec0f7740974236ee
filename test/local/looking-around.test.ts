import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { GetFunctionConfigurationCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../local/engine.ts';
import { loadAssembly } from '../../local/template/assembly.ts';
import { ownerKeyId } from '../../local/wire/credentials.ts';
import { assemblyFolder, openLaptop, synthesise, type TestLaptop } from './assembly.ts';

let test: TestLaptop;
beforeAll(async () => {
  await synthesise();
  test = await openLaptop();
});
afterAll(() => test.stop());

const clientConfig = (accessKeyId = ownerKeyId) => ({
  endpoint: test.laptop.url,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey: 'any' },
  maxAttempts: 1,
});

/** What a template's resources of a type became. */
const made = (type: string): string[] =>
  [...test.laptop.deployment.resources.values()].filter((one) => one.type === type).map(({ ref }) => ref);

/** For services whose client is no dependency here: the request as any SDK sends it. */
async function send(service: string, request: { headers?: Record<string, string>; body: string }): Promise<string> {
  const scope = `Credential=${ownerKeyId}/20260101/us-east-1/${service}/aws4_request`;
  const headers = { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`, ...request.headers };
  return (await fetch(test.laptop.url, { method: 'POST', headers, body: request.body })).text();
}
const sendJson = async <T>(service: string, target: string, input: Json): Promise<T> =>
  JSON.parse(await send(service, { headers: { 'x-amz-target': target }, body: JSON.stringify(input) })) as T;
const sendQuery = (service: string, input: Record<string, string>): Promise<string> =>
  send(service, { body: String(new URLSearchParams(input)) });
const valuesOf = (xml: string, tag: string): string[] =>
  [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, value]) => value!);

type List = () => Promise<readonly (string | undefined)[]>;

describe('what the account lists is what the template made', () => {
  const lists: readonly (readonly [type: string, list: List])[] = [
    [
      'AWS::S3::Bucket',
      async () => (await new S3Client(clientConfig()).send(new ListBucketsCommand())).Buckets!.map(({ Name }) => Name),
    ],
    [
      'AWS::DynamoDB::Table',
      async () => (await new DynamoDBClient(clientConfig()).send(new ListTablesCommand())).TableNames!,
    ],
    [
      'AWS::Kinesis::Stream',
      async () => (await new KinesisClient(clientConfig()).send(new ListStreamsCommand())).StreamNames!,
    ],
    ['AWS::SQS::Queue', async () => (await new SQSClient(clientConfig()).send(new ListQueuesCommand())).QueueUrls!],
    [
      'AWS::SNS::Topic',
      async () =>
        (await new SNSClient(clientConfig()).send(new ListTopicsCommand())).Topics!.map(({ TopicArn }) => TopicArn),
    ],
    [
      'AWS::SNS::Subscription',
      async () =>
        (await new SNSClient(clientConfig()).send(new ListSubscriptionsCommand())).Subscriptions!.map(
          ({ SubscriptionArn }) => SubscriptionArn,
        ),
    ],
    [
      'AWS::Lambda::Function',
      async () =>
        (await new LambdaClient(clientConfig()).send(new ListFunctionsCommand())).Functions!.map(
          ({ FunctionName }) => FunctionName,
        ),
    ],
    [
      'AWS::StepFunctions::StateMachine',
      async () =>
        (await new SFNClient(clientConfig()).send(new ListStateMachinesCommand())).stateMachines!.map(
          ({ stateMachineArn }) => stateMachineArn,
        ),
    ],
    [
      'AWS::SecretsManager::Secret',
      async () =>
        (await new SecretsManagerClient(clientConfig()).send(new ListSecretsCommand())).SecretList!.map(
          ({ ARN }) => ARN,
        ),
    ],
    [
      'AWS::Logs::LogGroup',
      async () =>
        (
          await sendJson<{ logGroups: { logGroupName: string }[] }>('logs', 'Logs_20140328.DescribeLogGroups', {})
        ).logGroups.map(({ logGroupName }) => logGroupName),
    ],
    [
      'AWS::CloudWatch::Alarm',
      async () => valuesOf(await sendQuery('monitoring', { Action: 'DescribeAlarms' }), 'AlarmName'),
    ],
    [
      'AWS::Cognito::UserPool',
      async () =>
        (
          await sendJson<{ UserPools: { Id: string }[] }>(
            'cognito-idp',
            'AWSCognitoIdentityProviderService.ListUserPools',
            { MaxResults: 10 },
          )
        ).UserPools.map(({ Id }) => Id),
    ],
  ];
  it.each(lists)('%s', async (type, list) => {
    expect(made(type)).not.toEqual([]);
    expect((await list()).toSorted()).toEqual(made(type).toSorted());
  });

  it('buses and on each its rules with their patterns and targets', async () => {
    const client = new EventBridgeClient(clientConfig());
    const { EventBuses = [] } = await client.send(new ListEventBusesCommand());
    expect(EventBuses.map(({ Name }) => Name)).toEqual(['default', ...made('AWS::Events::EventBus')]);
    const rules = await Promise.all(
      EventBuses.map(async ({ Name }) => (await client.send(new ListRulesCommand({ EventBusName: Name }))).Rules!),
    );
    const refs = rules
      .flat()
      .map(({ Name, EventBusName }) => (EventBusName === 'default' ? Name : `${EventBusName}|${Name}`));
    expect(refs.toSorted()).toEqual(made('AWS::Events::Rule').toSorted());
    const anomalies = rules.flat().find(({ Name }) => Name === 'factory-local-anomalies')!;
    expect(JSON.parse(anomalies.EventPattern!)).toEqual({ source: ['factory.twin'], 'detail-type': ['anomaly'] });
    const { Name: Rule, EventBusName } = anomalies;
    const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule, EventBusName }));
    expect(made('AWS::SQS::Queue').map((url) => url.slice(url.lastIndexOf('/') + 1))).toContain(
      Targets![0]!.Arn!.split(':').at(-1),
    );
  });

  it('stacks with their outputs and what each logical id became', async () => {
    const { outputs, resources } = test.laptop.deployment;
    expect(valuesOf(await sendQuery('cloudformation', { Action: 'ListStacks' }), 'StackName')).toEqual([
      ...outputs.keys(),
    ]);
    for (const { name: StackName, template } of loadAssembly(assemblyFolder)) {
      const stack = await sendQuery('cloudformation', { Action: 'DescribeStacks', StackName });
      expect(valuesOf(stack, 'OutputKey')).toEqual(Object.keys(template.Outputs ?? {}));
      expect(valuesOf(stack, 'OutputValue')).toEqual(Object.values(outputs.get(StackName)!).map(String));
      const page = await sendQuery('cloudformation', { Action: 'ListStackResources', StackName });
      const ids = valuesOf(page, 'LogicalResourceId');
      const wanted = Object.keys(template.Resources).filter((id) => resources.has(`${StackName}/${id}`));
      expect(wanted).toEqual(expect.arrayContaining(ids));
      expect(ids).toHaveLength(Math.min(100, wanted.length));
      expect(valuesOf(page, 'PhysicalResourceId')).toEqual(ids.map((id) => resources.get(`${StackName}/${id}`)!.ref));
    }
  });

  it('a stack that is not there is refused as CloudFormation refuses it', async () => {
    const refused = await sendQuery('cloudformation', { Action: 'DescribeStacks', StackName: 'nope' });
    expect(refused).toContain('<Code>ValidationError</Code><Message>Stack with id nope does not exist</Message>');
  });
});

describe('one of them described', () => {
  it('a table with its keys and indexes', async () => {
    const TableName = 'factory-local-incidents';
    const { Table } = await new DynamoDBClient(clientConfig()).send(new DescribeTableCommand({ TableName }));
    const properties = loadAssembly(assemblyFolder)
      .flatMap(({ template }) => Object.values(template.Resources))
      .find((resource) => resource.Properties?.TableName === TableName)!.Properties!;
    expect(Table).toMatchObject({
      KeySchema: properties.KeySchema,
      AttributeDefinitions: properties.AttributeDefinitions,
      GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes ?? [],
      ItemCount: 0,
    });
  });

  it("a function with the template's variables, and none of its credentials", async () => {
    const client = new LambdaClient(clientConfig());
    const FunctionName = made('AWS::Lambda::Function').find((name) => name.includes('DetectionWorker'))!;
    const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    expect(found).toMatchObject({
      FunctionName,
      Runtime: 'nodejs24.x',
      Environment: { Variables: { STAGE: 'local' } },
    });
    expect(JSON.stringify(found)).not.toMatch(/SECRET_ACCESS_KEY/);
    await expect(client.send(new GetFunctionConfigurationCommand({ FunctionName: 'nope' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('a topic with its own subscriptions', async () => {
    const client = new SNSClient(clientConfig());
    const all = await Promise.all(
      made('AWS::SNS::Topic').map(async (TopicArn) => {
        const { Subscriptions = [] } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
        expect(Subscriptions.every((one) => one.TopicArn === TopicArn)).toBe(true);
        return Subscriptions.map(({ SubscriptionArn }) => SubscriptionArn);
      }),
    );
    expect(all.flat().toSorted()).toEqual(made('AWS::SNS::Subscription').toSorted());
  });

  it('a state machine with its executions', async () => {
    const client = new SFNClient(clientConfig());
    const [stateMachineArn] = made('AWS::StepFunctions::StateMachine');
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, name: 'looked-at' }));
    const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(executions).toEqual([expect.objectContaining({ executionArn, stateMachineArn, name: 'looked-at' })]);
  });

  it('an alarm in a state, of a name', async () => {
    const [name] = made('AWS::CloudWatch::Alarm');
    const input = { Action: 'DescribeAlarms', 'AlarmNames.member.1': name!, StateValue: 'INSUFFICIENT_DATA' };
    expect(valuesOf(await sendQuery('monitoring', input), 'AlarmName')).toEqual([name]);
    expect(valuesOf(await sendQuery('monitoring', { ...input, StateValue: 'ALARM' }), 'AlarmName')).toEqual([]);
  });
});

describe('who asks', () => {
  it('is told who that is', async () => {
    const [arn] = test.laptop.cloud.iam.listRoles();
    const { accessKeyId } = test.laptop.credentials.issue(arn!);
    const ask = async (key: string) =>
      (await new STSClient(clientConfig(key)).send(new GetCallerIdentityCommand())).Arn;
    expect(await ask(ownerKeyId)).toBe('arn:aws:iam::000000000000:root');
    expect(await ask(accessKeyId)).toBe(`arn:aws:sts::000000000000:assumed-role/${arn!.split('/').at(-1)}/laptop`);
  });

  it("is refused without the permission, as a function's role is", async () => {
    const FunctionName = made('AWS::Lambda::Function').find((name) => name.includes('DetectionWorker'))!;
    const { Role } = await new LambdaClient(clientConfig()).send(new GetFunctionConfigurationCommand({ FunctionName }));
    const { accessKeyId } = test.laptop.credentials.issue(Role!);
    const asking = new DynamoDBClient(clientConfig(accessKeyId)).send(new ListTablesCommand());
    await expect(asking).rejects.toThrow('is not authorized to perform: dynamodb:ListTables on resource: *');
  });
});
