import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStage } from '../../bin/stage/load-stage.ts';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { type Bundles, bundleFunctions, bundlePage } from '../../lib/bundle.ts';
import { createFactoryTwin } from '../../lib/factory-twin.ts';

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly { readonly ruleName: string; readonly severity: string }[];
    readonly suppressedViolations?: readonly { readonly reason?: string }[];
  }[];
}

// As `cdk synth` sets it.
process.env.CDK_VALIDATION = 'true';

const folder = mkdtempSync(join(tmpdir(), 'factory-twin-synth-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As bin/app.ts does it, with its rules on; the bundles are made once. */
function synthesise(name: string, store: string, bundles: Bundles): Report {
  const outdir = join(folder, `${name}-${store}`);
  const stage = loadStage(name, store);
  if (!stage.ok) throw new Error(stage.error.join('\n'));
  const app = new App({ outdir, context: { ...cdkJson.context, '@aws-cdk/core:validationReportJson': true } });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  createFactoryTwin(app, stage.value, bundles);
  app.synth();
  return JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as Report;
}

describe('the synthesised application', () => {
  let bundles: Bundles;
  beforeAll(async () => {
    const [functions, page] = await Promise.all([bundleFunctions(folder), bundlePage(folder)]);
    bundles = new Map([...functions, ['page', page]]);
  }, 60_000);

  it('comes in bundles below a megabyte, with a tenth of room to grow', () => {
    const files = globSync(join(folder, '*/index.mjs'));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) expect(statSync(file).size, file).toBeLessThan(0.9 * 1024 * 1024);
  });

  it.each([
    // `npm start` synthesises it without the rules.
    ['local', 'timestream'],
    ['dev', 'timestream'],
    ['dev', 'influxdb'],
    ['prod', 'timestream'],
    ['prod', 'influxdb'],
  ])(
    'passes the rules as %s on %s, each exception with its reason',
    (stage, store) => {
      const report = synthesise(stage, store, bundles);
      expect(report.pluginReports.map(({ pluginName }) => pluginName)).toContain('AwsSolutions');
      expect(report.pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
      const exceptions = report.pluginReports.flatMap(({ suppressedViolations = [] }) => suppressedViolations);
      expect(exceptions.length).toBeGreaterThan(0);
      for (const { reason } of exceptions) expect(reason?.length).toBeGreaterThan(20);
    },
    120_000,
  );
});
