import { Template } from 'aws-cdk-lib/assertions';
import type { StageInput } from '../../lib/stage.ts';
import { type Resource, synthesise } from './synthesis.ts';

/** Everything that a stage may switch on. */
export const everything: Partial<StageInput> = {
  alertEmails: ['maintenance@plant.example'],
  alerting: {
    routes: [{ channel: 'slack' }, { channel: 'webhook' }, { channel: 'amazon_q' }],
    phones: { critical: ['+491701234567'] },
    slackButtons: true,
    amazonQ: { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' },
  },
  maintenance: { cmms: { url: 'https://cmms.plant.example/orders' } },
  grafana: {},
};

export interface StageResource extends Resource {
  readonly stack: string;
}

interface TemplateJson {
  readonly Resources: Readonly<Record<string, { Type: string; Properties?: Readonly<Record<string, unknown>> }>>;
  readonly Outputs?: Readonly<Record<string, { Export?: { Name: string } }>>;
}

/** All stacks of a stage as one: their resources, and what each gives to and takes from the others. */
export function openWholeStage(stageName: string, overrides: Partial<StageInput>) {
  const { stacks, api, operations, desk, grafana } = synthesise(stageName, overrides);
  const templates = [...stacks, api, operations, desk, ...(grafana === null ? [] : [grafana])].map((stack) => ({
    stack: stack.stackName.split('-').at(-1)!,
    json: Template.fromStack(stack).toJSON() as TemplateJson,
  }));
  const resources: StageResource[] = templates.flatMap(({ stack, json }) =>
    Object.entries(json.Resources).map(([id, { Type, Properties }]) => ({
      ...{ stack, id, type: Type },
      properties: Properties ?? {},
    })),
  );
  const exports = templates.flatMap(({ json }) =>
    Object.values(json.Outputs ?? {}).flatMap(({ Export }) => (Export === undefined ? [] : [Export.Name])),
  );
  const imports = templates.map(({ stack, json }) => ({
    stack,
    names: Array.from(JSON.stringify(json).matchAll(/"Fn::ImportValue":"([^"]+)"/g), ([, name]) => name!),
  }));
  return { resources, exports, imports, of: (type: string) => resources.filter((one) => one.type === type) };
}

export type WholeStage = ReturnType<typeof openWholeStage>;

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Effect: string;
}

/**
 * What each role may do, its own log group aside: lines like `dynamodb:GetItem PutItem on ShardStateLeases`, resources by
 * their logical id without its hash.
 */
export function permissionsByRole(stage: WholeStage): Record<string, string[]> {
  const nameOf = createNamer(stage.resources.map(({ id }) => id));
  const found: Record<string, string[]> = {};
  for (const { properties } of stage.resources.filter(({ type }) => /IAM::(Managed)?Policy$/.test(type))) {
    const { Statement } = properties.PolicyDocument as { Statement: Statement[] };
    const lines = Statement.map(({ Action, Resource }) => describe([Action].flat(), [Resource].flat().map(nameOf)));
    const roles = (properties.Roles ?? []) as { Ref: string }[];
    const holders = roles.length > 0 ? roles.map(({ Ref }) => nameOf({ Ref })) : ['people and programs'];
    for (const holder of holders) found[holder] = [...(found[holder] ?? []), ...lines].sort();
  }
  for (const [role, lines] of Object.entries(found)) {
    const own = `logs:CreateLogStream PutLogEvents on ${role.replace(/Role$/, 'Logs')}`;
    found[role] = lines.filter((line) => line !== own);
  }
  return found;
}

function describe(actions: readonly string[], resources: readonly string[]): string {
  const [service] = actions[0]!.split(':');
  const names = actions.map((action) =>
    action.startsWith(`${service}:`) ? action.slice(service!.length + 1) : action,
  );
  return `${service}:${names.sort().join(' ')} on ${[...new Set(resources)].sort().join(', ')}`;
}

/** `Leases/index/live`: the resource of ours that is meant, or what the account calls it, and what follows it. */
function createNamer(ids: readonly string[]) {
  const longestFirst = ids.toSorted((a, b) => b.length - a.length);
  return (resource: unknown): string => {
    const text = JSON.stringify(resource);
    const id = longestFirst.find((one) => text.includes(one));
    const parts = (resource as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join']?.[1] ?? [resource];
    const last = parts.at(-1);
    const tail = typeof last === 'string' ? last : '';
    return id === undefined ? tail : id.replace(/[0-9A-F]{8}$/, '') + tail;
  };
}
