import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeEndpointCommand, IoTClient, paginateListTopicRules } from '@aws-sdk/client-iot';
import { DescribeLimitsCommand, DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DescribeEndpointsCommand, TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { topicRoot } from '../../core/telemetry/topic.ts';
import { registryTableName, ruleNameInStage, streamName } from '../../lib/names.ts';
import { messagesPerS, type Stage } from '../../lib/stage.ts';
import { listChannelChecks } from './channel-checks.ts';
import { type Check, type Finding, fail, pass, warn } from './finding.ts';

type Connection = { readonly region: string };

/** The first check: without it the others would only repeat its answer. */
export function checkCredentials(stage: Stage, connection: Connection): Check {
  return {
    name: 'credentials',
    run: async () => {
      const { Account, Arn } = await new STSClient(connection).send(new GetCallerIdentityCommand({}));
      if (stage.account !== undefined && stage.account !== Account) {
        const mend = 'choose the profile of the stage (AWS_PROFILE), or mend `account` in its parameters';
        return fail(`they open account ${Account}; stage ${stage.name} is for ${stage.account}`, mend);
      }
      return pass(`account ${Account} as ${Arn}`);
    },
  };
}

export function listChecks(stage: Stage, connection: Connection): readonly Check[] {
  return [
    { name: 'bootstrap', run: () => checkBootstrap(stage, connection) },
    { name: 'time-series store', run: () => checkStore(stage, connection) },
    { name: 'stream capacity', run: () => checkShards(stage, connection) },
    { name: 'Lambda concurrency', run: () => checkConcurrency(connection) },
    { name: 'machine endpoint', run: () => checkEndpoint(connection) },
    { name: 'names', run: () => checkNames(stage, connection) },
    { name: 'plain topics', run: () => checkPlainTopics(stage, connection) },
    ...listChannelChecks(stage, connection),
  ];
}

/** What CDK 2 needs of its bootstrap stack (CDK developer guide, "Bootstrap versions"). */
const neededBootstrap = 6;

async function checkBootstrap(stage: Stage, connection: Connection): Promise<Finding> {
  const Name = '/cdk-bootstrap/hnb659fds/version';
  const mend = `npx cdk bootstrap aws://<account>/${stage.region}`;
  const version = await exists(new SSMClient(connection).send(new GetParameterCommand({ Name })), 'ParameterNotFound');
  if (version === undefined) return fail(`region ${stage.region} is not bootstrapped for CDK`, mend);
  const got = Number(version.Parameter?.Value);
  return got < neededBootstrap ? fail(`version ${got}, ${neededBootstrap} is needed`, mend) : pass(`version ${got}`);
}

async function checkStore(stage: Stage, connection: Connection): Promise<Finding> {
  if (stage.store !== 'timestream') return pass(`${stage.store} is open to every account`);
  try {
    await new TimestreamWriteClient(connection).send(new DescribeEndpointsCommand({}));
    return pass('this account may use Timestream for LiveAnalytics');
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AccessDeniedException') throw error;
    const isClosed = /existing timestream/i.test(error.message);
    return isClosed
      ? fail(
          'Timestream for LiveAnalytics is closed to accounts that never used it, and this is one',
          `set \`store\` of stage ${stage.name} to "influxdb"`,
        )
      : fail('timestream:DescribeEndpoints is not allowed', 'give your role this permission, then ask again');
  }
}

async function checkShards(stage: Stage, connection: Connection): Promise<Finding> {
  const wanted = stage.capacity.mode === 'provisioned' ? stage.capacity.shards : 4; // what an on-demand stream opens with
  const limits = await new KinesisClient(connection).send(new DescribeLimitsCommand({}));
  const left = (limits.ShardLimit ?? 0) - (limits.OpenShardCount ?? 0);
  const what = `${wanted} shards for ${messagesPerS(stage)} messages/s, ${left} left of the account's ${limits.ShardLimit}`;
  return left < wanted ? fail(what, 'ask for a higher quota "Shards per Region" of Kinesis Data Streams') : pass(what);
}

/** A busy stage runs one detection per shard and the workflows beside it; new accounts start with ten in all. */
const comfortableConcurrency = 50;

async function checkConcurrency(connection: Connection): Promise<Finding> {
  const { AccountLimit } = await new LambdaClient(connection).send(new GetAccountSettingsCommand({}));
  const got = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
  const what = `${got} concurrent executions`;
  const mend = 'ask for a higher quota "Concurrent executions" of Lambda: it is granted within a day';
  return got < comfortableConcurrency ? warn(what, mend) : pass(what);
}

async function checkEndpoint(connection: Connection): Promise<Finding> {
  const command = new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' });
  const { endpointAddress } = await new IoTClient(connection).send(command);
  return pass(`machines will connect to ${endpointAddress}`);
}

/** A table or stream that a removed stage retained would stop its new deployment half-way. */
async function checkNames(stage: Stage, connection: Connection): Promise<Finding> {
  const table = registryTableName(stage.name);
  const stream = streamName(stage.name);
  const describeTable = new DynamoDBClient(connection).send(new DescribeTableCommand({ TableName: table }));
  const describeStream = new KinesisClient(connection).send(new DescribeStreamSummaryCommand({ StreamName: stream }));
  const found = [
    (await exists(describeTable, 'ResourceNotFoundException')) && table,
    (await exists(describeStream, 'ResourceNotFoundException')) && stream,
  ].filter((name) => name !== undefined);
  if (found.length === 0) return pass('free');
  const mend =
    'right when the stage is deployed already; else import them (cdk import) or delete what is no longer wanted';
  return warn(`taken: ${found.join(', ')}`, mend);
}

async function checkPlainTopics(stage: Stage, connection: Connection): Promise<Finding> {
  if (!stage.plainTopics) return pass('this stage listens to Basic Ingest only');
  const own = ruleNameInStage(stage.name, '');
  const others: string[] = [];
  for await (const page of paginateListTopicRules(
    { client: new IoTClient(connection) },
    { topic: `${topicRoot}/+/telemetry` },
  )) {
    others.push(
      ...(page.rules ?? []).flatMap(({ ruleName }) => (ruleName?.startsWith(own) === false ? [ruleName] : [])),
    );
  }
  if (others.length === 0) return pass(`no other rule listens to ${topicRoot}/+/telemetry`);
  const mend = 'set `plainTopics` to false for all stages but one of this account and region';
  return warn(`${others.join(', ')} listen to them too: each message would be paid and judged twice`, mend);
}

/** The answer, or undefined where AWS says that there is no such thing. */
async function exists<T>(sent: Promise<T>, missing: string): Promise<T | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof Error && error.name === missing) return undefined;
    throw error;
  }
}
