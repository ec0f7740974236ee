/**
 * Who may do what, from the synthesised roles and resource policies. A role of the account may act where its own or the
 * resource's policy allows and none denies; a service only where the resource's policy allows.
 */
import type { Access, Caller, CreatedResource, Engine, IamPort, Json, ResourceRequest } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import { managedPolicies } from './managed-policies.ts';
import { compilePolicy, type Policy, type Request, type Verdict } from './policy.ts';

interface Role {
  readonly trust: Policy;
  readonly policies: Policy[];
}

export interface Iam extends IamPort {
  readonly engine: Engine;
  authorize(caller: Caller, access: Access): void;
  listRoles(): readonly string[];
}

export function createIam(accountId: string): Iam {
  const roles = new Map<string, Role>();
  const resourcePolicies = new Map<string, Policy[]>();
  const verdicts = new Map<string, string>();

  const findRole = (nameOrArn: string): Role => {
    const arn = nameOrArn.startsWith('arn:') ? nameOrArn : formatRoleArn(accountId, nameOrArn);
    const role = roles.get(arn);
    if (role === undefined) throw new Error(`role ${nameOrArn} does not exist`);
    return role;
  };
  const addPolicy = (role: string, document: Json): void => {
    findRole(role).policies.push(compilePolicy(document));
    verdicts.clear();
  };
  const judge = (caller: Caller, access: Access): string => {
    if (caller.kind === 'owner') return '';
    const request: Request = {
      ...access,
      principal: principalOf(caller),
      context: contextOf(caller, access, accountId),
    };
    const own = caller.kind === 'role' ? (roles.get(caller.arn)?.policies ?? []) : [];
    const attached = resourcePolicies.get(policyKey(access.resource)) ?? [];
    const verdict = combine([...own, ...attached].map((policy) => policy.evaluate(request)));
    return verdict === 'allow' ? '' : explain(caller, access, verdict);
  };

  const createRole = ({ properties, physicalName }: ResourceRequest): CreatedResource => {
    const name = String(properties.RoleName ?? physicalName);
    const arn = formatRoleArn(accountId, name);
    const inline = ((properties.Policies ?? []) as Json[]).map((policy) => policy.PolicyDocument as Json);
    const managed = ((properties.ManagedPolicyArns ?? []) as string[]).map(findManagedPolicy);
    roles.set(arn, {
      trust: compilePolicy(properties.AssumeRolePolicyDocument as Json),
      policies: [...inline, ...managed].map(compilePolicy),
    });
    return { ref: name, attributes: { Arn: arn, RoleId: `AROA${name.toUpperCase()}` } };
  };
  const createPolicy = ({ properties, physicalName }: ResourceRequest): CreatedResource => {
    for (const role of (properties.Roles ?? []) as string[]) addPolicy(role, properties.PolicyDocument as Json);
    const name = String(properties.PolicyName ?? properties.ManagedPolicyName ?? physicalName);
    customPolicies.set(`arn:aws:iam::${accountId}:policy/${name}`, properties.PolicyDocument as Json);
    return { ref: name, attributes: { Id: name } };
  };
  const customPolicies = new Map<string, Json>();
  const findManagedPolicy = (arn: string): Json => {
    const document = customPolicies.get(arn) ?? managedPolicies[arn.split('policy/')[1] ?? ''];
    if (document === undefined) throw new Error(`managed policy ${arn} is not modelled here`);
    return document;
  };

  return {
    engine: {
      name: 'iam',
      operations: {},
      resources: {
        'AWS::IAM::Role': { properties: roleProperties, create: createRole },
        'AWS::IAM::Policy': { properties: policyProperties, create: createPolicy },
        'AWS::IAM::ManagedPolicy': {
          properties: [...policyProperties, 'ManagedPolicyName', 'Description', 'Path'],
          create: (request) => {
            const { ref } = createPolicy(request);
            return { ref: `arn:aws:iam::${accountId}:policy/${ref}` };
          },
        },
      },
    },
    listRoles: () => [...roles.keys()],
    assume: (roleArn, service) => {
      const request = {
        action: 'sts:AssumeRole',
        resource: roleArn,
        principal: service,
        // A service assumes a role on behalf of a resource, and here all are of one account.
        context: { ...contextOf({ kind: 'owner' }, undefined, accountId), 'aws:sourceaccount': accountId },
      };
      if (findRole(roleArn).trust.evaluate(request) !== 'allow') {
        throw new ServiceError(
          'AccessDeniedException',
          `${service} may not assume role ${roleArn}: its trust policy does not allow it`,
          403,
        );
      }
      return { kind: 'role', arn: roleArn, service };
    },
    attachPolicy: (resourceArn, document) => {
      const list = resourcePolicies.get(policyKey(resourceArn)) ?? [];
      list.push(compilePolicy(document));
      resourcePolicies.set(policyKey(resourceArn), list);
      verdicts.clear();
    },
    authorize: (caller, access) => {
      const key =
        access.context === undefined
          ? `${principalOf(caller)} ${sourceOf(caller)} ${access.action} ${access.resource}`
          : undefined;
      let denial = key === undefined ? undefined : verdicts.get(key);
      if (denial === undefined) {
        denial = judge(caller, access);
        if (key !== undefined && verdicts.size < maxCachedVerdicts) verdicts.set(key, denial);
      }
      if (denial !== '') throw new ServiceError('AccessDeniedException', denial, 403);
    },
  };
}

/** Object keys make endless resources; past this the policies are evaluated each time. */
const maxCachedVerdicts = 10_000;

const roleProperties = [
  'AssumeRolePolicyDocument.*',
  'Policies.PolicyName',
  'Policies.PolicyDocument.*',
  'ManagedPolicyArns',
  'RoleName',
  'Description',
  'MaxSessionDuration',
  'Path',
  'Tags.*',
];
const policyProperties = ['PolicyDocument.*', 'PolicyName', 'Roles'];

const formatRoleArn = (accountId: string, name: string): string => `arn:aws:iam::${accountId}:role/${name}`;

const combine = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes('deny') ? 'deny' : verdicts.includes('allow') ? 'allow' : 'nothing';

function principalOf(caller: Caller): string {
  if (caller.kind === 'owner') return 'owner';
  return caller.kind === 'role' ? caller.arn : caller.name;
}

const sourceOf = (caller: Caller): string => (caller.kind === 'service' ? caller.sourceArn : '');

/** Loopback stands in for TLS. Keys are compared without case. */
function contextOf(caller: Caller, access: Access | undefined, accountId: string): Record<string, string> {
  const context: Record<string, string> = { 'aws:securetransport': 'true' };
  for (const [key, value] of Object.entries(access?.context ?? {})) context[key.toLowerCase()] = value;
  if (caller.kind === 'service') {
    context['aws:sourcearn'] = caller.sourceArn;
    context['aws:sourceaccount'] = accountId;
    context['aws:sourceowner'] = accountId;
  }
  if (caller.kind === 'role') {
    context['aws:principalarn'] = caller.arn;
    context['aws:principalaccount'] = accountId;
  }
  return context;
}

/** A bucket's policy speaks for its objects too. */
const policyKey = (arn: string): string => (arn.startsWith('arn:aws:s3:') ? arn.split('/')[0]! : arn);

function explain(caller: Caller, access: Access, verdict: Verdict): string {
  const because =
    verdict === 'deny'
      ? 'with an explicit deny'
      : caller.kind === 'service'
        ? `because no resource-based policy allows it from ${caller.sourceArn}`
        : 'because no identity-based policy of the role allows it';
  const { action, resource } = access;
  return `${principalOf(caller)} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
}
