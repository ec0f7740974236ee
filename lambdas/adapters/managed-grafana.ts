import {
  CreateWorkspaceServiceAccountCommand,
  CreateWorkspaceServiceAccountTokenCommand,
  DeleteWorkspaceServiceAccountCommand,
  type GrafanaClient,
  ListWorkspaceServiceAccountsCommand,
} from '@aws-sdk/client-grafana';
import type { GrafanaAccess, GrafanaApi } from '../ports/grafana.ts';

/** A run takes seconds; whatever happens, the token dies with the function's longest time. */
const secondsToLive = 900;

export interface ManagedGrafanaDeps {
  readonly client: GrafanaClient;
  readonly workspaceId: string;
  /** Of the service account: the stage's, so that what a run left behind is found by the next. */
  readonly accountName: string;
  readonly connect: (token: string) => GrafanaApi;
}

/**
 * Amazon Managed Grafana lets nobody write its HTTP API without a token. One is minted for each run, on a service account
 * of its own; with the account goes the token (API reference, DeleteWorkspaceServiceAccount), and each account that
 * stays is billed as a user.
 */
export class ManagedGrafana implements GrafanaAccess {
  private readonly deps: ManagedGrafanaDeps;

  constructor(deps: ManagedGrafanaDeps) {
    this.deps = deps;
  }

  async asAdministrator<T>(use: (api: GrafanaApi) => Promise<T>): Promise<T> {
    const { client, workspaceId, accountName, connect } = this.deps;
    await this.removeLeftOver();
    const account = await client.send(
      new CreateWorkspaceServiceAccountCommand({ workspaceId, name: accountName, grafanaRole: 'ADMIN' }),
    );
    const serviceAccountId = account.id ?? '';
    try {
      const minted = await client.send(
        new CreateWorkspaceServiceAccountTokenCommand({
          workspaceId,
          serviceAccountId,
          name: accountName,
          secondsToLive,
        }),
      );
      return await use(connect(minted.serviceAccountToken?.key ?? ''));
    } finally {
      await this.removeAccount(serviceAccountId);
    }
  }

  /** Of a run that was killed. */
  private async removeLeftOver(): Promise<void> {
    const { client, workspaceId, accountName } = this.deps;
    let nextToken: string | undefined;
    do {
      const page = await client.send(
        new ListWorkspaceServiceAccountsCommand({ workspaceId, ...(nextToken === undefined ? {} : { nextToken }) }),
      );
      for (const { id, name } of page.serviceAccounts ?? []) {
        if (name === accountName && id !== undefined) await this.removeAccount(id);
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }

  private async removeAccount(serviceAccountId: string): Promise<void> {
    const { client, workspaceId } = this.deps;
    await client.send(new DeleteWorkspaceServiceAccountCommand({ workspaceId, serviceAccountId }));
  }
}
