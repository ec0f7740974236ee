/**
 * Secrets Manager: secrets that the template has generated or a person filled in, kept in files that only their owner
 * reads. One that was made by hand is there at the next start too.
 */
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud, Engine, Json, Operation, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { listing } from '../listing.ts';
import { replaceFile } from '../replace-file.ts';

export interface SecretsManagerEngine extends Engine {
  /** By name or ARN. Throws ServiceError where there is none. */
  read(id: string): string;
}

const defaultLength = 32;
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

export function createSecretsManager(cloud: Cloud): SecretsManagerEngine {
  const folder = join(cloud.dataFolder, 'secrets');
  const fileOf = (name: string): string => join(folder, encodeURIComponent(name));
  // Six characters that AWS adds, so that a policy for one secret fits no later one of the same name.
  const arnOf = (name: string): string =>
    formatArn(cloud, 'secretsmanager', `secret:${name}-${createHash('sha256').update(name).digest('hex').slice(0, 6)}`);
  /** From a name, an ARN, or an ARN without its last six characters. */
  const readName = (id: unknown): string => {
    const text = String(id);
    const name = text.startsWith('arn:') ? text.split(':').slice(6).join(':') : text;
    return arnOf(name.slice(0, -7)) === text ? name.slice(0, -7) : name;
  };
  const write = (name: string, SecretString: unknown): Json => {
    if (typeof SecretString !== 'string' || SecretString === '')
      throw new ServiceError('InvalidRequestException', 'SecretString: got nothing; only text secrets are modelled');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    replaceFile(fileOf(name), SecretString, 0o600);
    return { ARN: arnOf(name), Name: name, VersionId: randomUUID() };
  };
  const read = (id: unknown): string => {
    const name = readName(id);
    if (existsSync(fileOf(name))) return readFileSync(fileOf(name), 'utf8');
    throw new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the secret ${String(id)}`);
  };
  const create = ({ properties, physicalName }: ResourceRequest) => {
    const name = String(properties.Name ?? physicalName);
    const first = properties.SecretString ?? generate((properties.GenerateSecretString ?? {}) as Json);
    if (!existsSync(fileOf(name))) write(name, first);
    return { ref: arnOf(name), attributes: { Id: arnOf(name) } };
  };
  const describe = (Name: string) => [Name, { ARN: arnOf(Name), Name }] as const;
  const operation = (action: string, members: readonly string[], run: (input: Json) => Json): Operation => ({
    members,
    access: ({ SecretId, Name }) => [
      { action: `secretsmanager:${action}`, resource: arnOf(readName(SecretId ?? Name)) },
    ],
    run,
  });
  return {
    name: 'secretsmanager',
    read,
    resources: {
      'AWS::SecretsManager::Secret': {
        properties: [
          'Name',
          'Description',
          'SecretString',
          'GenerateSecretString.PasswordLength',
          'GenerateSecretString.ExcludePunctuation',
          'Tags.*',
        ],
        create,
      },
    },
    operations: {
      ListSecrets: listing({
        action: 'secretsmanager:ListSecrets',
        paging: { size: 'MaxResults', after: 'NextToken' },
        into: 'SecretList',
        find: () => (existsSync(folder) ? readdirSync(folder) : []).map(decodeURIComponent).map(describe),
      }),
      GetSecretValue: operation('GetSecretValue', ['SecretId'], ({ SecretId }) => {
        const SecretString = read(SecretId);
        return { ARN: arnOf(readName(SecretId)), Name: readName(SecretId), SecretString };
      }),
      PutSecretValue: operation(
        'PutSecretValue',
        ['SecretId', 'SecretString', 'ClientRequestToken'],
        ({ SecretId, SecretString }) => {
          read(SecretId);
          return write(readName(SecretId), SecretString);
        },
      ),
      CreateSecret: operation(
        'CreateSecret',
        ['Name', 'SecretString', 'Description', 'Tags', 'ClientRequestToken'],
        ({ Name, SecretString }) => {
          if (!existsSync(fileOf(String(Name)))) return write(String(Name), SecretString);
          throw new ServiceError('ResourceExistsException', `a secret named ${String(Name)} exists already`);
        },
      ),
    },
  };
}

function generate({ PasswordLength = defaultLength, ExcludePunctuation = false }: Json): string {
  const alphabet = ExcludePunctuation === true ? letters : letters + punctuation;
  return Array.from({ length: Number(PasswordLength) }, () => alphabet[randomInt(alphabet.length)]).join('');
}
