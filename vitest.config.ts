import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/seed-properties.ts'],
    testTimeout: 30_000,
    // Before the first laptop CDK synthesises the stage: seconds, or a minute and more on a machine with other work.
    hookTimeout: 180_000,
    pool: 'threads',
    maxWorkers: 2,
  },
});
