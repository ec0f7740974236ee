import {
  CreateWorkspaceServiceAccountCommand,
  CreateWorkspaceServiceAccountTokenCommand,
  DeleteWorkspaceServiceAccountCommand,
  GrafanaClient,
  ListWorkspaceServiceAccountsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-grafana';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GrafanaHttpApi } from '../../../lambdas/adapters/grafana-http-api.ts';
import { ManagedGrafana } from '../../../lambdas/adapters/managed-grafana.ts';
import { type ContentParts, type DashboardJson, describeContent } from '../../../lambdas/dashboards/content.ts';
import { createDashboardsHandler, type ResourceAnswer } from '../../../lambdas/dashboards/handler.ts';
import type { StoreEnv } from '../../../lambdas/ports/store-env.ts';
import { renderDashboards } from '../../../ui/grafana/all.ts';
import { sourceUids } from '../../../ui/grafana/dashboard.ts';
import { laptopPlant } from '../../../ui/grafana/laptop-plant.ts';
import { type GrafanaServer, startGrafana } from './grafana-server.ts';

const timestream: StoreEnv = {
  STORE: 'timestream',
  STORE_DATABASE: 'factory',
  STORE_TABLE: 'samples',
  STORE_ROLLUPS: 'm,h,d',
};
const influxDb: StoreEnv = {
  STORE: 'influxdb',
  STORE_URL: 'https://store:8181',
  STORE_DATABASE: 'factory',
  STORE_RETENTION_DAYS: '30',
  STORE_SECRET_ARN: 'arn:secret',
};
const accountName = 'factory-dev-dashboards';
const aws = mockClient(GrafanaClient);
let grafana: GrafanaServer;
let answers: ResourceAnswer[];

beforeEach(async () => {
  grafana = await startGrafana('minted');
  answers = [];
  aws.reset();
  aws.on(ListWorkspaceServiceAccountsCommand).resolves({ serviceAccounts: [], workspaceId: 'g-1' });
  aws.on(CreateWorkspaceServiceAccountCommand).resolves({ id: '42' });
  aws
    .on(CreateWorkspaceServiceAccountTokenCommand)
    .resolves({ serviceAccountToken: { id: '1', name: accountName, key: 'minted' } });
  aws.on(DeleteWorkspaceServiceAccountCommand).resolves({});
});
afterEach(() => grafana.close());

function createHandler(store: StoreEnv = timestream, plant = laptopPlant) {
  const dashboards = Object.values(renderDashboards(store.STORE, plant)) as DashboardJson[];
  const parts: ContentParts = {
    store,
    region: 'us-east-1',
    uids: sourceUids,
    dashboards,
    loadToken: async () => 'of-the-store',
  };
  const handle = createDashboardsHandler({
    access: new ManagedGrafana({
      client: new GrafanaClient({ region: 'us-east-1' }),
      workspaceId: 'g-1',
      accountName,
      connect: (token) => new GrafanaHttpApi({ url: grafana.url, token, waitMs: async () => undefined }),
    }),
    describe: () => describeContent(parts),
    answer: async (_, answer) => void answers.push(answer),
    resourceId: accountName,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  return async (RequestType: 'Create' | 'Update' | 'Delete', PhysicalResourceId?: string): Promise<ResourceAnswer> => {
    await handle({
      RequestType,
      ResponseURL: 'https://cloudformation.example/answer',
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Content',
      ...(PhysicalResourceId === undefined ? {} : { PhysicalResourceId }),
    });
    return answers.at(-1)!;
  };
}

const accountsDeleted = (): unknown[] =>
  aws.commandCalls(DeleteWorkspaceServiceAccountCommand).map(({ args }) => args[0].input.serviceAccountId);

describe('filling a Grafana workspace', () => {
  it('installs the plugin, makes data sources, folder and dashboards, and answers CloudFormation', async () => {
    const answer = await createHandler()('Create');
    expect(answer).toEqual({
      Status: 'SUCCESS',
      Reason: 'done',
      PhysicalResourceId: accountName,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Content',
    });
    expect([...grafana.plugins]).toEqual(['grafana-timestream-datasource']);
    expect([...grafana.dataSources.keys()]).toEqual([sourceUids.store, sourceUids.cloudwatch]);
    expect(grafana.dataSources.get(sourceUids.store)).toMatchObject({
      jsonData: { authType: 'ec2_iam_role', defaultDatabase: '"factory"', defaultTable: '"samples"' },
    });
    expect([...grafana.folders.keys()]).toEqual(['factory-twin']);
    expect(grafana.dashboards.size).toBe(5);
    for (const { meta } of grafana.dashboards.values()) expect(meta).toEqual({ folderUid: 'factory-twin' });
  });

  it('changes nothing at a second run', async () => {
    const handle = createHandler();
    await handle('Create');
    grafana.changes.length = 0;
    expect(await handle('Update', 'as-first-answered')).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'as-first-answered',
    });
    expect(grafana.changes).toEqual([]);
  });

  it('writes again what a person or another stage setting changed, and nothing else', async () => {
    await createHandler()('Create');
    const uid = 'factory-twin-health';
    const { dashboard, meta } = grafana.dashboards.get(uid)!;
    grafana.dashboards.set(uid, { dashboard: { ...dashboard, title: 'Mine' }, meta });
    grafana.folders.set('factory-twin', { uid: 'factory-twin', title: 'Mine' });
    grafana.changes.length = 0;
    await createHandler()('Update');
    expect(grafana.changes).toEqual(['PUT /api/folders/factory-twin', 'POST /api/dashboards/db']);
    grafana.changes.length = 0;
    await createHandler(timestream, { ...laptopPlant, pageUrl: 'https://moved.example' })('Update');
    expect(grafana.changes).toEqual(Array.from({ length: 5 }, () => 'POST /api/dashboards/db'));
  });

  it('gives Grafana the token of InfluxDB where it never comes out again, and installs no plugin for it', async () => {
    const handle = createHandler(influxDb);
    expect(await handle('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect([...grafana.plugins]).toEqual([]);
    expect(grafana.dataSources.get(sourceUids.store)).toMatchObject({ type: 'influxdb', url: 'https://store:8181' });
    expect(JSON.stringify([...grafana.dataSources.values()])).not.toContain('of-the-store');
    grafana.changes.length = 0;
    await handle('Update');
    expect(grafana.changes).toEqual([`PUT /api/datasources/uid/${sourceUids.store}`]);
  });

  it('takes everything away when the stage goes, and again when there is nothing left', async () => {
    const handle = createHandler();
    await handle('Create');
    expect(await handle('Delete', accountName)).toMatchObject({ Status: 'SUCCESS' });
    expect([grafana.dashboards.size, grafana.folders.size, grafana.dataSources.size]).toEqual([0, 0, 0]);
    expect(await handle('Delete', accountName)).toMatchObject({ Status: 'SUCCESS' });
  });

  it('leaves a folder in which somebody keeps a dashboard of his own', async () => {
    const handle = createHandler();
    await handle('Create');
    grafana.dashboards.set('mine', { dashboard: { uid: 'mine' }, meta: { folderUid: 'factory-twin' } });
    expect(await handle('Delete', accountName)).toMatchObject({ Status: 'SUCCESS' });
    expect([...grafana.dashboards.keys()]).toEqual(['mine']);
    expect([...grafana.folders.keys()]).toEqual(['factory-twin']);
  });

  it('lets a stack go whose workspace is gone already', async () => {
    aws.on(ListWorkspaceServiceAccountsCommand).rejects(
      new ResourceNotFoundException({
        $metadata: {},
        message: 'no workspace g-1',
        resourceId: 'g-1',
        resourceType: 'workspace',
      }),
    );
    expect(await createHandler()('Delete', accountName)).toMatchObject({ Status: 'SUCCESS' });
    expect(await createHandler()('Update', accountName)).toMatchObject({
      Status: 'FAILED',
      Reason: 'no workspace g-1',
    });
  });
});

describe('when something fails', () => {
  it.each([429, 500, 503])('asks once more after a %i', async (status) => {
    grafana.fail('/api/folders', status, 1);
    expect(await createHandler()('Create')).toMatchObject({ Status: 'SUCCESS' });
  });

  it('names the step and what Grafana said, and deletes the token all the same', async () => {
    grafana.fail('/api/dashboards/uid/factory-twin-tool-wear', 500, 2);
    const answer = await createHandler()('Create');
    expect(answer).toMatchObject({
      Status: 'FAILED',
      Reason: 'dashboard factory-twin-tool-wear: Grafana answered 500: as the test wants it',
      PhysicalResourceId: accountName,
    });
    expect(accountsDeleted()).toEqual(['42']);
  });

  it('does not ask again what Grafana refuses', async () => {
    grafana.fail('/api/plugins', 403, 1);
    const { Reason } = await createHandler()('Create');
    expect(Reason).toBe('plugin grafana-timestream-datasource: Grafana answered 403: as the test wants it');
  });

  it('deletes the account also when no token came of it', async () => {
    aws.on(CreateWorkspaceServiceAccountTokenCommand).rejects(new Error('quota'));
    expect(await createHandler()('Create')).toMatchObject({ Status: 'FAILED', Reason: 'quota' });
    expect(accountsDeleted()).toEqual(['42']);
  });

  it('clears away the account that a killed run left, and no other', async () => {
    const account = (id: string, name: string) => ({ id, name, isDisabled: 'false', grafanaRole: 'ADMIN' as const });
    aws
      .on(ListWorkspaceServiceAccountsCommand)
      .resolvesOnce({ serviceAccounts: [account('7', 'of-a-person')], nextToken: 'more', workspaceId: 'g-1' })
      .resolves({ serviceAccounts: [account('9', accountName)], workspaceId: 'g-1' });
    await createHandler()('Create');
    expect(accountsDeleted()).toEqual(['9', '42']);
  });

  it('mints a token that dies soon, for an administrator of this workspace alone', async () => {
    await createHandler()('Create');
    const [account] = aws.commandCalls(CreateWorkspaceServiceAccountCommand);
    expect(account!.args[0].input).toEqual({ workspaceId: 'g-1', name: accountName, grafanaRole: 'ADMIN' });
    const [token] = aws.commandCalls(CreateWorkspaceServiceAccountTokenCommand);
    expect(token!.args[0].input).toMatchObject({ workspaceId: 'g-1', serviceAccountId: '42', secondsToLive: 900 });
  });
});
