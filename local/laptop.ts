/** The whole cloud of one assembly on this machine: engines, endpoint, resources, ledger. */
import { join } from 'node:path';
import { createAddresses } from './addresses.ts';
import { createFrontDoor, isForAws } from './apigateway/front-door.ts';
import type { WebSocketEngine } from './apigateway/web-socket-api.ts';
import type { AppSyncEngine } from './appsync/appsync.ts';
import { createCloud, type LocalCloud } from './cloud.ts';
import { createStacks } from './cloudformation/stacks.ts';
import type { CloudWatchEngine } from './cloudwatch/cloudwatch.ts';
import { createMetrics, type Metrics } from './cloudwatch/metrics.ts';
import type { UserPoolEngine } from './cognito/user-pool.ts';
import type { DeliveryQueue } from './delivery/delivery-queue.ts';
import { createEngines } from './engines.ts';
import type { MappingEngine } from './event-source-mapping/mappings.ts';
import type { EventsEngine } from './events/events.ts';
import type { FirehoseEngine } from './firehose/firehose.ts';
import { letHeapsGrow } from './heap.ts';
import type { IotEngine } from './iot/engine.ts';
import type { KinesisEngine } from './kinesis/kinesis.ts';
import type { LambdaEngine } from './lambda/lambda.ts';
import { createLedger, type Ledger } from './ledger/ledger.ts';
import { openLater } from './ledger/opening.ts';
import type { SmtpRelay } from './mailbox/smtp.ts';
import type { SqsEngine } from './sqs/sqs.ts';
import type { StepFunctionsEngine } from './stepfunctions/stepfunctions.ts';
import { loadAssembly } from './template/assembly.ts';
import { bringUp, type Deployment } from './template/bring-up.ts';
import { answerConnections } from './wire/connections-rest.ts';
import { type Credentials, createCredentials } from './wire/credentials.ts';
import { answerFaults, createDispatch } from './wire/dispatch.ts';
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
    const answerOthers = answerFaults(
      async (request) => (await engines.functionUrls.answer(request)) ?? answerPeople(request),
      tell,
    );
    dispatch = (request) => (isForAws(request) ? answerAws(request) : answerOthers(request));
    const deployment = await bringUp(stacks, {
      accountId: laptopAccountId,
      findModel: cloud.findModel,
      readSecret: engines.secrets.read,
      localise: addresses.localise,
    });
    cloud.add(createStacks(cloud, deployment));
    await engines.customResources.removeGone(deployment);
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

async function stopAll(cloud: LocalCloud, lambda: LambdaEngine | undefined, server: WireServer): Promise<void> {
  const impatience = setTimeout(() => {
    for (const found of lambda?.listFunctions() ?? []) void found.kill();
  }, stopPatienceMs);
  try {
    await cloud.stop();
  } finally {
    clearTimeout(impatience);
    await server.close();
  }
}
