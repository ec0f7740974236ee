/**
 * `/oauth2/userInfo`: what a pool knows of who holds an access token of its own pages. Users here have no attributes beside
 * their name. Source: Cognito's developer guide, "The user attributes endpoint".
 */
import { createPublicKey } from 'node:crypto';
import { checkToken } from '../apigateway/jwt-authorizer.ts';
import type { WireResponse } from '../wire/request.ts';
import type { Pool } from './pool.ts';
import type { Revocations } from './revocations.ts';

export interface UserInfoParts {
  readonly pool: Pool;
  readonly clientIds: readonly string[];
  readonly revocations: Revocations;
  readonly nowMs: number;
}

export function answerUserInfo(
  authorization: string | undefined,
  { pool, clientIds, revocations, nowMs }: UserInfoParts,
): WireResponse {
  if (!/^Bearer ./i.test(authorization ?? '')) {
    return refuse(400, 'invalid_request', 'Bad OAuth2 request at UserInfo Endpoint');
  }
  const findKey = (id: string) => (id === pool.keyId ? createPublicKey(pool.key) : undefined);
  const checked = checkToken(authorization, { issuer: pool.issuer, audience: clientIds, findKey }, nowMs);
  const { sub, username, scope = '', token_use: use, origin_jti: originId = '' } = checked.ok ? checked.value : {};
  // What InitiateAuth gives has not the scope.
  if (use !== 'access' || !scope.split(' ').includes('openid') || revocations.has(originId)) {
    const says = 'Access token is expired, disabled, or deleted, or the user has globally signed out.';
    return refuse(401, 'invalid_token', says);
  }
  const headers = { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store' };
  return { statusCode: 200, headers, body: JSON.stringify({ sub, username }) };
}

const refuse = (statusCode: number, error: string, says: string): WireResponse => ({
  statusCode,
  headers: { 'www-authenticate': `error="${error}", error_description="${says}"` },
  body: '',
});
