import { availableParallelism, cpus } from 'node:os';

/** Where and when figures were measured: without it a result says nothing. */
export const describeMachine = () => ({
  measuredAt: new Date().toISOString(),
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    platform: process.platform,
  },
});
