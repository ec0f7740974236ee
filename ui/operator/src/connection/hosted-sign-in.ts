/**
 * Signing in on the issuer's own page: OAuth 2.0 authorization code with PKCE (RFC 7636), which needs no secret in the
 * page. `state` and the verifier stay in this tab; an answer that fits neither is refused.
 */
import { CallFailed } from './call-failed.ts';
import { keepToken } from './session.ts';

interface Endpoints {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  /** Where the issuer's own session is ended, as Cognito has it; absent where the issuer has none that is known. */
  readonly logoutUrl?: string;
}

interface Registration {
  readonly clientId: string;
  readonly scope: string;
}

/** An issuer that is only named says itself where its pages are (OpenID Connect Discovery 1.0). */
export type HostedSignIn = Registration & (Endpoints | { readonly issuer: string });

export const hostOf = (hosted: HostedSignIn): string =>
  new URL('issuer' in hosted ? hosted.issuer : hosted.authorizeUrl).host;

async function findEndpoints(hosted: HostedSignIn): Promise<Endpoints> {
  if (!('issuer' in hosted)) return hosted;
  const response = await fetch(`${hosted.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (!response.ok) throw new CallFailed(response.status, `${hosted.issuer} does not say where to sign in`);
  const document = (await response.json()) as { authorization_endpoint: string; token_endpoint: string };
  return { authorizeUrl: document.authorization_endpoint, tokenUrl: document.token_endpoint };
}

const pendingKey = 'factory-twin-sign-in';

interface Pending {
  readonly state: string;
  readonly verifier: string;
  /** The view to come back to. */
  readonly hash: string;
}

const redirectUri = (): string => `${location.origin}/`;

export async function leaveForSignIn(hosted: HostedSignIn): Promise<void> {
  const { clientId, scope } = hosted;
  const { authorizeUrl } = await findEndpoints(hosted);
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

/** A tablet has many hands: without this the next one to sign in would be who signed out. */
export function leaveForSignOut(hosted: HostedSignIn): void {
  if ('issuer' in hosted || hosted.logoutUrl === undefined) return;
  const query = new URLSearchParams({ client_id: hosted.clientId, logout_uri: redirectUri() });
  location.assign(`${hosted.logoutUrl}?${query}`);
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

async function takeToken(hosted: HostedSignIn, code: string, verifier: string): Promise<void> {
  const { tokenUrl } = await findEndpoints(hosted);
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: hosted.clientId,
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

async function challengeOf(verifier: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
