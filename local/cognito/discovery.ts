/** What an issuer tells anybody: OpenID Connect Discovery 1.0, and its keys (RFC 7517). */
import type { KeyObject } from 'node:crypto';
import type { WireResponse } from '../wire/request.ts';

export interface Issuer {
  readonly issuer: string;
  /** Where it is to be reached here. */
  readonly url: string;
  readonly keyId: string;
  readonly key: KeyObject;
}

export function describeIssuer(path: string, { issuer, url, keyId, key }: Issuer): WireResponse | undefined {
  if (path.endsWith('/.well-known/openid-configuration')) {
    return answer({ issuer, jwks_uri: `${url}/.well-known/jwks.json` });
  }
  if (!path.endsWith('/.well-known/jwks.json')) return undefined;
  return answer({ keys: [{ ...key.export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' }] });
}

const answer = (value: unknown): WireResponse => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
