import { connectLive, startFeederBy } from '../adapters/connect-live.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { liveEnvSchema } from './env.ts';
import { createLiveHandler } from './handler.ts';

const env = readEnvironment(liveEnvSchema);

export const handler = createLiveHandler({
  ...connectLive(env),
  ...createTelling('live', env.STAGE),
  startFeeder: startFeederBy(env.FEEDER),
  nowMs: Date.now,
});
