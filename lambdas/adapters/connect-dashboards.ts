import { setTimeout as waitMs } from 'node:timers/promises';
import { GrafanaClient } from '@aws-sdk/client-grafana';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { builtinMachineTypes } from '../../core/machine-types/builtin.ts';
import type { StoreEnv } from '../ports/store-env.ts';
import { writeColumns } from './dashboard-columns.ts';
import { GrafanaHttpApi } from './grafana-http-api.ts';
import { ManagedGrafana } from './managed-grafana.ts';
import { createTokenSource } from './secret-token.ts';

export interface WorkspacePlace {
  readonly STAGE: string;
  readonly WORKSPACE_ID: string;
  readonly WORKSPACE_ENDPOINT: string;
}

export const connectGrafana = ({ STAGE, WORKSPACE_ID, WORKSPACE_ENDPOINT }: WorkspacePlace): ManagedGrafana =>
  new ManagedGrafana({
    client: new GrafanaClient({}),
    workspaceId: WORKSPACE_ID,
    accountName: `factory-${STAGE}-dashboards`,
    connect: (token) => new GrafanaHttpApi({ url: `https://${WORKSPACE_ENDPOINT}`, token, waitMs }),
  });

/** InfluxDB knows no missing column. */
export function connectColumns(store: StoreEnv & { readonly STORE_DAYS: number }): (() => Promise<void>) | null {
  if (store.STORE === 'influxdb') return null;
  const client = new TimestreamWriteClient({});
  const place = { database: store.STORE_DATABASE, table: store.STORE_TABLE, storeDays: store.STORE_DAYS };
  return () => writeColumns(client, place, { types: builtinMachineTypes, nowMs: Date.now() });
}

export function connectStoreToken(store: StoreEnv): () => Promise<string> {
  if (store.STORE === 'influxdb')
    return createTokenSource(new SecretsManagerClient({}), store.STORE_SECRET_ARN, Date.now);
  return () => Promise.reject(new Error('Timestream has no token'));
}
