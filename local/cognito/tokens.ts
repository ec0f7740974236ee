/** What a pool gives to who has signed in. Source: Cognito's developer guide, "Understanding user pool JSON web tokens". */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID, sign } from 'node:crypto';
import type { Client, Pool } from './pool.ts';

export interface SignedIn {
  readonly client: Client;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly authTimeS: number;
  /** The same in all tokens of one sign-in. */
  readonly originId: string;
  /** Given back in the ID token to who asked with one. */
  readonly nonce?: string | null;
}

/** As Cognito answers; names as OAuth 2.0 spells them. */
export interface Tokens {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
  readonly token_type: 'Bearer';
}

export function issueTokens(signedIn: SignedIn, nowS: number): Tokens {
  const { client, scopes } = signedIn;
  return {
    access_token: issueAccessToken(signedIn, nowS),
    ...(scopes.includes('openid') ? { id_token: issueIdToken(signedIn, nowS) } : {}),
    expires_in: client.validS.access,
    token_type: 'Bearer',
  };
}

export function issueAccessToken(signedIn: SignedIn, nowS: number): string {
  const { client, name, scopes } = signedIn;
  return signClaims(client.pool, {
    ...commonClaims(signedIn, nowS, client.validS.access),
    client_id: client.id,
    token_use: 'access',
    scope: scopes.join(' '),
    username: name,
  });
}

function issueIdToken(signedIn: SignedIn, nowS: number): string {
  const { client, name, nonce } = signedIn;
  return signClaims(client.pool, {
    ...commonClaims(signedIn, nowS, client.validS.id),
    aud: client.id,
    token_use: 'id',
    'cognito:username': name,
    ...(nonce == null ? {} : { nonce }),
  });
}

const commonClaims = ({ client, name, authTimeS, originId }: SignedIn, nowS: number, validS: number) => ({
  sub: name,
  'cognito:groups': [name],
  iss: client.pool.issuer,
  auth_time: authTimeS,
  iat: nowS,
  exp: nowS + validS,
  jti: randomUUID(),
  ...(client.canRevoke ? { origin_jti: originId } : {}),
});

function signClaims(pool: Pool, claims: object): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: pool.keyId })}.${encode(claims)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), pool.key).toString('base64url')}`;
}

/** Encrypted, as Cognito's: only the pool can read it, no API takes it for an access token, and it holds over a restart. */
export function sealRefreshToken({ client, name, scopes, authTimeS, originId }: SignedIn, nowS: number): string {
  const kept: Kept = { clientId: client.id, name, scopes, authTimeS, originId, untilS: nowS + client.validS.refresh };
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', refreshKey(client.pool), iv);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(kept)), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

interface Kept extends Pick<SignedIn, 'name' | 'scopes' | 'authTimeS' | 'originId'> {
  readonly clientId: string;
  readonly untilS: number;
}

/** Null for what is no refresh token of this client, or no longer. */
export function openRefreshToken(token: string, client: Client, nowS: number): SignedIn | null {
  const kept = unseal(Buffer.from(token, 'base64url'), client.pool);
  if (kept === null || kept.clientId !== client.id || kept.untilS <= nowS) return null;
  const { name, scopes, authTimeS, originId } = kept;
  return { client, name, scopes, authTimeS, originId };
}

const ivBytes = 12;
const tagBytes = 16;

function unseal(bytes: Buffer, pool: Pool): Kept | null {
  const sealedAt = ivBytes + tagBytes;
  if (bytes.length < sealedAt) return null;
  const decipher = createDecipheriv('aes-256-gcm', refreshKey(pool), bytes.subarray(0, ivBytes));
  decipher.setAuthTag(bytes.subarray(ivBytes, sealedAt));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(sealedAt)), decipher.final()]).toString();
    return JSON.parse(text) as Kept;
  } catch {
    // Not sealed by this pool; the caller says so.
    return null;
  }
}

const refreshKey = ({ key }: Pool): Buffer =>
  Buffer.from(hkdfSync('sha256', key.export({ type: 'pkcs8', format: 'der' }), '', 'refresh tokens', 32));
