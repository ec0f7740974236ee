/** Cognito: user pools with groups and clients; signing in by password; access tokens as Cognito's. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud, Engine, Json, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { replaceFile } from '../replace-file.ts';
import type { WireRequest, WireResponse } from '../wire/request.ts';
import { describeIssuer } from './discovery.ts';

/** Everybody's on a laptop: it guards simulated machines, and fits the pool's rule. */
export const readyPassword = 'Factory-twin-1';

export interface UserPoolEngine extends Engine {
  /** What an issuer signs with, by key id; undefined for an issuer that is not one of these pools. */
  findKeys(issuer: string): ReadonlyMap<string, KeyObject> | undefined;
  /** Who can sign in: one user for each group, of its name. */
  listUsers(): readonly string[];
  listClientIds(): readonly string[];
  /** What anybody may ask an issuer; undefined for what is no pool's. */
  answer(request: WireRequest): WireResponse | undefined;
}

interface Pool {
  readonly id: string;
  readonly issuer: string;
  readonly key: KeyObject;
  readonly keyId: string;
  readonly groups: Set<string>;
}

interface Client {
  readonly id: string;
  readonly pool: Pool;
  readonly accessTokenS: number;
  readonly flows: readonly string[];
}

const unitsS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

export function createUserPools(cloud: Cloud, { endpointUrl }: { readonly endpointUrl: string }): UserPoolEngine {
  const pools = new Map<string, Pool>();
  const clients = new Map<string, Client>();
  const find = <T>(map: ReadonlyMap<string, T>, id: unknown, what: string): T => {
    const found = map.get(String(id));
    if (found === undefined)
      throw new ServiceError('ResourceNotFoundException', `${what} ${String(id)} does not exist.`);
    return found;
  };
  const signIn = (input: Json): Json => {
    const client = find(clients, input.ClientId, 'User pool client');
    if (input.AuthFlow !== 'USER_PASSWORD_AUTH' || !client.flows.includes('ALLOW_USER_PASSWORD_AUTH')) {
      throw new ServiceError('InvalidParameterException', `${String(input.AuthFlow)} flow not enabled for this client`);
    }
    const { USERNAME: name = '', PASSWORD: password } = (input.AuthParameters ?? {}) as Record<string, string>;
    if (!client.pool.groups.has(name) || password !== readyPassword) {
      throw new ServiceError('NotAuthorizedException', 'Incorrect username or password.');
    }
    const AccessToken = issueToken(client, name, Math.floor(cloud.nowMs() / 1000));
    return {
      ChallengeParameters: {},
      AuthenticationResult: { AccessToken, ExpiresIn: client.accessTokenS, TokenType: 'Bearer' },
    };
  };

  return {
    name: 'cognito-idp',
    listClientIds: () => [...clients.keys()],
    findKeys: (issuer) => {
      const pool = [...pools.values()].find((one) => one.issuer === issuer);
      return pool === undefined ? undefined : new Map([[pool.keyId, createPublicKey(pool.key)]]);
    },
    answer: ({ path }) => {
      const pool = pools.get(path.split('/')[1] ?? '');
      if (pool === undefined) return undefined;
      const { issuer, keyId } = pool;
      return describeIssuer(path, { issuer, keyId, key: createPublicKey(pool.key), url: `${endpointUrl}/${pool.id}` });
    },
    listUsers: () => [...pools.values()].flatMap((pool) => [...pool.groups]),
    operations: {
      // Whoever knows a password may sign in: this call carries no signature.
      InitiateAuth: { access: () => [], run: signIn },
    },
    resources: {
      'AWS::Cognito::UserPool': {
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
      },
      'AWS::Cognito::UserPoolClient': {
        properties: clientProperties,
        create: (request) => {
          const client = createClient(request, find(pools, request.properties.UserPoolId, 'User pool'));
          clients.set(client.id, client);
          return { ref: client.id, attributes: { ClientId: client.id } };
        },
      },
      'AWS::Cognito::UserPoolGroup': {
        properties: ['GroupName', 'UserPoolId', 'Description', 'Precedence'],
        create: ({ properties, physicalName }) => {
          const name = String(properties.GroupName ?? physicalName);
          find(pools, properties.UserPoolId, 'User pool').groups.add(name);
          return { ref: name };
        },
      },
    },
  };
}

/** How people come to a user, mails and codes has no counterpart here: the users are ready. */
const poolProperties = [
  'UserPoolName',
  'AccountRecoverySetting.*',
  'AdminCreateUserConfig.*',
  'EmailVerificationMessage',
  'EmailVerificationSubject',
  'EnabledMfas',
  'MfaConfiguration',
  'Policies.*',
  'SmsVerificationMessage',
  'UserPoolTags.*',
  'UserPoolTier',
  'VerificationMessageTemplate.*',
  'DeletionProtection',
];

const clientProperties = [
  'ClientName',
  'UserPoolId',
  'AccessTokenValidity',
  'IdTokenValidity',
  'RefreshTokenValidity',
  'TokenValidityUnits.*',
  'AllowedOAuthFlowsUserPoolClient',
  'ExplicitAuthFlows',
  'PreventUserExistenceErrors',
  'SupportedIdentityProviders',
  'EnableTokenRevocation',
  'GenerateSecret',
];

function createPool(cloud: Cloud, { properties, physicalName }: ResourceRequest): Pool {
  if (properties.MfaConfiguration === 'ON')
    throw new Error('MfaConfiguration: got "ON", modelled are OFF and OPTIONAL');
  const id = `${cloud.region}_${physicalName.slice(-8)}`;
  return {
    id,
    issuer: `https://cognito-idp.${cloud.region}.amazonaws.com/${id}`,
    key: openKey(join(cloud.dataFolder, 'cognito'), id),
    keyId: `${id}-1`,
    groups: new Set(),
  };
}

/** Kept, so that who has signed in stays so over a restart. */
function openKey(folder: string, poolId: string): KeyObject {
  const path = join(folder, `${poolId}.pem`);
  if (existsSync(path)) return createPrivateKey(readFileSync(path));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  mkdirSync(folder, { recursive: true });
  replaceFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  return privateKey;
}

function createClient({ properties, physicalName }: ResourceRequest, pool: Pool): Client {
  if (properties.GenerateSecret === true) throw new Error('GenerateSecret: clients with a secret are not modelled');
  const units = (properties.TokenValidityUnits ?? {}) as Readonly<Record<string, string>>;
  // Without a unit, hours (CloudFormation reference, AWS::Cognito::UserPoolClient).
  const accessTokenS = Number(properties.AccessTokenValidity ?? 1) * unitsS[units.AccessToken ?? 'hours']!;
  return {
    id: physicalName
      .replaceAll(/[^A-Za-z0-9]/g, '')
      .slice(-26)
      .toLowerCase(),
    pool,
    accessTokenS,
    flows: (properties.ExplicitAuthFlows ?? []) as string[],
  };
}

function issueToken({ id, pool, accessTokenS }: Client, name: string, nowS: number): string {
  const claims = {
    sub: name,
    'cognito:groups': [name],
    iss: pool.issuer,
    client_id: id,
    token_use: 'access',
    scope: 'aws.cognito.signin.user.admin',
    auth_time: nowS,
    iat: nowS,
    exp: nowS + accessTokenS,
    jti: randomUUID(),
    username: name,
  };
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: pool.keyId })}.${encode(claims)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), pool.key).toString('base64url')}`;
}
