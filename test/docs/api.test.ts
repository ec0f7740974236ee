import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deskOperations } from '../../core/api/desk.ts';
import { operations } from '../../core/api/operations.ts';
import { builtinMachineTypes } from '../../core/machine-types/builtin.ts';
import { describeShell } from '../../core/standards/shell.ts';

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('the description of the API', () => {
  it('has a line for each operation, with who may call it', () => {
    const rows = read('api.md').match(/^\| (?:GET|POST) .*$/gm);
    const wanted = [...operations, ...deskOperations].map(({ method, path, role, forPrograms, summary }) => {
      const programs = role !== null && forPrograms ? 'yes' : 'no';
      return `| ${method} | \`${path}\` | ${role ?? 'nobody asked'} | ${programs} | ${summary} |`;
    });
    expect(rows).toEqual(wanted);
  });

  it('names the submodels of a shell by the ids that it has', () => {
    const machine = { machineId: 'M', name: 'M', site: 'S', line: 'L' };
    const { submodels } = describeShell({ machine, type: builtinMachineTypes[0]!, forecast: null, uuidOf: () => 'u' });
    const standards = read('standards.md');
    for (const { idShort, semanticId } of submodels) {
      const [{ value }] = (semanticId as { keys: [{ value: string }] }).keys;
      expect(standards).toContain(`| ${idShort} | \`${value}\` |`);
    }
  });
});
