import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCloud, type LocalCloud } from '../../local/cloud.ts';
import { createMetrics, type Metrics } from '../../local/cloudwatch/metrics.ts';
import type { CreatedResource, Engine, Json } from '../../local/engine.ts';
import { createLedger } from '../../local/ledger/ledger.ts';
import { type Credentials, createCredentials, ownerKeyId } from '../../local/wire/credentials.ts';
import { createDispatch } from '../../local/wire/dispatch.ts';
import { answerS3 } from '../../local/wire/s3-rest.ts';
import { serve } from '../../local/wire/server.ts';

/** Engines behind the endpoint, for the SDK's own clients. */
export interface Wire {
  readonly cloud: LocalCloud;
  readonly metrics: Metrics;
  readonly credentials: Credentials;
  readonly url: string;
  readonly told: readonly string[];
  readonly clientConfig: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
  };
  create(type: string, properties: Json, logicalId?: string): Promise<CreatedResource>;
  stop(): Promise<void>;
}

export async function openWire(...engines: ((cloud: LocalCloud, url: string) => Engine)[]): Promise<Wire> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'wire-'));
  const told: string[] = [];
  const metrics = createMetrics(Date.now);
  const tell = (source: string, message: string): void => {
    told.push(`${source}: ${message}`);
  };
  const cloud = createCloud({
    region: 'us-east-1',
    accountId: '000000000000',
    dataFolder,
    ledger: createLedger(),
    metrics,
    tell,
  });
  const credentials = createCredentials();
  const { call, callRaw, findEngine } = cloud;
  const special = {
    s3: (...[request, caller]: Parameters<Parameters<typeof createDispatch>[0]['special'][string]>) =>
      answerS3(request, caller, (operation, input, by) => call('s3', operation, input, by)),
  };
  const dispatch = createDispatch({ credentials, findEngine, call, callRaw, special, tell });
  const server = await serve(0, dispatch);
  for (const make of engines) cloud.add(make(cloud, server.url));
  await cloud.start();
  return {
    ...{ cloud, metrics, credentials, told, url: server.url },
    clientConfig: {
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: ownerKeyId, secretAccessKey: 'any' },
      maxAttempts: 1,
    },
    create: async (type, properties, logicalId = 'Resource') =>
      cloud.findModel(type)!.create({ stack: 'Test', logicalId, type, properties, physicalName: `Test-${logicalId}` }),
    stop: async () => {
      try {
        await cloud.stop();
      } finally {
        await server.close();
        rmSync(dataFolder, { recursive: true, force: true });
      }
    },
  };
}
