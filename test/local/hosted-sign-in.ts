import { createHash } from 'node:crypto';
import { readyPassword } from '../../local/cognito/user-pool.ts';

/** As RFC 7636 has it, of any verifier. */
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

export interface Asked {
  readonly origin: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

export const verifier = 'a verifier of at least forty-three characters, as the RFC has it';

/** What the operator page asks. */
export const question = ({ clientId, redirectUri }: Asked, more: Readonly<Record<string, string>> = {}) =>
  new URLSearchParams({
    ...{
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      state: 'where we were',
      scope: 'openid',
    },
    ...{ code_challenge: challengeOf(verifier), code_challenge_method: 'S256' },
    ...more,
  });

export const visit = (url: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url, { redirect: 'manual', ...init });

/** Fills in the form; a browser would follow where it leads. */
export const fillIn = (asked: Asked, user: string, password = readyPassword): Promise<Response> =>
  visit(`${asked.origin}/login?${question(asked)}`, {
    method: 'POST',
    body: new URLSearchParams({ username: user, password }),
  });

export const locationOf = (response: Response): URL =>
  new URL(response.headers.get('location') ?? 'none:', response.url);

export async function takeTokens(origin: string, form: Readonly<Record<string, string>>) {
  const response = await fetch(`${origin}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  const answer = (await response.json()) as Readonly<Record<string, string>>;
  return { status: response.status, ...answer } as Readonly<Record<string, string>> & { readonly status: number };
}

export const redeem = ({ origin, clientId, redirectUri }: Asked, code: string, more: Record<string, string> = {}) =>
  takeTokens(origin, {
    ...{ grant_type: 'authorization_code', client_id: clientId, redirect_uri: redirectUri, code },
    ...{ code_verifier: verifier, ...more },
  });

export const claimsOf = (token: string): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
