import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, expect, it } from 'vitest';

const project = resolve(import.meta.dirname, '..');
const cleanups: string[] = [];
afterEach(() => {
  for (const folder of cleanups.splice(0)) rmSync(folder, { recursive: true });
});

/** A tree of its own under the project's rules; returns the names of the rules it breaks. */
function findBrokenRules(files: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'factory-twin-imports-'));
  cleanups.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, 'tsconfig.json'), '{}');
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
  const depcruise = join(project, 'node_modules/.bin/depcruise');
  const roots = [...new Set(Object.keys(files).map((path) => path.split('/')[0]!))];
  const config = join(project, '.dependency-cruiser.cjs');
  const run = spawnSync(depcruise, [...roots, '--config', config, '--output-type', 'json'], { cwd: folder });
  const { summary } = JSON.parse(run.stdout.toString()) as { summary: { violations: { rule: { name: string } }[] } };
  return [...new Set(summary.violations.map((violation) => violation.rule.name))];
}

const target = 'export const x = 1;\n';

it.each([
  ['core-is-pure', 'core/a.ts', "import type { Stats } from 'node:fs';\nexport type A = Stats;\n", 'core/b.ts'],
  ['core-is-pure', 'core/a.ts', "import { x } from '../lib/b.ts';\nexport const y = x;\n", 'lib/b.ts'],
  [
    'simulator-does-not-know-the-detector',
    'simulator/a.ts',
    "export * from '../core/detection/b.ts';\n",
    'core/detection/b.ts',
  ],
  ['laptop-runs-the-template', 'local/a.ts', "export * from '../lambdas/detection/b.ts';\n", 'lambdas/detection/b.ts'],
  ['lambdas-do-not-know-infrastructure', 'lambdas/a/index.ts', "export * from '../../lib/b.ts';\n", 'lib/b.ts'],
  ['handlers-know-only-core', 'lambdas/a/handler.ts', "export * from '../adapters/b.ts';\n", 'lambdas/adapters/b.ts'],
  [
    'infrastructure-knows-names-not-handlers',
    'lib/a.ts',
    "export * from '../lambdas/a/handler.ts';\n",
    'lambdas/a/handler.ts',
  ],
  [
    'types-of-the-plant-count-everywhere',
    'lambdas/a/index.ts',
    "export * from '../../core/machine-types/builtin.ts';\n",
    'core/machine-types/builtin.ts',
  ],
  ['nothing-imports-tests-or-benches', 'lib/a.ts', "export * from '../test/b.ts';\n", 'test/b.ts'],
])('an import against %s is found in TypeScript', (rule, from, text, to) => {
  expect(findBrokenRules({ [from]: text, [to]: target })).toContain(rule);
});

it('an allowed import breaks no rule', () => {
  const text = "import { x } from '../core/b.ts';\nexport const y = x;\n";
  expect(findBrokenRules({ 'ui/a.ts': text, 'core/b.ts': target })).toEqual([]);
});
