import { defineConfig } from 'vitest/config';

/** These change nothing that outlives them: modules are evaluated once for all of them, where each file of the others begins anew. */
const together = [
  'test/{bench,core,lib,simulator}/**/*.test.ts',
  'test/lambdas/!(adapters|dashboards)/**/*.test.ts',
  'test/local/{appsync,cloudwatch,cognito,dynamodb,events,iam,iot,kinesis,oracles,sns,sqs,stepfunctions,template}/**/*.test.ts',
  'test/ui/*/**/*.test.ts',
];

export default defineConfig({
  test: {
    setupFiles: ['test/seed-properties.ts'],
    testTimeout: 30_000,
    // Before the first laptop CDK synthesises the stage: seconds, or a minute and more on a machine with other work.
    hookTimeout: 180_000,
    pool: 'threads',
    // One more than cores in CI: who drives a laptop or a browser waits for a third of the time.
    maxWorkers: 3,
    projects: [
      { extends: true, test: { name: 'together', include: together, isolate: false } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: together } },
    ],
  },
});
