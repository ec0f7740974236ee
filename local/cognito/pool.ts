/** User pools and their clients, as a template describes them. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud, Json, ResourceRequest } from '../engine.ts';
import { replaceFile } from '../replace-file.ts';

export interface Pool {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly key: KeyObject;
  readonly keyId: string;
  /** Each group has one user, of its name. */
  readonly groups: Set<string>;
  /** Prefix of the pool's own page for signing in; null without one. */
  domain: string | null;
}

export interface Client {
  readonly id: string;
  readonly pool: Pool;
  readonly validS: Readonly<Record<'access' | 'id' | 'refresh', number>>;
  readonly flows: readonly string[];
  readonly canRevoke: boolean;
  /** Null for a client that the pool's own page does not serve. */
  readonly oauth: OAuthClient | null;
}

export interface OAuthClient {
  readonly scopes: readonly string[];
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
}

/** How people come to a user, mails and codes has no counterpart here: the users are ready. */
export const poolProperties = [
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

export const clientProperties = [
  'ClientName',
  'UserPoolId',
  'AccessTokenValidity',
  'IdTokenValidity',
  'RefreshTokenValidity',
  'TokenValidityUnits.*',
  'AllowedOAuthFlows',
  'AllowedOAuthFlowsUserPoolClient',
  'AllowedOAuthScopes',
  'CallbackURLs',
  'LogoutURLs',
  'ExplicitAuthFlows',
  'PreventUserExistenceErrors',
  'SupportedIdentityProviders',
  'EnableTokenRevocation',
  'GenerateSecret',
];

const unitsS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };
/** Those that need no resource server (developer guide, "Scopes, M2M, and APIs with resource servers"). */
const standardScopes = ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin'];

export function createPool(cloud: Cloud, { properties, physicalName }: ResourceRequest): Pool {
  if (properties.MfaConfiguration === 'ON')
    throw new Error('MfaConfiguration: got "ON", modelled are OFF and OPTIONAL');
  const id = `${cloud.region}_${physicalName.slice(-8)}`;
  return {
    id,
    name: String(properties.UserPoolName ?? physicalName),
    issuer: `https://cognito-idp.${cloud.region}.amazonaws.com/${id}`,
    key: openKey(join(cloud.dataFolder, 'cognito'), id),
    keyId: `${id}-1`,
    groups: new Set(),
    domain: null,
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

export function createClient({ properties, physicalName }: ResourceRequest, pool: Pool): Client {
  if (properties.GenerateSecret === true) throw new Error('GenerateSecret: clients with a secret are not modelled');
  const units = (properties.TokenValidityUnits ?? {}) as Readonly<Record<string, string>>;
  // Without a unit, hours, and for the refresh token days (CloudFormation reference, AWS::Cognito::UserPoolClient).
  const readS = (name: string, unless: number, unit: string): number =>
    Number(properties[`${name}Validity`] ?? unless) * unitsS[units[name] ?? unit]!;
  return {
    id: physicalName
      .replaceAll(/[^A-Za-z0-9]/g, '')
      .slice(-26)
      .toLowerCase(),
    pool,
    validS: {
      access: readS('AccessToken', 1, 'hours'),
      id: readS('IdToken', 1, 'hours'),
      refresh: readS('RefreshToken', 30, 'days'),
    },
    flows: readList(properties, 'ExplicitAuthFlows'),
    canRevoke: properties.EnableTokenRevocation !== false,
    oauth: readOAuth(properties),
  };
}

function readOAuth(properties: Json): OAuthClient | null {
  readList(properties, 'SupportedIdentityProviders', ['COGNITO']);
  const flows = readList(properties, 'AllowedOAuthFlows', ['code']);
  const oauth = {
    scopes: readList(properties, 'AllowedOAuthScopes', standardScopes),
    callbackUrls: readList(properties, 'CallbackURLs'),
    logoutUrls: readList(properties, 'LogoutURLs'),
  };
  return properties.AllowedOAuthFlowsUserPoolClient === true && flows.includes('code') ? oauth : null;
}

function readList(properties: Json, name: string, modelled?: readonly string[]): readonly string[] {
  const list = (properties[name] ?? []) as readonly string[];
  const other = modelled === undefined ? undefined : list.find((one) => !modelled.includes(one));
  if (other !== undefined) throw new Error(`${name}: got "${other}", modelled: ${modelled!.join(', ')}`);
  return list;
}
