import type { GrafanaAccess } from '../ports/grafana.ts';
import type { Log } from '../ports/telling.ts';
import type { Content } from './content.ts';
import { provision, unprovision } from './provision.ts';

/** What CloudFormation asks of a custom resource (its user guide, "Custom resource request objects"). */
export interface ResourceRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
}

export interface ResourceAnswer
  extends Pick<ResourceRequest, 'StackId' | 'RequestId' | 'LogicalResourceId'>,
    Readonly<{ Status: 'SUCCESS' | 'FAILED'; Reason: string; PhysicalResourceId: string }> {}

export interface DashboardsDeps {
  readonly access: GrafanaAccess;
  readonly describe: () => Promise<Content>;
  readonly answer: (url: string, answer: ResourceAnswer) => Promise<void>;
  /** Never changes: another one would make CloudFormation delete what was just made. */
  readonly resourceId: string;
  readonly log: Log;
}

/** Fills a Grafana workspace at a deployment and empties it at the stage's end. CloudFormation always gets an answer. */
export function createDashboardsHandler(deps: DashboardsDeps) {
  return async (request: ResourceRequest): Promise<void> => {
    const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = deps.resourceId } = request;
    const same = { StackId, RequestId, LogicalResourceId, PhysicalResourceId };
    const reason = await attempt(deps, request.RequestType);
    const outcome =
      reason === null ? { Status: 'SUCCESS' as const, Reason: 'done' } : { Status: 'FAILED' as const, Reason: reason };
    deps.log[reason === null ? 'info' : 'error']('dashboards', { request: request.RequestType, ...outcome });
    await deps.answer(request.ResponseURL, { ...same, ...outcome });
  };
}

async function attempt(deps: DashboardsDeps, type: ResourceRequest['RequestType']): Promise<string | null> {
  try {
    const content = await deps.describe();
    const act = type === 'Delete' ? unprovision : provision;
    await deps.access.asAdministrator((api) => act(api, content));
    return null;
  } catch (error) {
    // The workspace is gone, and with it all that was in it.
    if (type === 'Delete' && (error as Error).name === 'ResourceNotFoundException') return null;
    return error instanceof Error ? error.message : String(error);
  }
}
