import { DescribeEndpointCommand, IoTClient } from '@aws-sdk/client-iot';
import { DescribeLimitsCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { DescribeEndpointsCommand, TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { messagesPerS, type Stage } from '../../lib/stage.ts';
import { type Connection, exists } from './exists.ts';
import { type Check, type Finding, fail, pass, warn } from './finding.ts';
import { callSigned } from './signed-call.ts';

/** What the account has and may have: services that are open to it, and quotas. */
export function listAccountChecks(stage: Stage, connection: Connection): readonly Check[] {
  return [
    { name: 'bootstrap', run: () => checkBootstrap(stage, connection) },
    { name: 'time-series store', run: () => checkStore(stage, connection) },
    { name: 'stream capacity', run: () => checkStream(stage, connection) },
    { name: 'Lambda concurrency', run: () => checkConcurrency(connection) },
    { name: 'machine endpoint', run: () => checkEndpoint(connection) },
    { name: 'machine traffic', run: async () => checkTraffic(stage) },
    ...(needsIdentityCenter(stage) ? [{ name: 'dashboard sign-in', run: () => checkIdentityCenter(connection) }] : []),
  ];
}

/** What CDK 2 needs of its bootstrap stack (CDK developer guide, "Bootstrap versions"). */
const neededBootstrap = 6;

async function checkBootstrap(stage: Stage, connection: Connection): Promise<Finding> {
  const Name = '/cdk-bootstrap/hnb659fds/version';
  const mend = `npm run bootstrap -- ${stage.name}`;
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

async function checkStream(stage: Stage, connection: Connection): Promise<Finding> {
  const limits = await new KinesisClient(connection).send(new DescribeLimitsCommand({}));
  if (stage.capacity.mode === 'on-demand') {
    const { OnDemandStreamCount = 0, OnDemandStreamCountLimit = 0 } = limits;
    const what = `${OnDemandStreamCount} of ${OnDemandStreamCountLimit} streams on demand`;
    const isFull = OnDemandStreamCount >= OnDemandStreamCountLimit;
    return isFull
      ? warn(
          `${what}: there is room only for a stage that has its own`,
          askForQuota('On-demand streams', 'Kinesis Data Streams'),
        )
      : pass(what);
  }
  const { shards } = stage.capacity;
  const left = (limits.ShardLimit ?? 0) - (limits.OpenShardCount ?? 0);
  const what = `${shards} shards for ${messagesPerS(stage)} messages/s, ${left} left of the account's ${limits.ShardLimit}`;
  return left < shards ? fail(what, askForQuota('Shards per Region', 'Kinesis Data Streams')) : pass(what);
}

const askForQuota = (quota: string, service: string): string => `ask for a higher quota "${quota}" of ${service}`;

/** A busy stage runs one detection per shard and the workflows beside it; new accounts start with ten in all. */
const comfortableConcurrency = 50;

async function checkConcurrency(connection: Connection): Promise<Finding> {
  const { AccountLimit } = await new LambdaClient(connection).send(new GetAccountSettingsCommand({}));
  const got = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
  const what = `${got} concurrent executions`;
  const mend = `${askForQuota('Concurrent executions', 'Lambda')}: it is granted within a day`;
  return got < comfortableConcurrency ? warn(what, mend) : pass(what);
}

async function checkEndpoint(connection: Connection): Promise<Finding> {
  const command = new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' });
  const { endpointAddress } = await new IoTClient(connection).send(command);
  return pass(`machines will connect to ${endpointAddress}`);
}

/** Messages a second that one connection, and an account in a large region, may publish (IoT Core, "Quotas"). */
const perConnectionPerS = 100;
const perAccountPerS = 20_000;

/** The account's own quotas are not asked for: what AWS grants everybody tells whether there is anything to ask. */
function checkTraffic(stage: Stage): Finding {
  const perS = messagesPerS(stage);
  const ofOnePerS = stage.fleet.samplesPerMachinePerS / stage.fleet.samplesPerMessage;
  if (ofOnePerS > perConnectionPerS) {
    const what = `${ofOnePerS} messages/s of one machine, ${perConnectionPerS} are taken from a connection`;
    return fail(what, 'put more samples into a message (`fleet.samplesPerMessage`)');
  }
  const what = `${perS} messages/s, ${perAccountPerS} are an account's to begin with (fewer in small regions)`;
  const mend = `${askForQuota('Inbound publish requests per second per account', 'AWS IoT Core')}, or put more samples into a message`;
  return perS > perAccountPerS / 2 ? warn(what, mend) : pass(what);
}

/** People sign in to a Grafana workspace by IAM Identity Center, where the stage names no SAML of its own. */
const needsIdentityCenter = ({ grafana }: Stage): boolean => grafana !== undefined && grafana.saml === undefined;

async function checkIdentityCenter(connection: Connection): Promise<Finding> {
  const answer = await callSigned(connection, {
    service: 'sso',
    host: `sso.${connection.region}.amazonaws.com`,
    path: '/',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'SWBExternalService.ListInstances' },
    body: {},
  });
  const { Instances } = answer as { readonly Instances?: readonly unknown[] };
  return Instances !== undefined && Instances.length > 0
    ? pass('IAM Identity Center is on')
    : fail(
        `IAM Identity Center is not on in ${connection.region}`,
        'switch it on in its console, or name your own sign-in in `grafana.saml`',
      );
}
