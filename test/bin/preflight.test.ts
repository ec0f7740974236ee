import { spawnSync } from 'node:child_process';
import { DescribeTableCommand, DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { DescribeEndpointCommand, IoTClient, ListTopicRulesCommand } from '@aws-sdk/client-iot';
import { DescribeLimitsCommand, DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadBucketCommand, NotFound, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException as SecretNotFound,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  ListSMSSandboxPhoneNumbersCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
  NotFoundException as TopicNotFound,
} from '@aws-sdk/client-sns';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import {
  AccessDeniedException,
  DescribeEndpointsCommand,
  TimestreamWriteClient,
} from '@aws-sdk/client-timestream-write';
import { Template } from 'aws-cdk-lib/assertions';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkCredentials, listChecks } from '../../bin/preflight/checks.ts';
import { formatFinding } from '../../bin/preflight/finding.ts';
import { parseStage } from '../../lib/stage.ts';
import { suppliedStages } from '../../lib/stages.ts';
import { synthesise } from '../lib/synthesis.ts';

const clients = [
  STSClient,
  SSMClient,
  TimestreamWriteClient,
  KinesisClient,
  LambdaClient,
  IoTClient,
  DynamoDBClient,
  SecretsManagerClient,
  S3Client,
  SNSClient,
].map((client) => mockClient(client as typeof STSClient));
const [sts, ssm, timestream, kinesis, lambda, iot, dynamoDb, secrets, s3, sns] = clients as unknown as ReturnType<
  typeof mockClient
>[];
const fault = { message: 'no', Message: 'no', $metadata: {} };
const region = 'us-east-1';

function stageOf(overrides: object = {}) {
  const stage = parseStage({ ...suppliedStages.dev, ...overrides });
  if (!stage.ok) throw new Error(stage.error.join('\n'));
  return stage.value;
}

async function findings(overrides: object = {}): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const check of listChecks(stageOf(overrides), { region })) {
    const { level, what } = await check.run();
    told[check.name] = `${level} ${what}`;
  }
  return told;
}

beforeEach(() => {
  for (const client of clients) client.reset();
  sts!
    .on(GetCallerIdentityCommand)
    .resolves({ Account: '111122223333', Arn: 'arn:aws:iam::111122223333:role/deployer' });
  ssm!.on(GetParameterCommand).resolves({ Parameter: { Value: '28' } });
  timestream!.on(DescribeEndpointsCommand).resolves({ Endpoints: [] });
  kinesis!.on(DescribeLimitsCommand).resolves({ ShardLimit: 500, OpenShardCount: 3 });
  kinesis!.on(DescribeStreamSummaryCommand).rejects(new ResourceNotFoundException(fault));
  lambda!.on(GetAccountSettingsCommand).resolves({ AccountLimit: { UnreservedConcurrentExecutions: 1000 } });
  iot!.on(DescribeEndpointCommand).resolves({ endpointAddress: 'abc-ats.iot.us-east-1.amazonaws.com' });
  iot!.on(ListTopicRulesCommand).resolves({ rules: [{ ruleName: 'factory_dev_telemetry' }] });
  dynamoDb!.on(DescribeTableCommand).rejects(new ResourceNotFoundException(fault));
  s3!.on(HeadBucketCommand).rejects(new NotFound(fault));
  sns!.on(ListSubscriptionsByTopicCommand).rejects(new TopicNotFound(fault));
  secrets!.on(DescribeSecretCommand).rejects(new SecretNotFound(fault));
  secrets!.on(GetSecretValueCommand).rejects(new SecretNotFound(fault));
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** What a service without a client of its own answers to whoever signs his question. */
function answerSigned(answer: object, status = 200): Request[] {
  const asked: Request[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push(new Request(url, init));
    return Response.json(answer, { status });
  });
  return asked;
}

describe('preflight', () => {
  it('says that the laptop has no account to be asked', () => {
    const { status, stderr } = spawnSync('node_modules/.bin/node', ['bin/preflight.ts', 'local'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^preflight: the laptop has no account .*\n$/),
    });
  });

  it('passes an account that can have the stage', async () => {
    const told = await findings({ alertEmails: ['shift@plant.example'] });
    expect(Object.values(told).filter((line) => line.startsWith('fail'))).toEqual([]);
    expect(told['time-series store']).toBe('pass this account may use Timestream for LiveAnalytics');
    expect(told.names).toBe('pass free');
  });

  it('tells an account that LiveAnalytics is closed to, and what to set', async () => {
    const closed = 'Only existing Timestream for LiveAnalytics customers can access the service';
    timestream!
      .on(DescribeEndpointsCommand)
      .rejects(new AccessDeniedException({ ...fault, message: closed, Message: closed }));
    const check = listChecks(stageOf(), { region }).find(({ name }) => name === 'time-series store')!;
    expect(formatFinding(check.name, await check.run())).toBe(
      'fail  time-series store: Timestream for LiveAnalytics is closed to accounts that never used it, and this is one\n' +
        '      → set `store` of stage dev to "influxdb"',
    );
    expect((await findings({ store: 'influxdb' }))['time-series store']).toMatch(/^pass/);
  });

  it('tells credentials of another account than the stage’s', async () => {
    const finding = await checkCredentials(stageOf({ account: '999988887777' }), { region }).run();
    expect(finding).toMatchObject({
      level: 'fail',
      what: 'they open account 111122223333; stage dev is for 999988887777',
    });
  });

  it('tells a region that is not bootstrapped, and too few shards', async () => {
    ssm!.on(GetParameterCommand).rejects(new ParameterNotFound(fault));
    kinesis!.on(DescribeLimitsCommand).resolves({ ShardLimit: 3, OpenShardCount: 3 });
    const told = await findings();
    expect(told.bootstrap).toBe('fail region us-east-1 is not bootstrapped for CDK');
    expect(told['stream capacity']).toMatch(/^fail 1 shards for 2 messages\/s, 0 left/);
  });

  it('warns of names that a retained stage left, of other listeners, of an account with little concurrency', async () => {
    dynamoDb!.on(DescribeTableCommand).resolves({});
    iot!.on(ListTopicRulesCommand).resolves({ rules: [{ ruleName: 'factory_test_telemetry' }] });
    lambda!.on(GetAccountSettingsCommand).resolves({ AccountLimit: { UnreservedConcurrentExecutions: 10 } });
    const told = await findings();
    expect(told.names).toBe(
      'warn taken: factory-dev-machines, factory-dev-twins, factory-dev-incidents, factory-dev-work-orders',
    );
    expect(told['plain topics']).toMatch(/^warn factory_test_telemetry listen to them too/);
    expect(told['Lambda concurrency']).toBe('warn 10 concurrent executions');
  });

  it('says who hears of nothing, and which channel has a secret of the wrong shape, without repeating it', async () => {
    secrets!.on(GetSecretValueCommand).rejects(new SecretNotFound(fault));
    secrets!
      .on(GetSecretValueCommand, { SecretId: 'factory-dev-channel-slack' })
      .resolves({ SecretString: 'https://example.org/not-slack' });
    expect((await findings())['alert recipients']).toBe(
      'warn nobody hears of critical, warning, escalation, maintenance',
    );
    const routes = [{ channel: 'slack' }, { channel: 'pagerduty' }, { channel: 'amazon_q' }];
    const told = await findings({ alerting: { routes } });
    expect(told['channel slack']).toMatch(/^fail the secret of slack is no webhook address/);
    expect(told['channel slack']).not.toContain('not-slack');
    expect(told['channel pagerduty']).toBe('warn its secret comes with the deployment');
    expect(told['channel amazon_q']).toBe('fail no Slack channel is named');
    expect(told['mail sending']).toMatch(/^pass SES is not used/);
    sns!.on(GetSMSSandboxAccountStatusCommand).resolves({ IsInSandbox: false });
    sns!.on(GetSMSAttributesCommand).resolves({ attributes: {} });
    const mailed = await findings({
      alertEmails: ['a@plant.example'],
      alerting: { phones: { critical: ['+491701234567'] } },
    });
    expect(mailed['alert recipients']).toBe('warn a@plant.example get mail');
  });

  it('asks whether the Slack workspace is authorised, in a signed question', async () => {
    const alerting = { routes: [{ channel: 'amazon_q' }], amazonQ: { workspaceId: 'T1', channelId: 'C1' } };
    const asked = answerSigned({ SlackWorkspaces: [{ SlackTeamId: 'T1', SlackTeamName: 'Plant', State: 'ENABLED' }] });
    expect((await findings({ alerting }))['channel amazon_q']).toBe('pass the Slack workspace Plant is authorised');
    expect(asked[0]?.headers.get('authorization')).toContain('/us-east-2/chatbot/aws4_request');
    answerSigned({ SlackWorkspaces: [] });
    expect((await findings({ alerting }))['channel amazon_q']).toBe('fail the Slack workspace T1 is not authorised');
  });

  it('asks for IAM Identity Center where the stage wants dashboards and names no sign-in of its own', async () => {
    answerSigned({ Instances: [] });
    expect((await findings({ grafana: {} }))['dashboard sign-in']).toMatch(/^fail IAM Identity Center is not on/);
    answerSigned({ Instances: [{ InstanceArn: 'arn:aws:sso:::instance/ssoins-1' }] });
    expect((await findings({ grafana: {} }))['dashboard sign-in']).toBe('pass IAM Identity Center is on');
    const saml = { metadataUrl: 'https://login.plant.example/saml', adminRoles: ['twin-admin'] };
    expect((await findings({ grafana: { saml } }))['dashboard sign-in']).toBeUndefined();
  });

  it('tells phones that the SMS sandbox does not know, and a spend limit that silences them', async () => {
    const alerting = { phones: { critical: ['+491701234567'] } };
    sns!.on(GetSMSSandboxAccountStatusCommand).resolves({ IsInSandbox: true });
    sns!.on(ListSMSSandboxPhoneNumbersCommand).resolves({ PhoneNumbers: [] });
    sns!.on(GetSMSAttributesCommand).resolves({ attributes: { MonthlySpendLimit: '1' } });
    expect((await findings({ alerting }))['text messages']).toBe(
      'fail the account is in the SMS sandbox and does not know +491701234567',
    );
    sns!.on(GetSMSSandboxAccountStatusCommand).resolves({ IsInSandbox: false });
    expect((await findings({ alerting }))['text messages']).toBe('warn 1 numbers, at most $1 a month');
    sns!.on(GetSMSAttributesCommand).resolves({ attributes: { MonthlySpendLimit: '50' } });
    expect((await findings({ alerting }))['text messages']).toMatch(/^pass/);
  });

  it('knows a deployed stage by its topics: its names are its own, and who did not confirm is told by address', async () => {
    dynamoDb!.on(DescribeTableCommand).resolves({});
    sns!.on(ListSubscriptionsByTopicCommand).resolves({
      Subscriptions: [
        { Endpoint: 'a@plant.example', SubscriptionArn: 'PendingConfirmation' },
        { Endpoint: 'b@plant.example', SubscriptionArn: 'arn:aws:sns:us-east-1:111122223333:t:1' },
      ],
    });
    const told = await findings({ alertEmails: ['a@plant.example', 'b@plant.example'] });
    expect(told.names).toBe('pass taken by this stage, which is deployed');
    expect(told['alert recipients']).toBe('warn a@plant.example did not confirm yet, and hear nothing');
  });

  it('stops at a bucket of somebody else, and at a secret that was deleted and keeps its name', async () => {
    s3!.on(HeadBucketCommand).rejects(Object.assign(new Error('no'), { $metadata: { httpStatusCode: 403 } }));
    secrets!.on(DescribeSecretCommand).resolves({ DeletedDate: new Date(0) });
    const told = await findings({ alerting: { routes: [{ channel: 'slack' }] } });
    expect(told.names).toMatch(/^fail factory-dev-failures-111122223333-us-east-1.* belongs to somebody else$/);
    expect(told['secret names']).toMatch(/^fail factory-dev-channel-slack is deleted/);
  });

  it('reckons the machines’ messages against what IoT Core takes, and streams on demand against their limit', async () => {
    expect((await findings())['machine traffic']).toMatch(/^pass 2 messages\/s/);
    const fleet = { machines: 1, samplesPerMachinePerS: 200, samplesPerMessage: 1 };
    expect((await findings({ fleet }))['machine traffic']).toMatch(
      /^fail 200 messages\/s of one machine, 100 are taken/,
    );
    const large = { machines: 60_000, samplesPerMachinePerS: 1, samplesPerMessage: 5 };
    kinesis!.on(DescribeLimitsCommand).resolves({ OnDemandStreamCount: 50, OnDemandStreamCountLimit: 50 });
    const told = await findings({ fleet: large, capacity: { mode: 'on-demand' } });
    expect(told['machine traffic']).toMatch(/^warn 12000 messages\/s, 20000 are/);
    expect(told['stream capacity']).toMatch(/^warn 50 of 50 streams on demand/);
  });

  it('asks for every fixed name of the templates that outlives its stack', async () => {
    dynamoDb!.on(DescribeTableCommand).resolves({});
    s3!.on(HeadBucketCommand).resolves({});
    kinesis!.on(DescribeStreamSummaryCommand).resolves({});
    answerSigned({});
    const { names } = await findings({ ...suppliedStages.prod });
    const { templates, operations } = synthesise('prod');
    const fixed = [...templates, Template.fromStack(operations)].flatMap((template) =>
      Object.values(template.toJSON().Resources as Record<string, Retainable>).flatMap((resource) => {
        if (resource.DeletionPolicy !== 'Retain') return [];
        const { TableName, BucketName, Name } = resource.Properties ?? {};
        const text = JSON.stringify(TableName ?? BucketName ?? Name ?? '');
        return /factory-prod-[a-z-]*[a-z]/.exec(text) ?? [];
      }),
    );
    expect(fixed.length).toBeGreaterThanOrEqual(6);
    for (const name of fixed) expect(names).toContain(name);
  });
});

interface Retainable {
  readonly DeletionPolicy?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}
