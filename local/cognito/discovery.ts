/** What an issuer tells anybody: OpenID Connect Discovery 1.0, and its keys (RFC 7517). */
import { createPublicKey } from 'node:crypto';
import type { WireResponse } from '../wire/request.ts';
import type { Pool } from './pool.ts';

/** The keys are to be reached here; the pages too, where the pool has any. */
export function describeIssuer(path: string, pool: Pool, endpointUrl: string): WireResponse | undefined {
  const { id, issuer, keyId, domain } = pool;
  if (path.endsWith('/.well-known/openid-configuration')) {
    const pages = domain === null ? {} : describePages(endpointUrl);
    return answer({ issuer, jwks_uri: `${endpointUrl}/${id}/.well-known/jwks.json`, ...pages });
  }
  if (!path.endsWith('/.well-known/jwks.json')) return undefined;
  const key = createPublicKey(pool.key).export({ format: 'jwk' });
  return answer({ keys: [{ ...key, kid: keyId, alg: 'RS256', use: 'sig' }] });
}

const describePages = (url: string) => ({
  authorization_endpoint: `${url}/oauth2/authorize`,
  token_endpoint: `${url}/oauth2/token`,
  userinfo_endpoint: `${url}/oauth2/userInfo`,
  revocation_endpoint: `${url}/oauth2/revoke`,
  end_session_endpoint: `${url}/logout`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  token_endpoint_auth_methods_supported: ['none'],
});

const answer = (value: unknown): WireResponse => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
