/** Every engine of the laptop, what each needs of the others, and the order in which they start. */
import { join } from 'node:path';
import type { Addresses } from './addresses.ts';
import { createHttpApis } from './apigateway/http-api.ts';
import { joinProtocols } from './apigateway/protocols.ts';
import { createWebSockets } from './apigateway/web-socket-api.ts';
import { createAppSync } from './appsync/appsync.ts';
import { budgets } from './budgets/budgets.ts';
import { createChatbot } from './chatbot/chatbot.ts';
import type { LocalCloud } from './cloud.ts';
import { createBucketDeployments } from './cloudformation/bucket-deployment.ts';
import { createCustomResources } from './cloudformation/custom-resources.ts';
import { createCloudFront } from './cloudfront/cloudfront.ts';
import { createCloudWatch } from './cloudwatch/cloudwatch.ts';
import type { Metrics } from './cloudwatch/metrics.ts';
import { createUserPools } from './cognito/user-pool.ts';
import { type DeliveryQueue, openDeliveryQueue } from './delivery/delivery-queue.ts';
import { createDynamoDb } from './dynamodb/dynamodb.ts';
import type { Engine } from './engine.ts';
import { createMappings } from './event-source-mapping/mappings.ts';
import { createEvents } from './events/events.ts';
import { createFirehose } from './firehose/firehose.ts';
import { createFunctionUrls } from './function-url/function-url.ts';
import { createGrafana } from './grafana/grafana.ts';
import { createIotEngine } from './iot/engine.ts';
import { createKinesis } from './kinesis/kinesis.ts';
import { createKms } from './kms/kms.ts';
import { createLambda, type LambdaEngine } from './lambda/lambda.ts';
import type { Ledger } from './ledger/ledger.ts';
import { openLogFiles } from './logs/log-files.ts';
import { createLogs } from './logs/logs.ts';
import { createMailbox } from './mailbox/mailbox.ts';
import type { SmtpRelay } from './mailbox/smtp.ts';
import { createS3 } from './s3/s3.ts';
import { createSecretsManager } from './secretsmanager/secretsmanager.ts';
import { createSns } from './sns/sns.ts';
import { createSqs } from './sqs/sqs.ts';
import { createStepFunctions } from './stepfunctions/stepfunctions.ts';
import { createSts } from './sts/sts.ts';
import { createTimestreamEngine } from './timestream/engine.ts';
import type { Credentials } from './wire/credentials.ts';

export interface EngineParts {
  readonly dataFolder: string;
  readonly mqttPort: number;
  readonly throttle?: boolean;
  readonly smtp?: SmtpRelay | null;
  readonly tell: (source: string, message: string) => void;
  readonly ledger: Ledger;
  readonly metrics: Metrics;
  readonly credentials: Credentials;
  readonly endpointUrl: string;
  readonly addresses: Addresses;
  /** The folder of an asset by its object key. */
  readonly findAsset: (key: string) => string | undefined;
}

/** In the order of starting: whoever calls another comes after it. Stopping goes the other way. */
export async function createEngines(cloud: LocalCloud, parts: EngineParts) {
  const { dataFolder, metrics, tell } = parts;
  const sayOf = (source: string) => (message: string) => tell(source, message);
  const logs = openLogFiles(join(dataFolder, 'logs'), sayOf('logs'));
  const deliveries = openDeliveryQueue(join(dataFolder, 'deliveries.db'), cloud.nowMs, sayOf('delivery'));
  const stores = {
    kinesis: createKinesis(cloud, { throttle: parts.throttle === true }),
    ...createQueues(cloud, parts),
  };
  const events = createEvents(cloud, deliveries);
  const lambda = createLambda(cloud, { ...parts, logs, deliveries });
  const work = { events, lambda, states: createStepFunctions(cloud, deliveries) };
  const intake = createIntake(cloud, parts, { ...stores, lambda });
  const doors = createDoors(cloud, parts);
  const deployed = createDeployed(cloud, parts, lambda);
  const timestream = await createTimestreamEngine(cloud, { endpointAddress: () => '127.0.0.1' });
  const alarms = createCloudWatch(cloud, metrics);
  const firehose = createFirehose(cloud, stores.kinesis);
  const told = createTelling(cloud, parts, deliveries);
  const { customResources, secrets } = deployed;
  const started: readonly Engine[] = [
    ...[createLogs(cloud, logs), stores.kinesis, stores.sqs, createS3(cloud), createDynamoDb(cloud)],
    ...[createSts(cloud), createKms(cloud), secrets, told.sns, told.chatbot, firehose],
    ...[doors.userPools, doors.functionUrls, doors.cloudFront, customResources, deployed.bucketDeployments],
    ...[createGrafana(cloud), budgets, alarms, timestream, work.events, work.lambda, work.states],
    // Last to start and first to stop: whoever is connected goes before what answers them.
    ...[delivering(deliveries), intake.mappings, intake.iot, joinGateways(doors), doors.appSync],
  ];
  for (const engine of started) cloud.add(engine);
  const { mailbox } = told;
  return {
    ...stores,
    ...work,
    ...intake,
    ...doors,
    alarms,
    firehose,
    secrets,
    customResources,
    mailbox,
    metrics,
    deliveries,
  };
}

function createQueues(cloud: LocalCloud, { endpointUrl, ledger }: EngineParts) {
  const sqs = createSqs(cloud, { endpointUrl });
  sqs.listeners.add((body) => reportQuarantined(ledger, body));
  return { sqs };
}

type Sources = Omit<Parameters<typeof createMappings>[1], 'ledger'>;

/** A machine's message waits where the functions behind it have no room. */
function createIntake(cloud: LocalCloud, { ledger, mqttPort }: EngineParts, sources: Sources) {
  const mappings = createMappings(cloud, { ...sources, ledger });
  const iot = createIotEngine(cloud, { host: '127.0.0.1', port: mqttPort, waitForRoom: mappings.waitForRoom });
  return { mappings, iot };
}

/** Where people and programs come in. */
function createDoors(cloud: LocalCloud, { endpointUrl, addresses, credentials }: EngineParts) {
  const userPools = createUserPools(cloud, { endpointUrl, addresses });
  return {
    userPools,
    httpApis: createHttpApis(cloud, { endpointUrl, userPools, credentials }),
    webSockets: createWebSockets(cloud, { endpointUrl }),
    appSync: createAppSync(cloud, { endpointUrl, userPools }),
    functionUrls: createFunctionUrls(cloud, endpointUrl),
    cloudFront: createCloudFront(cloud, { endpointUrl }),
  };
}

/** The two kinds of API have their types in common. */
const joinGateways = ({ httpApis, webSockets }: ReturnType<typeof createDoors>): Engine => ({
  ...webSockets,
  resources: joinProtocols({ HTTP: httpApis.resources, WEBSOCKET: webSockets.models }),
});

function createDeployed(cloud: LocalCloud, parts: EngineParts, { findCopierRole: findRole }: LambdaEngine) {
  const { addresses, findAsset, endpointUrl } = parts;
  return {
    secrets: createSecretsManager(cloud),
    customResources: createCustomResources(cloud, endpointUrl),
    bucketDeployments: createBucketDeployments(cloud, { addresses, findAsset, findRole }),
  };
}

function createTelling(cloud: LocalCloud, { dataFolder, smtp }: EngineParts, deliveries: DeliveryQueue) {
  const mailbox = createMailbox(join(dataFolder, 'mailbox'), smtp ?? undefined);
  const sns = createSns(cloud, deliveries, mailbox);
  return { mailbox, sns, chatbot: createChatbot(cloud, sns, mailbox) };
}

const delivering = (deliveries: DeliveryQueue): Engine => ({
  name: 'deliveries',
  operations: {},
  resources: {},
  start: async () => deliveries.start(),
  stop: deliveries.stop,
});

/** A function's quarantine message says how many samples it stands for, and from which record. */
function reportQuarantined(ledger: Ledger, body: string): void {
  if (!body.includes('"dataBase64"')) return;
  const message = JSON.parse(body) as { machineId: string; samples: number; reason: string; sequenceNumber: string };
  const { machineId, samples, reason, sequenceNumber } = message;
  ledger.quarantined(machineId, samples, reason, `${sequenceNumber} ${reason}`);
}
