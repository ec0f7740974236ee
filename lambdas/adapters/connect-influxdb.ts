import { setTimeout as waitMs } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { InfluxDbStoreEnv } from '../ports/store-env.ts';
import { InfluxDbCaller } from './influxdb-caller.ts';
import { createTokenSource } from './secret-token.ts';

export function connectInfluxDb(store: InfluxDbStoreEnv): InfluxDbCaller {
  const token = createTokenSource(new SecretsManagerClient({}), store.STORE_SECRET_ARN, Date.now);
  return new InfluxDbCaller({ token, waitMs, random: Math.random });
}
