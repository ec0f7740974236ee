import type { StageInput } from './stage.ts';

/** The laptop: small, quick to show a change, everything gone with the folder. */
const local: StageInput = {
  name: 'local',
  region: 'us-east-1',
  account: '000000000000',
  fleet: { machines: 100, samplesPerMachinePerS: 1, samplesPerMessage: 1 },
  store: 'timestream',
  retention: { storeHours: 24, storeDays: 30, streamHours: 24, archiveDays: 30, logDays: 7 },
  capacity: { mode: 'provisioned', shards: 2 },
  detection: {
    memoryMb: 512,
    timeoutS: 60,
    batchSize: 1000,
    batchWindowS: 0,
    retries: 100,
    maxRecordAgeHours: 24,
    twinEveryS: 3,
    checkpointEveryS: 30,
  },
  live: { everyS: 1 },
  alertEmails: ['operator@localhost.example'],
  // Switched off until somebody puts an address in the secret.
  alerting: { routes: [{ channel: 'webhook' }], slackButtons: true },
  removal: 'destroy',
  monthlyBudgetUsd: 1,
  laptop: true,
};

/** A trial of a few machines in an account of one's own: one shard, short memory, cheap to leave standing. */
const dev: StageInput = {
  name: 'dev',
  region: 'us-east-1',
  fleet: { machines: 10, samplesPerMachinePerS: 1, samplesPerMessage: 5 },
  store: 'timestream',
  retention: { storeHours: 24, storeDays: 30, streamHours: 24, archiveDays: 90, logDays: 14 },
  capacity: { mode: 'provisioned', shards: 1 },
  detection: {
    memoryMb: 512,
    timeoutS: 60,
    batchSize: 500,
    batchWindowS: 0,
    retries: 5,
    maxRecordAgeHours: 24,
    twinEveryS: 10,
    checkpointEveryS: 30,
  },
  alertEmails: [],
  removal: 'destroy',
  monthlyBudgetUsd: 60,
};

/** A plant of two hundred machines: a week to mend a consumer, data kept when a stack is removed. */
const prod: StageInput = {
  name: 'prod',
  region: 'us-east-1',
  fleet: { machines: 200, samplesPerMachinePerS: 1, samplesPerMessage: 5 },
  store: 'timestream',
  retention: { storeHours: 48, storeDays: 730, streamHours: 168, archiveDays: 3650, logDays: 90 },
  capacity: { mode: 'provisioned', shards: 2 },
  detection: {
    memoryMb: 1024,
    timeoutS: 60,
    batchSize: 500,
    batchWindowS: 0,
    retries: 10,
    maxRecordAgeHours: 48,
    twinEveryS: 10,
    checkpointEveryS: 30,
  },
  alertEmails: [],
  grafana: {},
  removal: 'retain',
  monthlyBudgetUsd: 600,
};

export const suppliedStages: Readonly<Record<string, StageInput>> = { local, dev, prod };
