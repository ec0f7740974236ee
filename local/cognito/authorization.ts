/**
 * What a client asks of `/oauth2/authorize` and `/login`. A fault is told to the client at its registered address; when the
 * client or the address is in doubt, it is told to the person alone, who is sent nowhere (RFC 6749, 4.1.2.1). The names of
 * the errors: Cognito's developer guide, "The redirect and authorization endpoint".
 */
import { failure, type Result, success } from '../../core/result.ts';
import type { Client } from './pool.ts';

export interface Authorization {
  readonly client: Client;
  readonly redirectUri: string;
  readonly state: string | null;
  readonly scopes: readonly string[];
  /** Of PKCE (RFC 7636), S256; null for a client that does without. */
  readonly challenge: string | null;
  readonly nonce: string | null;
}

export type Refusal = { readonly says: string } | { readonly sendTo: string };

export function readAuthorization(
  query: URLSearchParams,
  findClient: (id: string) => Client | undefined,
): Result<Authorization, Refusal> {
  const client = findClient(query.get('client_id') ?? '');
  if (client?.oauth == null) return failure({ says: 'Client does not exist.' });
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client.oauth.callbackUrls.includes(redirectUri)) return failure({ says: 'redirect_mismatch' });
  const scopes = readScopes(query, client.oauth.scopes);
  const state = query.get('state');
  const error = findError(query, scopes, client.oauth.scopes);
  if (error !== null) return failure({ sendTo: sendBack(redirectUri, { error, state }) });
  const challenge = query.get('code_challenge');
  return success({ client, redirectUri, state, scopes, challenge, nonce: query.get('nonce') });
}

/** Who asks for none gets all of the client's. */
function readScopes(query: URLSearchParams, allowed: readonly string[]): readonly string[] {
  const asked = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  return asked.length === 0 ? allowed : asked;
}

function findError(query: URLSearchParams, scopes: readonly string[], allowed: readonly string[]): string | null {
  const type = query.get('response_type');
  if (type === 'token') return 'unauthorized_client';
  const method = query.get('code_challenge_method');
  if (type !== 'code' || query.has('code_challenge') !== (method !== null)) return 'invalid_request';
  if (method !== null && method !== 'S256') return 'invalid_request';
  if ((query.get('identity_provider') ?? 'COGNITO') !== 'COGNITO') return 'invalid_request';
  return scopes.every((scope) => allowed.includes(scope)) ? null : 'invalid_scope';
}

export function sendBack(redirectUri: string, answer: Readonly<Record<string, string | null>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
}
