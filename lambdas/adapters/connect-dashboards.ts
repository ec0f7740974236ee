import { setTimeout as waitMs } from 'node:timers/promises';
import { GrafanaClient } from '@aws-sdk/client-grafana';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { StoreEnv } from '../ports/store-env.ts';
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

export function connectStoreToken(store: StoreEnv): () => Promise<string> {
  if (store.STORE === 'influxdb')
    return createTokenSource(new SecretsManagerClient({}), store.STORE_SECRET_ARN, Date.now);
  return () => Promise.reject(new Error('Timestream has no token'));
}
