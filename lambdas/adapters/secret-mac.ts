import { createHmac } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Mac } from '../../core/incidents/acknowledge-link.ts';

/** A secret that was filled in anew counts after this long. */
const freshForMs = 300_000;

/** A secret, fetched at its first use and again when it is no longer fresh. */
export function createSecretLoader(SecretId: string, nowMs: () => number = Date.now): () => Promise<string> {
  const client = new SecretsManagerClient({});
  let secret = '';
  let freshUntilMs = 0;
  return async () => {
    if (nowMs() < freshUntilMs) return secret;
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
    if (SecretString === '') throw new Error('a secret is empty');
    secret = SecretString;
    freshUntilMs = nowMs() + freshForMs;
    return secret;
  };
}

/** HMAC-SHA-256 with a secret. */
export function createMacLoader(secretId: string): () => Promise<Mac> {
  const load = createSecretLoader(secretId);
  return async () => {
    const secret = await load();
    return (text) => createHmac('sha256', secret).update(text).digest('hex');
  };
}
