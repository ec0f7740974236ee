/** Secrets Manager: secrets that the template has generated or a person filled in, kept in files that only their owner reads. */
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud, Engine, Json, Operation, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';

const defaultLength = 32;
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

export function createSecretsManager(cloud: Cloud): Engine {
  const folder = join(cloud.dataFolder, 'secrets');
  const files = new Map<string, string>();
  const create = ({ properties, physicalName }: ResourceRequest) => {
    const name = String(properties.Name ?? physicalName);
    // Six characters that AWS adds, so that a policy for one secret fits no later one of the same name.
    const suffix = createHash('sha256').update(name).digest('hex').slice(0, 6);
    const arn = formatArn(cloud, 'secretsmanager', `secret:${name}-${suffix}`);
    const file = join(folder, encodeURIComponent(name));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(file))
      writeFileSync(file, generate((properties.GenerateSecretString ?? {}) as Json), { mode: 0o600 });
    files.set(arn, file);
    return { ref: arn, attributes: { Id: arn } };
  };
  const findArn = (id: unknown): string =>
    [...files.keys()].find((arn) => arn === id || nameOf(arn) === id) ?? String(id);
  const operation = (action: string, run: (arn: string, file: string, input: Json) => Json): Operation => ({
    access: (input) => [{ action: `secretsmanager:${action}`, resource: findArn(input.SecretId) }],
    run: (input) => {
      const arn = findArn(input.SecretId);
      const file = files.get(arn);
      if (file === undefined) {
        throw new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the secret ${arn}`);
      }
      return run(arn, file, input);
    },
  });
  return {
    name: 'secretsmanager',
    resources: {
      'AWS::SecretsManager::Secret': {
        properties: [
          'Name',
          'Description',
          'GenerateSecretString.PasswordLength',
          'GenerateSecretString.ExcludePunctuation',
          'Tags.*',
        ],
        create,
      },
    },
    operations: {
      GetSecretValue: operation('GetSecretValue', (arn, file) => ({
        ARN: arn,
        Name: nameOf(arn),
        SecretString: readFileSync(file, 'utf8'),
      })),
      PutSecretValue: operation('PutSecretValue', (arn, file, { SecretString }) => {
        if (typeof SecretString !== 'string' || SecretString === '')
          throw new ServiceError(
            'InvalidRequestException',
            'SecretString: got nothing; only text secrets are modelled',
          );
        writeFileSync(file, SecretString, { mode: 0o600 });
        return { ARN: arn, Name: nameOf(arn), VersionId: randomUUID() };
      }),
    },
  };
}

const nameOf = (arn: string): string => (arn.split(':')[6] ?? '').slice(0, -7);

function generate({ PasswordLength = defaultLength, ExcludePunctuation = false }: Json): string {
  const alphabet = ExcludePunctuation === true ? letters : letters + punctuation;
  return Array.from({ length: Number(PasswordLength) }, () => alphabet[randomInt(alphabet.length)]).join('');
}
