import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly { readonly ruleName: string; readonly severity: string }[];
    readonly suppressedViolations?: readonly { readonly reason?: string }[];
  }[];
}

const folder = mkdtempSync(join(tmpdir(), 'factory-twin-synth-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As `cdk synth -c stage=…` runs it, with its rules on. */
function synthesise(stage: string, store: string): { readonly report: Report; readonly outFolder: string } {
  const outFolder = join(folder, store);
  const context = JSON.stringify({ ...cdkJson.context, stage, store });
  const env = { ...process.env, CDK_OUTDIR: outFolder, CDK_CONTEXT_JSON: context, CDK_VALIDATION: 'true' };
  execFileSync(process.execPath, ['bin/app.ts'], { env, stdio: 'pipe' });
  return { report: JSON.parse(readFileSync(join(outFolder, 'validation-report.json'), 'utf8')), outFolder };
}

describe('the synthesised application', () => {
  it.each([
    ['dev', 'influxdb'],
    ['prod', 'timestream'],
  ])(
    'passes the rules as %s on %s, each exception with its reason, in bundles below 1 MB',
    (stage, store) => {
      const { report, outFolder } = synthesise(stage, store);
      expect(report.pluginReports.map(({ pluginName }) => pluginName)).toContain('AwsSolutions');
      expect(report.pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
      const exceptions = report.pluginReports.flatMap(({ suppressedViolations = [] }) => suppressedViolations);
      expect(exceptions.length).toBeGreaterThan(0);
      for (const { reason } of exceptions) expect(reason?.length).toBeGreaterThan(20);
      const bundles = globSync(join(outFolder, 'asset.*/index.mjs'));
      expect(bundles.length).toBeGreaterThan(0);
      // A megabyte is the most, a tenth of it is room to grow.
      for (const bundle of bundles) expect(statSync(bundle).size, bundle).toBeLessThan(0.9 * 1024 * 1024);
    },
    180_000,
  );
});
