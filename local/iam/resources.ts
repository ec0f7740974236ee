/** The template's side: roles and policies. */
import type { CreatedResource, Json, ResourceModel, ResourceRequest } from '../engine.ts';
import { compilePolicy } from './policy.ts';
import { addToRole, findManagedPolicy, formatRoleArn, type PolicyBook } from './policy-book.ts';

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

export const iamModels = (book: PolicyBook): Readonly<Record<string, ResourceModel>> => ({
  'AWS::IAM::Role': { properties: roleProperties, create: (request) => createRole(book, request) },
  'AWS::IAM::Policy': { properties: policyProperties, create: (request) => createPolicy(book, request) },
  'AWS::IAM::ManagedPolicy': {
    properties: [...policyProperties, 'ManagedPolicyName', 'Description', 'Path'],
    create: (request) => ({ ref: formatPolicyArn(book, createPolicy(book, request).ref) }),
  },
});

function createRole(book: PolicyBook, { properties, physicalName }: ResourceRequest): CreatedResource {
  const name = String(properties.RoleName ?? physicalName);
  const arn = formatRoleArn(book.accountId, name);
  const inline = ((properties.Policies ?? []) as Json[]).map((policy) => policy.PolicyDocument as Json);
  const managed = ((properties.ManagedPolicyArns ?? []) as string[]).map((policy) => findManagedPolicy(book, policy));
  book.roles.set(arn, {
    trust: compilePolicy(properties.AssumeRolePolicyDocument as Json),
    policies: [...inline, ...managed].map(compilePolicy),
  });
  return { ref: name, attributes: { Arn: arn, RoleId: `AROA${name.toUpperCase()}` } };
}

function createPolicy(book: PolicyBook, { properties, physicalName }: ResourceRequest): CreatedResource {
  const document = properties.PolicyDocument as Json;
  for (const role of (properties.Roles ?? []) as string[]) addToRole(book, role, document);
  const name = String(properties.PolicyName ?? properties.ManagedPolicyName ?? physicalName);
  book.managed.set(formatPolicyArn(book, name), document);
  return { ref: name, attributes: { Id: name } };
}

const formatPolicyArn = ({ accountId }: PolicyBook, name: string): string => `arn:aws:iam::${accountId}:policy/${name}`;
