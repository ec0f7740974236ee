import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient, paginateListTopicRules } from '@aws-sdk/client-iot';
import { DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { topicRoot } from '../../core/telemetry/topic.ts';
import {
  channelSecretName,
  failuresBucketName,
  incidentTableName,
  modelsBucketName,
  registryTableName,
  ruleNameInStage,
  streamName,
  twinTableName,
  workOrderTableName,
} from '../../lib/names.ts';
import type { Stage } from '../../lib/stage.ts';
import { findStageTopics, readAccount } from './deployed.ts';
import { type Connection, exists } from './exists.ts';
import { type Check, type Finding, fail, pass, warn } from './finding.ts';

/** Names of the stage that somebody may have already. */
export function listNameChecks(stage: Stage, connection: Connection): readonly Check[] {
  return [
    { name: 'names', run: () => checkNames(stage, connection) },
    { name: 'secret names', run: () => checkSecretNames(stage, connection) },
    { name: 'plain topics', run: () => checkPlainTopics(stage, connection) },
  ];
}

/**
 * What a removed stage retained would stop its new deployment half-way. Queues, topics, functions and the bus go with
 * their stack, so tables, stream and buckets are all that can be left.
 */
async function checkNames(stage: Stage, connection: Connection): Promise<Finding> {
  const buckets = await checkBuckets(stage, connection);
  if (buckets.foreign.length > 0) {
    const mend = 'bucket names are one space for all accounts: deploy under another stage name';
    return fail(`${buckets.foreign.join(', ')} belongs to somebody else`, mend);
  }
  const found = [...(await findTables(stage, connection)), ...(await findStream(stage, connection)), ...buckets.own];
  if (found.length === 0) return pass('free');
  if ((await findStageTopics(stage, connection)).length > 0) return pass('taken by this stage, which is deployed');
  const mend =
    'right when the stage is deployed in part; else import them (cdk import) or delete what is no longer wanted';
  return warn(`taken: ${found.join(', ')}`, mend);
}

async function findTables({ name }: Stage, connection: Connection): Promise<string[]> {
  const client = new DynamoDBClient(connection);
  const names = [registryTableName, twinTableName, incidentTableName, workOrderTableName].map((nameIn) => nameIn(name));
  const found = names.map(async (TableName) =>
    (await exists(client.send(new DescribeTableCommand({ TableName })), 'ResourceNotFoundException')) === undefined
      ? []
      : [TableName],
  );
  return (await Promise.all(found)).flat();
}

async function findStream({ name }: Stage, connection: Connection): Promise<string[]> {
  const StreamName = streamName(name);
  const sent = new KinesisClient(connection).send(new DescribeStreamSummaryCommand({ StreamName }));
  return (await exists(sent, 'ResourceNotFoundException')) === undefined ? [] : [StreamName];
}

async function checkBuckets(stage: Stage, connection: Connection): Promise<{ own: string[]; foreign: string[] }> {
  const account = await readAccount(connection);
  const own: string[] = [];
  const foreign: string[] = [];
  for (const nameOf of [failuresBucketName, modelsBucketName]) {
    const Bucket = nameOf(stage.name, account, stage.region);
    const sent = new S3Client(connection).send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: account }));
    // HeadBucket answers without a body: the SDK names the fault by its status alone.
    const outcome = await exists(sent, 'NotFound', 'NoSuchBucket').catch((error: Error) => {
      if (statusOf(error) === 403) return 'foreign' as const;
      throw error;
    });
    if (outcome === 'foreign') foreign.push(Bucket);
    else if (outcome !== undefined) own.push(Bucket);
  }
  return { own, foreign };
}

const statusOf = (error: Error): number | undefined =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;

/** A secret that was deleted keeps its name for seven to thirty days. */
async function checkSecretNames(stage: Stage, connection: Connection): Promise<Finding> {
  const client = new SecretsManagerClient(connection);
  const leaving: string[] = [];
  for (const SecretId of secretNames(stage)) {
    const secret = await exists(client.send(new DescribeSecretCommand({ SecretId })), 'ResourceNotFoundException');
    if (secret?.DeletedDate !== undefined) leaving.push(SecretId);
  }
  if (leaving.length === 0) return pass('no deleted secret holds one');
  const command = `aws secretsmanager delete-secret --force-delete-without-recovery --secret-id ${leaving[0]}`;
  return fail(
    `${leaving.join(', ')} is deleted, and keeps its name until then`,
    `${command}, then deploy; or restore-secret, and import it (cdk import)`,
  );
}

function secretNames({ name, alerting, maintenance }: Stage): string[] {
  const channels = [...new Set(alerting.routes.map(({ channel }) => channel))].filter((one) => one !== 'amazon_q');
  const further = [
    ...(alerting.slackButtons ? ['slack-signing'] : []),
    ...(maintenance.cmms === undefined ? [] : ['cmms']),
  ];
  return [...channels, ...further].map((channel) => channelSecretName(name, channel));
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
