import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAddresses } from '../../../local/addresses.ts';
import { createUserPools, readyPassword, type UserPoolEngine } from '../../../local/cognito/user-pool.ts';
import { type Json, owner } from '../../../local/engine.ts';
import { serve, type WireServer } from '../../../local/wire/server.ts';
import { type Asked, claimsOf, fillIn, locationOf, question, redeem, takeTokens, visit } from '../hosted-sign-in.ts';
import { openSurroundings } from '../surroundings.ts';

const startMs = Date.UTC(2026, 0, 1);
let nowMs = startMs;
const { cloud, remove } = openSurroundings(startMs);
let engine: UserPoolEngine;
let server: WireServer;
let asked: Asked;

const create = (type: string, properties: Json, physicalName = `test-${type}-0001`) =>
  engine.resources[`AWS::Cognito::${type}`]!.create({
    ...{ stack: 'test', logicalId: type, type, properties, physicalName },
  });

const redirectUri = 'http://127.0.0.1:4566/';
const oauth = {
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['code'],
  AllowedOAuthScopes: ['openid'],
  CallbackURLs: [redirectUri],
  LogoutURLs: [redirectUri],
  ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_PASSWORD_AUTH'],
};

beforeAll(async () => {
  server = await serve(0, async (request) => engine.answer(request) ?? { statusCode: 404, headers: {}, body: '' });
  await open();
});

async function open(): Promise<void> {
  const addresses = createAddresses(server.url);
  engine = createUserPools({ ...cloud, nowMs: () => nowMs }, { endpointUrl: server.url, addresses });
  const { ref: UserPoolId } = await create('UserPool', {});
  await create('UserPoolGroup', { UserPoolId, GroupName: 'operator' });
  const { ref: clientId } = await create('UserPoolClient', { UserPoolId, ...oauth });
  await create('UserPoolClient', { UserPoolId, EnableTokenRevocation: false }, 'test-without-pages');
  await create('UserPoolDomain', { UserPoolId, Domain: 'plant' });
  asked = { origin: server.url, clientId, redirectUri };
}
afterAll(async () => {
  await server.close();
  remove();
});

const signIn = async (): Promise<string> => locationOf(await fillIn(asked, 'operator')).searchParams.get('code')!;

describe('signing in', () => {
  it('leads to the form, and from it back with a code and the state', async () => {
    const authorize = await visit(`${asked.origin}/oauth2/authorize?${question(asked)}`);
    expect([authorize.status, locationOf(authorize).pathname]).toEqual([302, '/login']);
    const form = await (await visit(locationOf(authorize).href)).text();
    expect(form).toContain('sign in as operator with the password');
    const back = locationOf(await fillIn(asked, 'operator'));
    expect(back.href.startsWith(`${redirectUri}?code=`)).toBe(true);
    expect(back.searchParams.get('state')).toBe('where we were');
  });

  it('says on the form that the password is wrong, and gives no code', async () => {
    const response = await fillIn(asked, 'operator', 'guessed');
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
    expect(await response.text()).toContain('Incorrect username or password.');
  });

  it('asks again only when the session has ended: after an hour, or by signing out', async () => {
    const cookie = (await fillIn(asked, 'operator')).headers.get('set-cookie')!.split(';')[0]!;
    const again = async () =>
      locationOf(await visit(`${asked.origin}/oauth2/authorize?${question(asked)}`, { headers: { cookie } }));
    expect((await again()).searchParams.has('code')).toBe(true);
    const logout = `${asked.origin}/logout?client_id=${asked.clientId}&logout_uri=${encodeURIComponent(redirectUri)}`;
    const out = await visit(logout, { headers: { cookie } });
    expect([out.status, locationOf(out).href]).toEqual([302, redirectUri]);
    expect((await again()).pathname).toBe('/login');
  });

  const told: readonly (readonly [what: string, more: Record<string, string>, error: string])[] = [
    ['no response type', { response_type: '' }, 'invalid_request'],
    ['the implicit grant', { response_type: 'token' }, 'unauthorized_client'],
    ['a scope that the client has not', { scope: 'openid phone' }, 'invalid_scope'],
    ['a challenge that is not hashed', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['another identity provider', { identity_provider: 'Google' }, 'invalid_request'],
  ];
  it.each(told)('tells the client of %s', async (_what, more, error) => {
    const response = await visit(`${asked.origin}/login?${question(asked, more)}`);
    const back = locationOf(response);
    expect([response.status, back.origin, back.searchParams.get('error')]).toEqual([
      302,
      'http://127.0.0.1:4566',
      error,
    ]);
    expect(back.searchParams.get('state')).toBe('where we were');
  });

  const untold: readonly (readonly [what: string, more: Record<string, string>, says: string])[] = [
    ['a client that is not there', { client_id: 'nobody' }, 'Client does not exist.'],
    ['a client without these pages', { client_id: 'testwithoutpages' }, 'Client does not exist.'],
    ['an address that is not registered', { redirect_uri: 'https://elsewhere.example/' }, 'redirect_mismatch'],
    ['a longer address', { redirect_uri: `${redirectUri}more` }, 'redirect_mismatch'],
  ];
  it.each(untold)('sends nobody anywhere for %s', async (_what, more, says) => {
    for (const path of ['login', 'oauth2/authorize']) {
      const response = await visit(`${asked.origin}/${path}?${question(asked, more)}`);
      expect([response.status, response.headers.get('location')]).toEqual([400, null]);
      expect(await response.text()).toContain(says);
    }
  });
});

describe('tokens', () => {
  it('come for the code, the verifier and the address together, and say who it is', async () => {
    const answer = await redeem(asked, await signIn());
    expect(answer).toMatchObject({ status: 200, token_type: 'Bearer', expires_in: 3600 });
    const who = {
      sub: 'operator',
      'cognito:groups': ['operator'],
      iss: expect.stringMatching(/^https:\/\/cognito-idp\./),
    };
    expect(claimsOf(answer.access_token!)).toMatchObject({
      ...who,
      token_use: 'access',
      scope: 'openid',
      client_id: asked.clientId,
    });
    expect(claimsOf(answer.id_token!)).toMatchObject({ ...who, token_use: 'id', aud: asked.clientId });
  });

  it('come once for a code, and not after five minutes', async () => {
    const code = await signIn();
    expect((await redeem(asked, code)).status).toBe(200);
    expect(await redeem(asked, code)).toMatchObject({ status: 400, error: 'invalid_grant' });
    const late = await signIn();
    nowMs += 5 * 60_000;
    expect(await redeem(asked, late)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  it.each<[string, Record<string, string>, string]>([
    ['another verifier', { code_verifier: 'guessed' }, 'invalid_grant'],
    ['another address', { redirect_uri: 'https://elsewhere.example/' }, 'invalid_grant'],
    ['another client', { client_id: 'testwithoutpages' }, 'unauthorized_client'],
    ['no client', { client_id: 'nobody' }, 'invalid_client'],
    ['another grant', { grant_type: 'client_credentials' }, 'unsupported_grant_type'],
  ])('are refused to %s', async (_what, more, error) => {
    expect(await redeem(asked, await signIn(), more)).toMatchObject({ status: 400, error });
  });

  it('are renewed for thirty days, by the refresh token alone', async () => {
    const { refresh_token = '', access_token = '' } = await redeem(asked, await signIn());
    const renew = (token: string) =>
      takeTokens(asked.origin, { grant_type: 'refresh_token', client_id: asked.clientId, refresh_token: token });
    nowMs += 29 * 86_400_000;
    const renewed = await renew(refresh_token);
    expect(renewed.refresh_token).toBeUndefined();
    const { auth_time, iat } = claimsOf(renewed.access_token!);
    expect(Number(iat) - Number(auth_time)).toBe(29 * 86_400);
    for (const wrong of [access_token, `${refresh_token.slice(0, -2)}AA`, '']) {
      expect(await renew(wrong)).toMatchObject({ status: 400, error: 'invalid_grant' });
    }
    nowMs += 86_400_000;
    expect(await renew(refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });
});

describe('who holds a token', () => {
  const post = (form: Record<string, string>) =>
    fetch(`${asked.origin}/oauth2/revoke`, { method: 'POST', body: new URLSearchParams(form) });
  const revoke = async (form: Record<string, string>) => {
    const response = await post(form);
    return [response.status, await response.text()];
  };
  const ask = async (headers: Record<string, string>) => {
    const response = await fetch(`${asked.origin}/oauth2/userInfo`, { headers });
    const { error } = /^error="(?<error>\w+)", error_description="/.exec(response.headers.get('www-authenticate') ?? '')
      ?.groups ?? { error: null };
    return { status: response.status, error, text: await response.text() };
  };
  const askBy = (token = '') => ask({ authorization: `Bearer ${token}` });

  it('is told who it is, by an access token of these pages alone', async () => {
    const { access_token, id_token, refresh_token } = await redeem(asked, await signIn());
    const known = await askBy(access_token);
    expect([known.status, JSON.parse(known.text)]).toEqual([200, { sub: 'operator', username: 'operator' }]);
    for (const other of [id_token, refresh_token, `${access_token!.slice(0, -4)}AAAA`]) {
      expect(await askBy(other)).toMatchObject({ status: 401, error: 'invalid_token' });
    }
    const operation = engine.operations.InitiateAuth!;
    const auth = { AuthFlow: 'USER_PASSWORD_AUTH', ClientId: asked.clientId };
    const AuthParameters = { USERNAME: 'operator', PASSWORD: readyPassword };
    const { AuthenticationResult } = (await operation.run({ ...auth, AuthParameters }, owner)) as {
      AuthenticationResult: { AccessToken: string };
    };
    expect(await askBy(AuthenticationResult.AccessToken)).toMatchObject({ status: 401, error: 'invalid_token' });
    expect(await ask({})).toMatchObject({ status: 400, error: 'invalid_request' });
    nowMs += 3_600_000;
    expect(await askBy(access_token)).toMatchObject({ status: 401, error: 'invalid_token' });
  });

  it('gives it back: nothing of that sign-in holds any more, after a restart neither, and others do', async () => {
    const [given, other] = [await redeem(asked, await signIn()), await redeem(asked, await signIn())];
    const renew = (token = '') =>
      takeTokens(asked.origin, { grant_type: 'refresh_token', client_id: asked.clientId, refresh_token: token });
    const renewed = await renew(given.refresh_token);
    for (let time = 0; time < 2; time++) {
      expect(await revoke({ token: given.refresh_token!, client_id: asked.clientId })).toEqual([200, '']);
    }
    const expectGone = async () => {
      expect(await renew(given.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
      for (const { access_token } of [given, renewed]) expect(await askBy(access_token)).toMatchObject({ status: 401 });
      expect(await renew(other.refresh_token)).toMatchObject({ status: 200 });
      expect(await askBy(other.access_token)).toMatchObject({ status: 200 });
    };
    await expectGone();
    await open();
    await expectGone();
  });

  it.each<[string, Record<string, string>, number, string]>([
    ['no token', {}, 400, 'invalid_request'],
    ['no client', { token: 'x', client_id: 'nobody' }, 401, 'invalid_client'],
    ['an access token', { token: 'a.b.c' }, 400, 'unsupported_token_type'],
    ['a client that gives none back', { token: 'x', client_id: 'testwithoutpages' }, 400, 'invalid_request'],
  ])('gives nothing back with %s', async (_what, form, status, error) => {
    expect(await revoke({ client_id: asked.clientId, ...form })).toEqual([status, JSON.stringify({ error })]);
  });

  it('may give back what never held', async () => {
    expect(await revoke({ token: 'guessed', client_id: asked.clientId })).toEqual([200, '']);
  });
});

it('says where its pages are, and refuses what a template asks of it and it does not model', async () => {
  const issuer = engine.findKeys(`https://cognito-idp.us-east-1.amazonaws.com/us-east-1_ool-0001`);
  expect(issuer).toBeDefined();
  const found = await fetch(`${asked.origin}/us-east-1_ool-0001/.well-known/openid-configuration`);
  expect(await found.json()).toMatchObject({
    token_endpoint: `${asked.origin}/oauth2/token`,
    userinfo_endpoint: `${asked.origin}/oauth2/userInfo`,
    revocation_endpoint: `${asked.origin}/oauth2/revoke`,
  });
  const UserPoolId = 'us-east-1_ool-0001';
  const refused = (type: string, properties: Json) =>
    Promise.resolve().then(() => create(type, { UserPoolId, ...properties }));
  await expect(refused('UserPoolClient', { ...oauth, AllowedOAuthFlows: ['implicit'] })).rejects.toThrow(
    'got "implicit"',
  );
  await expect(refused('UserPoolClient', { SupportedIdentityProviders: ['Google'] })).rejects.toThrow('got "Google"');
  await expect(refused('UserPoolClient', { ...oauth, AllowedOAuthScopes: ['plant/read'] })).rejects.toThrow(
    'plant/read',
  );
  await expect(refused('UserPoolDomain', { Domain: 'Plant' })).rejects.toThrow('Domain: got "Plant"');
  await expect(refused('UserPoolDomain', { Domain: 'second' })).rejects.toThrow('one sign-in page');
});
