import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { groupOfG, groupOfM } from '../../core/gcode/codes.ts';
import { machineCatalogue } from '../../simulator/catalogue.ts';
import { chaosKinds } from '../../simulator/chaos/plan.ts';
import { parseArguments } from '../../simulator/command/arguments.ts';

const project = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(project, 'docs/simulate.md'), 'utf8');

it('shows a program that runs as it stands', () => {
  const example = /```ts\n([\s\S]*?)```/.exec(page)![1]!;
  const folder = mkdtempSync(join(tmpdir(), 'simulate-example-'));
  const file = join(folder, 'example.ts');
  writeFileSync(file, example.replaceAll("'./simulator/", `'${project}/simulator/`));
  const printed = execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(printed).toBe('highest vibration of PUMP-002: above 2 mm/s\n');
});

it('shows a command line that is understood', () => {
  const line = /npm run -s simulate -- (.*)/.exec(page)![1]!;
  expect(parseArguments(line.split(' ')).ok).toBe(true);
});

it('names every machine type, fault and kind of chaos', () => {
  const names = Object.entries(machineCatalogue).flatMap(([type, { faultModes }]) => [type, ...faultModes]);
  expect([...names, ...chaosKinds].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

it('names every code of the dialect', () => {
  const dialect = readFileSync(join(project, 'docs/gcode.md'), 'utf8');
  const spans = dialect.match(/G54` to `G59/) ? ['G55', 'G56', 'G57', 'G58'] : [];
  const codes = [...[...groupOfG.keys()].map((g) => `G${g}`), ...[...groupOfM.keys()].map((m) => `M${m}`)];
  const named = new Set([...(dialect.match(/\b[GM]\d+\b/g) ?? []), ...spans]);
  expect(codes.filter((code) => !named.has(code))).toEqual([]);
});
