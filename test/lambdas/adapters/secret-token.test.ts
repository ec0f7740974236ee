import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { createTokenSource } from '../../../lambdas/adapters/secret-token.ts';

it('asks for the token once while it is fresh, and names what a wrong secret holds', async () => {
  const secrets = mockClient(SecretsManagerClient);
  secrets
    .on(GetSecretValueCommand)
    .resolvesOnce({ SecretString: '{"token":"t1"}' })
    .resolves({ SecretString: '{"user":"u"}' });
  let nowMs = 0;
  const token = createTokenSource(new SecretsManagerClient({ region: 'us-east-1' }), 'arn', () => nowMs);
  expect([await token(), await token()]).toEqual(['t1', 't1']);
  nowMs = 300_001;
  await expect(token()).rejects.toThrow('secret arn: got the fields user; "token" is needed');
});

it('asks once for requests that come side by side, and again after a failure', async () => {
  const secrets = mockClient(SecretsManagerClient);
  secrets.on(GetSecretValueCommand).rejectsOnce(new Error('throttled')).resolves({ SecretString: '{"token":"t1"}' });
  const token = createTokenSource(new SecretsManagerClient({ region: 'us-east-1' }), 'arn', () => 0);
  await expect(token()).rejects.toThrow('throttled');
  expect(await Promise.all([token(), token()])).toEqual(['t1', 't1']);
  expect(secrets.commandCalls(GetSecretValueCommand)).toHaveLength(2);
});
