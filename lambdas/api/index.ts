import { builtinMachineTypes } from '../../core/machine-types/builtin.ts';
import { connectApi } from '../adapters/connect-api.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { uuidOf } from '../adapters/uuid.ts';
import { apiEnvSchema } from './env.ts';
import { createApiHandler } from './handler.ts';

const env = readEnvironment(apiEnvSchema);
const types = new Map(builtinMachineTypes.map((type) => [type.name, type]));

export const handler = createApiHandler({
  ...connectApi(env),
  ...createTelling('api', env.STAGE),
  findType: (name) => types.get(name),
  roleClaim: env.ROLE_CLAIM,
  staleAfterMs: env.STALE_AFTER_S * 1000,
  downtimeEurPerHour: env.DOWNTIME_EUR_PER_HOUR,
  uuidOf: (name) => uuidOf(`${env.STAGE}/${name}`),
  nowMs: Date.now,
});
