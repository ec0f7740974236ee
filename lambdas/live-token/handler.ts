import { type Role, readRole } from '../../core/api/roles.ts';
import type { Log } from '../ports/telling.ts';
import { type Claims, checkToken, type TokenRules } from './token.ts';

/** What a REQUEST authorizer of a WebSocket API is asked, as far as it is used. */
export interface AuthorizerEvent {
  readonly methodArn: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly requestContext: { readonly requestId: string };
}

export interface TokenDeps extends TokenRules {
  readonly roleClaim: string;
  readonly nowMs: () => number;
  readonly log: Log;
}

/**
 * Admits whoever has a role: the feed only shows. A browser cannot send headers with a WebSocket, so the token comes as a
 * second subprotocol (`factory-twin, <token>`), never in the address, which ends up in logs; programs may send
 * `Authorization: Bearer`. Without a token that holds: 401, without a role: 403 and a line of the audit trail.
 */
export function createTokenHandler(deps: TokenDeps) {
  return async ({ headers = {}, methodArn, requestContext }: AuthorizerEvent) => {
    const checked = await checkToken(findToken(headers), deps, deps.nowMs());
    // API Gateway makes 401 of this very message.
    if (!checked.ok) throw new Error('Unauthorized');
    const name = nameOf(checked.value);
    const role = readRole(checked.value[deps.roleClaim]);
    if (role === null) {
      const { requestId } = requestContext;
      deps.log.warn('audit', { outcome: 'refused', call: 'connect', subject: name, role, requestId });
    }
    return describePolicy(methodArn, name, role);
  };
}

const nameOf = ({ username, email, sub }: Claims): string => String(username ?? email ?? sub ?? 'somebody');

/** A subprotocol that looks like a JWT is one: their own names have no dots. */
function findToken(headers: Readonly<Record<string, string>>): string {
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const bearer = /^Bearer (.+)$/i.exec(byName.get('authorization') ?? '')?.[1];
  const offered = (byName.get('sec-websocket-protocol') ?? '').split(/,\s*/);
  return bearer ?? offered.find((name) => name.split('.').length === 3) ?? '';
}

const describePolicy = (methodArn: string, name: string, role: Role | null) => ({
  principalId: name,
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: role === null ? 'Deny' : 'Allow', Resource: methodArn }],
  },
  context: { name, role: role ?? 'none' },
});
