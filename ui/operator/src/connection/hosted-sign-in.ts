/**
 * Signing in on the issuer's own page: OAuth 2.0 authorization code with PKCE (RFC 7636), which needs no secret in the
 * page. `state` and the verifier stay in this tab; an answer that fits neither is refused.
 */
import { CallFailed } from './call-failed.ts';
import { keepToken } from './session.ts';

export interface HostedSignIn {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly scope: string;
}

const pendingKey = 'factory-twin-sign-in';

interface Pending {
  readonly state: string;
  readonly verifier: string;
  /** The view to come back to. */
  readonly hash: string;
}

const redirectUri = (): string => `${location.origin}/`;

export async function leaveForSignIn({ authorizeUrl, clientId, scope }: HostedSignIn): Promise<void> {
  const pending: Pending = { state: random(), verifier: random(), hash: location.hash };
  sessionStorage.setItem(pendingKey, JSON.stringify(pending));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(),
    scope,
    state: pending.state,
    code_challenge: await challengeOf(pending.verifier),
    code_challenge_method: 'S256',
  });
  location.assign(`${authorizeUrl}?${query}`);
}

/** Called at the start: takes the code out of the address, if the issuer sent one back. */
export async function returnFromSignIn(hosted: HostedSignIn): Promise<void> {
  const answer = new URLSearchParams(location.search);
  const kept = sessionStorage.getItem(pendingKey);
  if (kept === null || !(answer.has('code') || answer.has('error'))) return;
  sessionStorage.removeItem(pendingKey);
  const pending = JSON.parse(kept) as Pending;
  history.replaceState(null, '', `/${pending.hash}`);
  const code = answer.get('code');
  if (code === null || answer.get('state') !== pending.state) {
    throw new CallFailed(0, answer.get('error_description') ?? 'The sign-in was not finished; begin again');
  }
  await takeToken(hosted, code, pending.verifier);
}

async function takeToken({ tokenUrl, clientId }: HostedSignIn, code: string, verifier: string): Promise<void> {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      redirect_uri: redirectUri(),
      code_verifier: verifier,
    }),
  });
  const { access_token: token, error } = (await response.json()) as { access_token?: string; error?: string };
  if (token === undefined)
    throw new CallFailed(response.status, `The issuer gave no token: ${error ?? response.status}`);
  keepToken(token);
}

const random = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(32)));

export async function challengeOf(verifier: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
