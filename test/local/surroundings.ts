import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cloud, Json } from '../../local/engine.ts';

/** The cloud around one engine under test: it records what reaches the next hop, and can be told to fail. */
export function openSurroundings(nowMs: number, dataFolder = mkdtempSync(join(tmpdir(), 'factory-twin-'))) {
  const calls: { readonly service: string; readonly operation: string; readonly input: Json }[] = [];
  const told: string[] = [];
  const published: string[] = [];
  const lost: string[] = [];
  const stored: Record<string, number> = {};
  const failures = new Map<string, Error>();
  const cloud: Cloud = {
    region: 'us-east-1',
    accountId: '000000000000',
    dataFolder,
    nowMs: () => nowMs,
    ledger: {
      published: (topic) => published.push(topic),
      stored: (_, machineId, rows) => {
        stored[machineId] = (stored[machineId] ?? 0) + rows;
      },
      deadLettered: (reason) => lost.push(reason),
      repeated: () => undefined,
      consumed: () => undefined,
      putBack: () => undefined,
      givenUp: () => undefined,
      quarantined: () => undefined,
    },
    call: async (service, operation, input) => {
      const failure = failures.get(service);
      if (failure !== undefined) throw failure;
      calls.push({ service, operation, input });
      return {};
    },
    putMetric: () => undefined,
    authorize: () => undefined,
    iam: { assume: (arn) => ({ kind: 'role', arn }), attachPolicy: () => undefined },
    tell: (_, message) => told.push(message),
  };
  return {
    cloud,
    calls,
    told,
    published,
    lost,
    stored,
    dataFolder,
    fail: (service: string, error: Error) => failures.set(service, error),
    remove: () => rmSync(dataFolder, { recursive: true, force: true }),
  };
}
