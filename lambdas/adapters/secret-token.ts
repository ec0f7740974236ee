import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** A rotated token is taken up after this long. */
const freshForMs = 300_000;

/** The token of a secret `{"token":"…"}`, asked for when first needed and remembered for a while. */
export function createTokenSource(
  client: SecretsManagerClient,
  secretArn: string,
  nowMs: () => number,
): () => Promise<string> {
  let token = '';
  let freshUntilMs = 0;
  return async () => {
    if (nowMs() < freshUntilMs) return token;
    const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    const secret = JSON.parse(SecretString) as Readonly<Record<string, unknown>>;
    if (typeof secret.token !== 'string') {
      throw new Error(`secret ${secretArn}: got the fields ${Object.keys(secret).join(', ')}; "token" is needed`);
    }
    token = secret.token;
    freshUntilMs = nowMs() + freshForMs;
    return token;
  };
}
