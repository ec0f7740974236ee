import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** A rotated token is taken up after this long. */
const freshForMs = 300_000;

/** The token of a secret `{"token":"…"}`, asked for when first needed and remembered for a while. */
export function createTokenSource(
  client: SecretsManagerClient,
  secretArn: string,
  nowMs: () => number,
): () => Promise<string> {
  let token: Promise<string> | null = null;
  let freshUntilMs = 0;
  return () => {
    if (token !== null && nowMs() < freshUntilMs) return token;
    freshUntilMs = nowMs() + freshForMs;
    const asked = readToken(client, secretArn);
    // Requests side by side share one answer, but a failure is nobody's for five minutes.
    asked.catch(() => {
      token = null;
    });
    token = asked;
    return asked;
  };
}

async function readToken(client: SecretsManagerClient, secretArn: string): Promise<string> {
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
  const secret = JSON.parse(SecretString) as Readonly<Record<string, unknown>>;
  if (typeof secret.token === 'string') return secret.token;
  throw new Error(`secret ${secretArn}: got the fields ${Object.keys(secret).join(', ')}; "token" is needed`);
}
