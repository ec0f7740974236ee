import { DescribeTableCommand, DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { DescribeEndpointCommand, IoTClient, ListTopicRulesCommand } from '@aws-sdk/client-iot';
import { DescribeLimitsCommand, DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetSecretValueCommand,
  ResourceNotFoundException as SecretNotFound,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import {
  AccessDeniedException,
  DescribeEndpointsCommand,
  TimestreamWriteClient,
} from '@aws-sdk/client-timestream-write';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkCredentials, listChecks } from '../../bin/preflight/checks.ts';
import { formatFinding } from '../../bin/preflight/finding.ts';
import { parseStage } from '../../lib/stage.ts';
import { suppliedStages } from '../../lib/stages.ts';

const clients = [
  STSClient,
  SSMClient,
  TimestreamWriteClient,
  KinesisClient,
  LambdaClient,
  IoTClient,
  DynamoDBClient,
  SecretsManagerClient,
].map((client) => mockClient(client as typeof STSClient));
const [sts, ssm, timestream, kinesis, lambda, iot, dynamoDb, secrets] = clients as unknown as ReturnType<
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
});

describe('preflight', () => {
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
    expect(told.names).toBe('warn taken: factory-dev-machines');
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
    const mailed = await findings({
      alertEmails: ['a@plant.example'],
      alerting: { phones: { critical: ['+491701234567'] } },
    });
    expect(mailed['alert recipients']).toBe('warn a@plant.example get mail');
  });
});
