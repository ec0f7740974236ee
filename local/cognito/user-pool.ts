/** Cognito: user pools with groups, clients and a domain; signing in by password or on the pool's own page. */
import { createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Addresses } from '../addresses.ts';
import type { Cloud, Engine, Json, ResourceModel } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { listing } from '../listing.ts';
import type { WireRequest, WireResponse } from '../wire/request.ts';
import { describeIssuer } from './discovery.ts';
import { createHostedSignIn } from './hosted-sign-in.ts';
import { type Client, clientProperties, createClient, createPool, type Pool, poolProperties } from './pool.ts';
import { openRevocations } from './revocations.ts';
import { issueAccessToken } from './tokens.ts';
import { answerUserInfo } from './user-info.ts';

/** Everybody's on a laptop: it guards simulated machines, and fits the pool's rule. */
export const readyPassword = 'Factory-twin-1';

export interface UserPoolEngine extends Engine {
  /** What an issuer signs with, by key id; undefined for an issuer that is not one of these pools. */
  findKeys(issuer: string): ReadonlyMap<string, KeyObject> | undefined;
  /** Who can sign in: one user for each group, of its name. */
  listUsers(): readonly string[];
  listClientIds(): readonly string[];
  /** What anybody may ask an issuer, and its pages; undefined for what is no pool's. */
  answer(request: WireRequest): WireResponse | undefined;
}

export interface UserPoolParts {
  readonly endpointUrl: string;
  readonly addresses: Addresses;
}

interface State {
  readonly pools: Map<string, Pool>;
  readonly clients: Map<string, Client>;
}

export function createUserPools(cloud: Cloud, parts: UserPoolParts): UserPoolEngine {
  const state: State = { pools: new Map(), clients: new Map() };
  const { pools, clients } = state;
  const listUsers = (): string[] => [...pools.values()].flatMap((pool) => [...pool.groups]);
  const revocations = openRevocations(join(cloud.dataFolder, 'cognito', 'revoked.json'), cloud.nowMs);
  const answerHosted = createHostedSignIn({
    nowMs: cloud.nowMs,
    findClient: (id) => {
      const client = clients.get(id);
      return client?.pool.domain == null ? undefined : client;
    },
    isPassword,
    revocations,
    answerUserInfo: (authorization) => {
      const pool = findHosted(state)!;
      const clientIds = [...clients.values()].filter((client) => client.pool === pool).map(({ id }) => id);
      return answerUserInfo(authorization, { pool, clientIds, revocations, nowMs: cloud.nowMs() });
    },
    hint: () => describeUsers(listUsers()),
  });
  return {
    name: 'cognito-idp',
    listClientIds: () => [...clients.keys()],
    findKeys: (issuer) => {
      const pool = [...pools.values()].find((one) => one.issuer === issuer);
      return pool === undefined ? undefined : new Map([[pool.keyId, createPublicKey(pool.key)]]);
    },
    answer: (request) => {
      const pool = pools.get(request.path.split('/')[1] ?? '');
      if (pool !== undefined) return describeIssuer(request.path, pool, parts.endpointUrl);
      return findHosted(state) === undefined ? undefined : answerHosted(request);
    },
    listUsers,
    operations: {
      // Whoever knows a password may sign in: this call carries no signature.
      InitiateAuth: {
        members: ['AuthFlow', 'AuthParameters', 'ClientId'],
        access: () => [],
        run: (input) => signIn(input, clients, cloud.nowMs()),
      },
      ListUserPools: listing({
        action: 'cognito-idp:ListUserPools',
        paging: { size: 'MaxResults', after: 'NextToken' },
        into: 'UserPools',
        find: () => [...pools.values()].map(({ id, name }) => [id, { Id: id, Name: name }]),
      }),
    },
    resources: userPoolModels(cloud, state, parts),
  };
}

export const describeUsers = (users: readonly string[]): string =>
  `This is a laptop: sign in as ${users.join(', ')} with the password ${readyPassword}.`;

/** The one pool with pages. */
const findHosted = ({ pools }: State): Pool | undefined => [...pools.values()].find(({ domain }) => domain !== null);

const isPassword = (client: Client, name: string, password: unknown): boolean =>
  client.pool.groups.has(name) && password === readyPassword;

function find<T>(map: ReadonlyMap<string, T>, id: unknown, what: string): T {
  const found = map.get(String(id));
  if (found === undefined) throw new ServiceError('ResourceNotFoundException', `${what} ${String(id)} does not exist.`);
  return found;
}

function signIn(input: Json, clients: ReadonlyMap<string, Client>, nowMs: number): Json {
  const client = find(clients, input.ClientId, 'User pool client');
  if (input.AuthFlow !== 'USER_PASSWORD_AUTH' || !client.flows.includes('ALLOW_USER_PASSWORD_AUTH')) {
    throw new ServiceError('InvalidParameterException', `${String(input.AuthFlow)} flow not enabled for this client`);
  }
  const { USERNAME: name = '', PASSWORD: password } = (input.AuthParameters ?? {}) as Record<string, string>;
  if (!isPassword(client, name, password)) {
    throw new ServiceError('NotAuthorizedException', 'Incorrect username or password.');
  }
  const authTimeS = Math.floor(nowMs / 1000);
  const scopes = ['aws.cognito.signin.user.admin'];
  const AccessToken = issueAccessToken({ client, name, scopes, authTimeS, originId: randomUUID() }, authTimeS);
  return {
    ChallengeParameters: {},
    AuthenticationResult: { AccessToken, ExpiresIn: client.validS.access, TokenType: 'Bearer' },
  };
}

const userPoolModels = (cloud: Cloud, state: State, parts: UserPoolParts): Readonly<Record<string, ResourceModel>> => ({
  'AWS::Cognito::UserPool': poolModel(cloud, state, parts),
  'AWS::Cognito::UserPoolClient': {
    properties: clientProperties,
    create: (request) => {
      const client = createClient(request, find(state.pools, request.properties.UserPoolId, 'User pool'));
      state.clients.set(client.id, client);
      return { ref: client.id, attributes: { ClientId: client.id } };
    },
  },
  'AWS::Cognito::UserPoolGroup': {
    properties: ['GroupName', 'UserPoolId', 'Description', 'Precedence'],
    create: ({ properties, physicalName }) => {
      const name = String(properties.GroupName ?? physicalName);
      find(state.pools, properties.UserPoolId, 'User pool').groups.add(name);
      return { ref: name };
    },
  },
  'AWS::Cognito::UserPoolDomain': domainModel(cloud, state, parts),
});

const poolModel = (cloud: Cloud, { pools }: State, { endpointUrl }: UserPoolParts): ResourceModel => ({
  properties: poolProperties,
  create: (request) => {
    const pool = createPool(cloud, request);
    pools.set(pool.id, pool);
    return {
      ref: pool.id,
      attributes: {
        Arn: formatArn(cloud, 'cognito-idp', `userpool/${pool.id}`),
        UserPoolId: pool.id,
        // An address that answers; tokens name the issuer as on AWS.
        ProviderURL: `${endpointUrl}/${pool.id}`,
      },
    };
  },
});

const domainModel = (cloud: Cloud, state: State, { addresses }: UserPoolParts): ResourceModel => ({
  properties: ['Domain', 'UserPoolId'],
  create: ({ properties }) => {
    const domain = String(properties.Domain);
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(domain)) {
      throw new Error(`Domain: got "${domain}", allowed are 1 to 63 of a-z, 0-9 and inner "-"`);
    }
    // Its pages lie at the root of the laptop's one address.
    if (findHosted(state) !== undefined) throw new Error('Domain: a laptop has one sign-in page');
    find(state.pools, properties.UserPoolId, 'User pool').domain = domain;
    addresses.add(`${domain}.auth.${cloud.region}.amazoncognito.com`);
    return { ref: domain };
  },
});
