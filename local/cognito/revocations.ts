/**
 * `/oauth2/revoke`: a refresh token ends, and what was given for it is no longer told about anybody. An authorizer that looks
 * at signatures alone takes it until it expires, as on AWS. Source: Cognito's developer guide, "The token revocation endpoint".
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../replace-file.ts';
import type { Client } from './pool.ts';
import { openRefreshToken } from './tokens.ts';

/** By the `origin_jti` that all tokens of one sign-in share. */
export interface Revocations {
  has(originId: string): boolean;
  /** Until then it would have held. */
  add(originId: string, untilS: number): void;
}

/** Kept over a restart, as the tokens are. */
export function openRevocations(file: string, nowMs: () => number): Revocations {
  const revoked = new Map<string, number>(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
  return {
    has: (originId) => revoked.has(originId),
    add: (originId, untilS) => {
      for (const [id, endsS] of revoked) if (endsS * 1000 <= nowMs()) revoked.delete(id);
      revoked.set(originId, untilS);
      mkdirSync(dirname(file), { recursive: true });
      replaceFile(file, JSON.stringify([...revoked]));
    },
  };
}

/** The name of an error; null where there is none, be it that the token did not hold any more. */
export function revoke(
  form: URLSearchParams,
  client: Client | undefined,
  { revocations, nowS }: { readonly revocations: Revocations; readonly nowS: number },
): string | null {
  const token = form.get('token');
  if (client === undefined) return 'invalid_client';
  if (token === null || !client.canRevoke) return 'invalid_request';
  // Access and ID tokens are signed, in three parts.
  if (token.split('.').length === 3) return 'unsupported_token_type';
  const signedIn = openRefreshToken(token, client, nowS);
  if (signedIn !== null) revocations.add(signedIn.originId, nowS + client.validS.refresh);
  return null;
}
