import { createHmac } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Mac } from '../../core/incidents/acknowledge-link.ts';

/** HMAC-SHA-256 with a secret that is fetched once, at its first use. */
export function createMacLoader(SecretId: string): () => Promise<Mac> {
  let mac: Promise<Mac> | undefined;
  const load = async (): Promise<Mac> => {
    const { SecretString = '' } = await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId }));
    if (SecretString === '') throw new Error('the secret that links are signed with is empty');
    return (text) => createHmac('sha256', SecretString).update(text).digest('hex');
  };
  return () => {
    mac ??= load().catch((error: unknown) => {
      mac = undefined; // the next one tries anew
      throw error;
    });
    return mac;
  };
}
