import { readEnvironment } from '../adapters/environment.ts';
import { IssuerKeys } from '../adapters/issuer-keys.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { liveTokenEnvSchema } from './env.ts';
import { createTokenHandler } from './handler.ts';

const env = readEnvironment(liveTokenEnvSchema);

export const handler = createTokenHandler({
  ...createTelling('live-token', env.STAGE),
  issuer: env.ISSUER,
  audience: env.AUDIENCE.split(','),
  isSigned: new IssuerKeys(env.ISSUER_URL, Date.now).isSigned,
  roleClaim: env.ROLE_CLAIM,
  nowMs: Date.now,
});
