/** The whole cloud of one assembly on this machine: engines, endpoint, resources, ledger. */
import { join } from 'node:path';
import { type Addresses, createAddresses } from './addresses.ts';
import { createFrontDoor, isForAws } from './apigateway/front-door.ts';
import { createHttpApis } from './apigateway/http-api.ts';
import { joinProtocols } from './apigateway/protocols.ts';
import { createWebSockets, type WebSocketEngine } from './apigateway/web-socket-api.ts';
import { type AppSyncEngine, createAppSync } from './appsync/appsync.ts';
import { budgets } from './budgets/budgets.ts';
import { createChatbot } from './chatbot/chatbot.ts';
import { createCloud, type LocalCloud } from './cloud.ts';
import { createBucketDeployments } from './cloudformation/bucket-deployment.ts';
import { createCustomResources } from './cloudformation/custom-resources.ts';
import { createCloudFront } from './cloudfront/cloudfront.ts';
import { type CloudWatchEngine, createCloudWatch } from './cloudwatch/cloudwatch.ts';
import { createMetrics, type Metrics } from './cloudwatch/metrics.ts';
import { createUserPools, type UserPoolEngine } from './cognito/user-pool.ts';
import { type DeliveryQueue, openDeliveryQueue } from './delivery/delivery-queue.ts';
import { createDynamoDb } from './dynamodb/dynamodb.ts';
import type { Engine } from './engine.ts';
import { createMappings, type MappingEngine } from './event-source-mapping/mappings.ts';
import { createEvents, type EventsEngine } from './events/events.ts';
import { createFirehose, type FirehoseEngine } from './firehose/firehose.ts';
import { createFunctionUrls } from './function-url/function-url.ts';
import { createGrafana } from './grafana/grafana.ts';
import { letHeapsGrow } from './heap.ts';
import { createIotEngine, type IotEngine } from './iot/engine.ts';
import { createKinesis, type KinesisEngine } from './kinesis/kinesis.ts';
import { createKms } from './kms/kms.ts';
import { createLambda, type LambdaEngine } from './lambda/lambda.ts';
import { createLedger, type Ledger } from './ledger/ledger.ts';
import { openLater } from './ledger/opening.ts';
import { openLogFiles } from './logs/log-files.ts';
import { createLogs } from './logs/logs.ts';
import { createMailbox } from './mailbox/mailbox.ts';
import type { SmtpRelay } from './mailbox/smtp.ts';
import { createS3 } from './s3/s3.ts';
import { createSecretsManager } from './secretsmanager/secretsmanager.ts';
import { createSns } from './sns/sns.ts';
import { createSqs, type SqsEngine } from './sqs/sqs.ts';
import { createStepFunctions, type StepFunctionsEngine } from './stepfunctions/stepfunctions.ts';
import { loadAssembly } from './template/assembly.ts';
import { bringUp, type Deployment } from './template/bring-up.ts';
import { createTimestreamEngine } from './timestream/engine.ts';
import { answerConnections } from './wire/connections-rest.ts';
import { type Credentials, createCredentials } from './wire/credentials.ts';
import { createDispatch } from './wire/dispatch.ts';
import { answerInvoke } from './wire/lambda-rest.ts';
import type { WireRequest, WireResponse } from './wire/request.ts';
import { answerS3 } from './wire/s3-rest.ts';
import { serve, type Upgrade, type WireServer } from './wire/server.ts';

export interface LaptopOptions {
  /** `cdk.out` of the stage. */
  readonly assemblyFolder: string;
  readonly dataFolder: string;
  /** Of the endpoint and the broker; 0 takes a free one. */
  readonly port: number;
  readonly mqttPort: number;
  readonly throttle?: boolean;
  /** Where mails go, besides the mailbox. */
  readonly smtp?: SmtpRelay | null;
  /** Who keeps the books; a bench looks over its shoulder. */
  readonly ledger?: Ledger;
  readonly tell: (source: string, message: string) => void;
}

export interface Laptop {
  readonly cloud: LocalCloud;
  readonly url: string;
  readonly credentials: Credentials;
  readonly deployment: Deployment;
  readonly iot: IotEngine;
  readonly kinesis: KinesisEngine;
  readonly lambda: LambdaEngine;
  readonly mappings: MappingEngine;
  readonly events: EventsEngine;
  readonly firehose: FirehoseEngine;
  readonly sqs: SqsEngine;
  readonly ledger: Ledger;
  readonly alarms: CloudWatchEngine;
  readonly metrics: Metrics;
  readonly deliveries: DeliveryQueue;
  readonly states: StepFunctionsEngine;
  readonly userPools: UserPoolEngine;
  readonly webSockets: WebSocketEngine;
  readonly appSync: AppSyncEngine;
  stop(): Promise<void>;
}

/** CDK's stages fix the account for the laptop. */
export const laptopAccountId = '000000000000';
/** A function that does not come to its end is killed, so that Ctrl-C is answered. */
const stopPatienceMs = 1500;
/** Where vite puts the operator page. */
const pageFolder = join(import.meta.dirname, '../ui/operator/dist');

export async function startLaptop(options: LaptopOptions): Promise<Laptop> {
  letHeapsGrow();
  const { dataFolder, tell } = options;
  const stacks = loadAssembly(options.assemblyFolder);
  const regions = new Set(stacks.map((stack) => stack.region));
  if (regions.size !== 1)
    throw new Error(`the assembly spans ${[...regions].join(', ') || 'no region'}; a laptop is one`);
  const ledger = options.ledger ?? createLedger();
  const metrics = createMetrics(Date.now);
  const region = [...regions][0]!;
  const books = openLater(ledger);
  const cloud = createCloud({ region, accountId: laptopAccountId, dataFolder, ledger: books.port, metrics, tell });
  const credentials = createCredentials();
  let dispatch = async (_request: WireRequest): Promise<WireResponse> => ({ statusCode: 503, headers: {}, body: '' });
  let upgrade: Upgrade = (_request, socket) => socket.destroy();
  const server = await serve(
    options.port,
    (request) => dispatch(request),
    (...args) => upgrade(...args),
  );
  const addresses = createAddresses(server.url);
  try {
    const findAsset = (key: string): string | undefined =>
      stacks.map((stack) => stack.assets.get(key)).find((path) => path !== undefined);
    const engines = await createEngines(cloud, {
      ...options,
      ledger,
      metrics,
      credentials,
      endpointUrl: server.url,
      addresses,
      findAsset,
    });
    const answerAws = createDispatch({
      credentials,
      findEngine: cloud.findEngine,
      call: cloud.call,
      callRaw: cloud.callRaw,
      special: {
        'execute-api': answerConnections,
        lambda: answerInvoke,
        s3: (request, caller, call) => answerS3(request, caller, (name, input, by) => call('s3', name, input, by)),
      },
      tell,
    });
    upgrade = (...args) => {
      if (!engines.appSync.upgrade(...args)) engines.webSockets.upgrade(...args);
    };
    const answerPeople = createFrontDoor({ cloud, ...engines, pageFolder });
    dispatch = async (request) => {
      if (isForAws(request)) return answerAws(request);
      return (await engines.functionUrls.answer(request)) ?? answerPeople(request);
    };
    const deployment = await bringUp(stacks, {
      accountId: laptopAccountId,
      findModel: cloud.findModel,
      readSecret: engines.secrets.read,
      localise: addresses.localise,
    });
    books.open();
    ledger.carryOver(engines.mappings.waitingRecords());
    await cloud.start();
    const stop = (): Promise<void> => stopAll(cloud, engines.lambda, server);
    return { cloud, url: server.url, credentials, deployment, ledger, ...engines, stop };
  } catch (error) {
    await stopAll(cloud, undefined, server);
    throw error;
  }
}

interface EngineParts extends LaptopOptions {
  readonly ledger: Ledger;
  readonly metrics: Metrics;
  readonly credentials: Credentials;
  readonly endpointUrl: string;
  readonly addresses: Addresses;
  readonly findAsset: (key: string) => string | undefined;
}

/** In the order of starting: whoever calls another comes after it. Stopping goes the other way. */
async function createEngines(cloud: LocalCloud, parts: EngineParts) {
  const { dataFolder, endpointUrl, ledger, metrics, tell } = parts;
  const logs = openLogFiles(join(dataFolder, 'logs'), (message) => tell('logs', message));
  const deliveries = openDeliveryQueue(join(dataFolder, 'deliveries.db'), cloud.nowMs, (message) =>
    tell('delivery', message),
  );
  const kinesis = createKinesis(cloud, { throttle: parts.throttle === true });
  const sqs = createSqs(cloud, { endpointUrl });
  const events = createEvents(cloud, deliveries);
  const { credentials, findAsset, addresses } = parts;
  const lambda = createLambda(cloud, { credentials, endpointUrl, findAsset, metrics, logs, deliveries });
  const mappings = createMappings(cloud, { kinesis, lambda, sqs, ledger });
  const iot = createIotEngine(cloud, {
    host: '127.0.0.1',
    port: parts.mqttPort,
    waitForRoom: mappings.waitForRoom,
  });
  const userPools = createUserPools(cloud, { endpointUrl, addresses });
  const httpApis = createHttpApis(cloud, { endpointUrl, userPools, credentials });
  const webSockets = createWebSockets(cloud, { endpointUrl });
  const appSync = createAppSync(cloud, { endpointUrl, userPools });
  const states = createStepFunctions(cloud, deliveries);
  const functionUrls = createFunctionUrls(cloud, endpointUrl);
  const cloudFront = createCloudFront(cloud, { endpointUrl });
  const customResources = createCustomResources(cloud, endpointUrl);
  const bucketDeployments = createBucketDeployments(cloud, { addresses, findAsset, findRole: lambda.findCopierRole });
  const timestream = await createTimestreamEngine(cloud, { endpointAddress: () => '127.0.0.1' });
  const delivering: Engine = {
    name: 'deliveries',
    operations: {},
    resources: {},
    start: async () => deliveries.start(),
    stop: deliveries.stop,
  };
  sqs.listeners.add((body) => reportQuarantined(ledger, body));
  for (const engine of [createLogs(cloud, logs), kinesis, sqs, createS3(cloud), createDynamoDb(cloud)])
    cloud.add(engine);
  // Last to start and first to stop: whoever is connected goes before what answers them.
  const gateways: Engine = {
    ...webSockets,
    resources: joinProtocols({ HTTP: httpApis.resources, WEBSOCKET: webSockets.models }),
  };
  const alarms = createCloudWatch(cloud, metrics);
  const firehose = createFirehose(cloud, kinesis);
  const secrets = createSecretsManager(cloud);
  const mailbox = createMailbox(join(dataFolder, 'mailbox'), parts.smtp ?? undefined);
  const sns = createSns(cloud, deliveries, mailbox);
  for (const engine of [createKms(cloud), secrets, sns, createChatbot(cloud, sns, mailbox), firehose])
    cloud.add(engine);
  for (const engine of [
    userPools,
    functionUrls,
    cloudFront,
    customResources,
    bucketDeployments,
    createGrafana(cloud),
    budgets,
    alarms,
    timestream,
    events,
    lambda,
    states,
    delivering,
    mappings,
    iot,
    gateways,
    appSync,
  ])
    cloud.add(engine);
  return {
    alarms,
    firehose,
    secrets,
    mailbox,
    kinesis,
    metrics,
    deliveries,
    sqs,
    events,
    lambda,
    states,
    mappings,
    iot,
    userPools,
    httpApis,
    webSockets,
    appSync,
    functionUrls,
    cloudFront,
    customResources,
  };
}

/** A function's quarantine message says how many samples it stands for, and from which record. */
function reportQuarantined(ledger: Ledger, body: string): void {
  if (!body.includes('"dataBase64"')) return;
  const message = JSON.parse(body) as { machineId: string; samples: number; reason: string; sequenceNumber: string };
  const { machineId, samples, reason, sequenceNumber } = message;
  ledger.quarantined(machineId, samples, reason, `${sequenceNumber} ${reason}`);
}

async function stopAll(cloud: LocalCloud, lambda: LambdaEngine | undefined, server: WireServer): Promise<void> {
  const impatience = setTimeout(() => {
    for (const found of lambda?.listFunctions() ?? []) void found.kill();
  }, stopPatienceMs);
  await cloud.stop();
  clearTimeout(impatience);
  await server.close();
}
