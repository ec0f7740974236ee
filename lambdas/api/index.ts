import { knownTypes } from '../../core/machine-types/known.ts';
import { connectApi } from '../adapters/connect-api.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { uuidOf } from '../adapters/uuid.ts';
import { apiEnvSchema } from './env.ts';
import { createApiHandler } from './handler.ts';

const env = readEnvironment(apiEnvSchema);

export const handler = createApiHandler({
  ...connectApi(env),
  ...createTelling('api', env.STAGE),
  findType: knownTypes.findType,
  roleClaim: env.ROLE_CLAIM,
  staleAfterMs: env.STALE_AFTER_S * 1000,
  downtimeEurPerHour: env.DOWNTIME_EUR_PER_HOUR,
  uuidOf: (name) => uuidOf(`${env.STAGE}/${name}`),
  nowMs: Date.now,
});
