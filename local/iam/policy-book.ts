/** Every policy that is in force, by whose it is. */
import type { Json } from '../engine.ts';
import { managedPolicies } from './managed-policies.ts';
import { compilePolicy, type Policy } from './policy.ts';

interface Role {
  readonly trust: Policy;
  readonly policies: Policy[];
}

export interface PolicyBook {
  readonly accountId: string;
  /** By ARN. */
  readonly roles: Map<string, Role>;
  /** Resources' own, by ARN; a bucket's speak for its objects. */
  readonly attached: Map<string, Policy[]>;
  /** Documents of the account's managed policies, by ARN. */
  readonly managed: Map<string, Json>;
  /** Why a call is refused, '' for one that is allowed; a change of any policy opens every question again. */
  readonly denials: Map<string, string>;
}

export const openPolicyBook = (accountId: string): PolicyBook => ({
  accountId,
  roles: new Map(),
  attached: new Map(),
  managed: new Map(),
  denials: new Map(),
});

export const formatRoleArn = (accountId: string, name: string): string => `arn:aws:iam::${accountId}:role/${name}`;

export function findRole({ roles, accountId }: PolicyBook, nameOrArn: string): Role {
  const arn = nameOrArn.startsWith('arn:') ? nameOrArn : formatRoleArn(accountId, nameOrArn);
  const role = roles.get(arn);
  if (role === undefined) throw new Error(`role ${nameOrArn} does not exist`);
  return role;
}

export function addToRole(book: PolicyBook, role: string, document: Json): void {
  findRole(book, role).policies.push(compilePolicy(document));
  book.denials.clear();
}

export function attachToResource({ attached, denials }: PolicyBook, resourceArn: string, document: Json): void {
  const list = attached.get(policyKey(resourceArn)) ?? [];
  list.push(compilePolicy(document));
  attached.set(policyKey(resourceArn), list);
  denials.clear();
}

export const findAttached = ({ attached }: PolicyBook, resourceArn: string): readonly Policy[] =>
  attached.get(policyKey(resourceArn)) ?? [];

export function findManagedPolicy({ managed }: PolicyBook, arn: string): Json {
  const document = managed.get(arn) ?? managedPolicies[arn.split('policy/')[1] ?? ''];
  if (document === undefined) throw new Error(`managed policy ${arn} is not modelled here`);
  return document;
}

/** A bucket's policy speaks for its objects too. */
const policyKey = (arn: string): string => (arn.startsWith('arn:aws:s3:') ? arn.split('/')[0]! : arn);
