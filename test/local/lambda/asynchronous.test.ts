import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMetrics } from '../../../local/cloudwatch/metrics.ts';
import type { DeliveryHandler, DeliveryQueue } from '../../../local/delivery/delivery-queue.ts';
import { createLambda } from '../../../local/lambda/lambda.ts';
import { openLogFiles } from '../../../local/logs/log-files.ts';
import { createCredentials } from '../../../local/wire/credentials.ts';
import { openWire, type Wire } from '../wire.ts';

let wire: Wire;
let deliver: DeliveryHandler;

beforeAll(async () => {
  const handle: DeliveryQueue['handle'] = (_kind, handler) => {
    deliver = handler;
  };
  const deliveries = { handle } as DeliveryQueue;
  wire = await openWire((cloud, endpointUrl) => {
    const folder = join(cloud.dataFolder, 'asset');
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.mjs'), 'export const handler = async () => { throw new Error("no"); };');
    const metrics = createMetrics(Date.now);
    const logs = openLogFiles(join(cloud.dataFolder, 'logs'), () => undefined);
    const parts = { endpointUrl, deliveries, logs, metrics, credentials: createCredentials() };
    return createLambda(cloud, { ...parts, findAsset: () => folder });
  });
  const AssumeRolePolicyDocument = {
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
  };
  const role = await wire.create('AWS::IAM::Role', { AssumeRolePolicyDocument }, 'Worker');
  const create = (FunctionName: string, ReservedConcurrentExecutions: number) =>
    wire.create('AWS::Lambda::Function', {
      ...{ FunctionName, ReservedConcurrentExecutions, Handler: 'index.handler', Runtime: 'nodejs24.x' },
      ...{ Role: role.attributes!.Arn, Code: { S3Bucket: 'assets', S3Key: 'asset' } },
    });
  await create('throttled', 0);
  await create('failing', 1);
});
afterAll(() => wire.stop());

const minuteMs = 60_000;
const verdictOn = (functionName: string, attempt: number, agoMs: number) =>
  deliver({ functionName, event: {} }, attempt, wire.cloud.nowMs() - agoMs);

it('waits ever longer for a free container, which is no attempt', async () => {
  expect(await verdictOn('throttled', 1, 0)).toEqual({ retryInMs: 1000, isNoAttempt: true });
  const { retryInMs } = (await verdictOn('throttled', 1, minuteMs)) as { retryInMs: number };
  expect(retryInMs).toBeGreaterThanOrEqual(minuteMs);
  expect(retryInMs).toBeLessThan(minuteMs + 1000);
  expect(await verdictOn('throttled', 3, 60 * minuteMs)).toEqual({ retryInMs: 5 * minuteMs, isNoAttempt: true });
});

it('drops an event that waited six hours for a free container, and says so', async () => {
  expect(await verdictOn('throttled', 1, 360 * minuteMs)).toBe('done');
  expect(wire.told.join()).toContain('throttled had no free container for six hours and its event is dropped');
});

it('tries twice again what the function itself failed at', async () => {
  expect(await verdictOn('failing', 1, 0)).toEqual({ retryInMs: minuteMs });
  expect(await verdictOn('failing', 2, minuteMs)).toEqual({ retryInMs: 2 * minuteMs });
  expect(await verdictOn('failing', 3, 3 * minuteMs)).toBe('done');
  expect(wire.told.join()).toContain('failing failed three times');
});
