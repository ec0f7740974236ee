import { randomUUID } from 'node:crypto';
import { knownTypes } from '../../core/machine-types/known.ts';
import { connectDetection } from '../adapters/connect-detection.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { detectionEnvSchema } from './env.ts';
import { createDetectionHandler } from './handler.ts';
import { LifeShelf } from './life-shelf.ts';
import type { SavedMachines } from './machine-twins.ts';
import { ModelShelf } from './model-shelf.ts';
import { ShardMemory } from './shard-memory.ts';
import { ShardTwins } from './shard-twins.ts';

const env = readEnvironment(detectionEnvSchema);
const telling = createTelling('detection', env.STAGE);
const catalogue = knownTypes;
// Beside the bundled module, as lib/bundle.ts puts them.
const aws = connectDetection<SavedMachines>(env, new URL('./models/', import.meta.url));
const shelf = { log: telling.log, nowMs: Date.now };
const twinOptions = {
  catalogue,
  registry: aws.registry,
  tell: { twinEveryMs: env.TWIN_EVERY_S * 1000 },
  models: new ModelShelf({ ...shelf, store: aws.models }),
  lives: new LifeShelf({ ...shelf, models: aws.models, library: aws.lives }),
};
const memory = new ShardMemory<SavedMachines, ShardTwins>({
  ...aws,
  owner: randomUUID(),
  checkpointEveryMs: env.CHECKPOINT_EVERY_S * 1000,
  createTwins: () => new ShardTwins(twinOptions),
});
export const handler = createDetectionHandler({ ...aws, ...telling, catalogue, memory, nowMs: Date.now });
