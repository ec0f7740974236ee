/**
 * A pool's own pages: `/oauth2/authorize` and `/login` sign a person in and send a code to a registered address,
 * `/oauth2/token` takes the code for tokens, `/logout` ends the session; `/oauth2/revoke` and `/oauth2/userInfo`. Sources: Cognito's developer guide, "User pool
 * endpoints and managed login reference"; RFC 6749, 7636.
 */
import { createHash, randomUUID } from 'node:crypto';
import { failure, type Result, success } from '../../core/result.ts';
import type { WireRequest, WireResponse } from '../wire/request.ts';
import { type Authorization, type Refusal, readAuthorization, sendBack } from './authorization.ts';
import type { Client } from './pool.ts';
import { type Revocations, revoke } from './revocations.ts';
import { createShortMemory, type ShortMemory } from './short-memory.ts';
import { showProblem, showSignIn } from './sign-in-page.ts';
import { issueTokens, openRefreshToken, type SignedIn, sealRefreshToken, type Tokens } from './tokens.ts';

export interface HostedSignInParts {
  readonly nowMs: () => number;
  /** Of the pools that have such pages. */
  readonly findClient: (id: string) => Client | undefined;
  readonly isPassword: (client: Client, name: string, password: string) => boolean;
  readonly revocations: Revocations;
  readonly answerUserInfo: (authorization: string | undefined) => WireResponse;
  /** Said under the form. */
  readonly hint: () => string;
}

interface Session {
  readonly name: string;
  readonly authTimeS: number;
}

interface Grant extends Session {
  readonly authorization: Authorization;
}

interface Memories {
  readonly codes: ShortMemory<Grant>;
  readonly sessions: ShortMemory<Session>;
}

/** A code holds five minutes, a session an hour (developer guide, authorize endpoint; "Managed login"). */
const codeMs = 5 * 60_000;
const sessionMs = 3_600_000;
const sessionCookie = 'cognito';

type Page = (request: WireRequest) => WireResponse;

/** Undefined for what is none of these pages. */
export function createHostedSignIn(parts: HostedSignInParts): (request: WireRequest) => WireResponse | undefined {
  const memories: Memories = {
    codes: createShortMemory(codeMs, parts.nowMs),
    sessions: createShortMemory(sessionMs, parts.nowMs),
  };
  const pages: Readonly<Record<string, Page>> = {
    'GET /oauth2/authorize': (request) => authorize(request, parts, memories),
    'GET /login': ({ query }) => whereAllowed(query, parts, () => showSignIn(parts.hint())),
    'POST /login': (request) => signIn(request, parts, memories),
    'POST /oauth2/token': (request) => answerToken(request, parts, memories),
    'POST /oauth2/revoke': (request) => answerRevoke(request, parts),
    'GET /oauth2/userInfo': ({ headers }) => parts.answerUserInfo(headers.authorization),
    'GET /logout': (request) => signOut(request, parts, memories),
  };
  return (request) => {
    const page = pages[`${request.method} ${request.path}`];
    if (page !== undefined) return page(request);
    if (!Object.keys(pages).some((name) => name.endsWith(` ${request.path}`))) return undefined;
    return { statusCode: 405, headers: {}, body: '' };
  };
}

function whereAllowed(
  query: URLSearchParams,
  { findClient }: HostedSignInParts,
  go: (authorization: Authorization) => WireResponse,
): WireResponse {
  const read = readAuthorization(query, findClient);
  return read.ok ? go(read.value) : refuse(read.error);
}

const refuse = (refusal: Refusal): WireResponse =>
  'says' in refusal ? showProblem(refusal.says) : sendTo(refusal.sendTo);

const sendTo = (location: string, more: Readonly<Record<string, string>> = {}): WireResponse => ({
  statusCode: 302,
  headers: { location, 'cache-control': 'no-store', ...more },
  body: '',
});

/** Who has signed in within the hour is not asked again. */
function authorize(request: WireRequest, parts: HostedSignInParts, memories: Memories): WireResponse {
  const session = memories.sessions.find(readSession(request));
  return whereAllowed(request.query, parts, (authorization) =>
    session === undefined
      ? sendTo(`/login?${request.query}`)
      : sendTo(grant({ authorization, ...session }, memories.codes)),
  );
}

function signIn(request: WireRequest, parts: HostedSignInParts, { codes, sessions }: Memories): WireResponse {
  return whereAllowed(request.query, parts, (authorization) => {
    const form = new URLSearchParams(request.body.toString());
    const name = form.get('username') ?? '';
    if (!parts.isPassword(authorization.client, name, form.get('password') ?? '')) {
      return showSignIn(parts.hint(), 'Incorrect username or password.');
    }
    const session = { name, authTimeS: Math.floor(parts.nowMs() / 1000) };
    const cookie = `${sessionCookie}=${sessions.keep(session)}; Path=/; HttpOnly; SameSite=Lax`;
    return sendTo(grant({ authorization, ...session }, codes), { 'set-cookie': cookie });
  });
}

function grant(given: Grant, codes: ShortMemory<Grant>): string {
  const { redirectUri, state } = given.authorization;
  return sendBack(redirectUri, { code: codes.keep(given), state });
}

function signOut(request: WireRequest, parts: HostedSignInParts, { sessions }: Memories): WireResponse {
  const { query } = request;
  const client = parts.findClient(query.get('client_id') ?? '');
  if (client?.oauth == null) return showProblem('Client does not exist.');
  sessions.take(readSession(request));
  const cookie = { 'set-cookie': `${sessionCookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax` };
  const logoutUri = query.get('logout_uri');
  if (logoutUri === null) {
    return whereAllowed(query, parts, () => sendTo(`/login?${query}`, cookie));
  }
  return client.oauth.logoutUrls.includes(logoutUri) ? sendTo(logoutUri, cookie) : showProblem('redirect_mismatch');
}

const readSession = ({ headers }: WireRequest): string =>
  new RegExp(`(?:^|; )${sessionCookie}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1] ?? '';

function answerToken(request: WireRequest, parts: HostedSignInParts, { codes }: Memories): WireResponse {
  const outcome = giveTokens(readForm(request), parts, codes);
  return outcome.ok ? json(200, outcome.value) : json(400, { error: outcome.error });
}

function answerRevoke(request: WireRequest, { findClient, revocations, nowMs }: HostedSignInParts): WireResponse {
  const form = readForm(request);
  const client = findClient(form.get('client_id') ?? '');
  const error = revoke(form, client, { revocations, nowS: Math.floor(nowMs() / 1000) });
  if (error === null) return { statusCode: 200, headers: {}, body: '' };
  return json(error === 'invalid_client' ? 401 : 400, { error });
}

function readForm({ headers, body }: WireRequest): URLSearchParams {
  const isForm = String(headers['content-type']).startsWith('application/x-www-form-urlencoded');
  return new URLSearchParams(isForm ? body.toString() : '');
}

const json = (statusCode: number, answer: object): WireResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store' },
  body: JSON.stringify(answer),
});

function giveTokens(
  form: URLSearchParams,
  parts: HostedSignInParts,
  codes: ShortMemory<Grant>,
): Result<Tokens, string> {
  const type = form.get('grant_type');
  const given = form.get(type === 'refresh_token' ? 'refresh_token' : 'code');
  if (type === null || !form.has('client_id')) return failure('invalid_request');
  if (type !== 'authorization_code' && type !== 'refresh_token') return failure('unsupported_grant_type');
  if (given === null) return failure('invalid_request');
  const client = parts.findClient(form.get('client_id')!);
  if (client === undefined) return failure('invalid_client');
  if (client.oauth === null) return failure('unauthorized_client');
  const nowS = Math.floor(parts.nowMs() / 1000);
  if (type === 'refresh_token') return refresh(given, client, { revocations: parts.revocations, nowS });
  const signedIn = redeem(codes.take(given), client, form);
  if (signedIn === null) return failure('invalid_grant');
  return success({ ...issueTokens(signedIn, nowS), refresh_token: sealRefreshToken(signedIn, nowS) });
}

function refresh(
  token: string,
  client: Client,
  { revocations, nowS }: { readonly revocations: Revocations; readonly nowS: number },
): Result<Tokens, string> {
  if (!client.flows.includes('ALLOW_REFRESH_TOKEN_AUTH')) return failure('unauthorized_client');
  const signedIn = openRefreshToken(token, client, nowS);
  const holds = signedIn !== null && !revocations.has(signedIn.originId);
  return !holds ? failure('invalid_grant') : success(issueTokens(signedIn, nowS));
}

/** A code is for the client, the address and the verifier that it was asked with, and for one try. */
function redeem(granted: Grant | undefined, client: Client, form: URLSearchParams): SignedIn | null {
  if (granted === undefined) return null;
  const { authorization, name, authTimeS } = granted;
  const { challenge, scopes, nonce } = authorization;
  const isMeant = authorization.client === client && authorization.redirectUri === form.get('redirect_uri');
  if (!isMeant || (challenge !== null && challengeOf(form.get('code_verifier') ?? '') !== challenge)) return null;
  return { client, name, scopes, authTimeS, originId: randomUUID(), nonce };
}

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
