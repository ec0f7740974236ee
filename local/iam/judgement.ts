/** Whether a call is allowed, and the sentence that refuses it. */
import type { Access, Caller } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import type { Request, Verdict } from './policy.ts';
import { findAttached, findRole, type PolicyBook } from './policy-book.ts';

/** Object keys make endless resources; past this the policies are evaluated each time. */
const maxCachedVerdicts = 10_000;

/** Throws what the caller is refused with. */
export function authorize(book: PolicyBook, caller: Caller, access: Access): void {
  const key =
    access.context === undefined
      ? `${principalOf(caller)} ${sourceOf(caller)} ${access.action} ${access.resource}`
      : undefined;
  let denial = key === undefined ? undefined : book.denials.get(key);
  if (denial === undefined) {
    denial = judge(book, caller, access);
    if (key !== undefined && book.denials.size < maxCachedVerdicts) book.denials.set(key, denial);
  }
  if (denial !== '') throw new ServiceError('AccessDeniedException', denial, 403);
}

function judge(book: PolicyBook, caller: Caller, access: Access): string {
  if (caller.kind === 'owner') return '';
  const request: Request = {
    ...access,
    principal: principalOf(caller),
    context: contextOf(caller, access, book.accountId),
  };
  const own = caller.kind === 'role' ? (book.roles.get(caller.arn)?.policies ?? []) : [];
  const policies = [...own, ...findAttached(book, access.resource)];
  const verdict = combine(policies.map((policy) => policy.evaluate(request)));
  return verdict === 'allow' ? '' : explain(caller, access, verdict);
}

/** Throws where the role's trust policy does not let the service in. */
export function assume(book: PolicyBook, roleArn: string, service: string): Caller {
  const request = {
    action: 'sts:AssumeRole',
    resource: roleArn,
    principal: service,
    // A service assumes a role on behalf of a resource, and here all are of one account.
    context: { ...contextOf({ kind: 'owner' }, undefined, book.accountId), 'aws:sourceaccount': book.accountId },
  };
  if (findRole(book, roleArn).trust.evaluate(request) !== 'allow') {
    throw new ServiceError(
      'AccessDeniedException',
      `${service} may not assume role ${roleArn}: its trust policy does not allow it`,
      403,
    );
  }
  return { kind: 'role', arn: roleArn, service };
}

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
