/**
 * Who may do what, from the synthesised roles and resource policies. A role of the account may act where its own or the
 * resource's policy allows and none denies; a service only where the resource's policy allows.
 */
import type { Access, Caller, Engine, IamPort } from '../engine.ts';
import { assume, authorize } from './judgement.ts';
import { attachToResource, openPolicyBook } from './policy-book.ts';
import { iamModels } from './resources.ts';

export interface Iam extends IamPort {
  readonly engine: Engine;
  authorize(caller: Caller, access: Access): void;
  listRoles(): readonly string[];
}

export function createIam(accountId: string): Iam {
  const book = openPolicyBook(accountId);
  return {
    engine: { name: 'iam', operations: {}, resources: iamModels(book) },
    listRoles: () => [...book.roles.keys()],
    assume: (roleArn, service) => assume(book, roleArn, service),
    attachPolicy: (resourceArn, document) => attachToResource(book, resourceArn, document),
    authorize: (caller, access) => authorize(book, caller, access),
  };
}
