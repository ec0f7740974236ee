import { expect, it } from 'vitest';
import { toLine } from '../../../lambdas/adapters/line-protocol.ts';
import { createRows } from './rows.ts';

const [row] = createRows(1);
const lineOf = (sample: object, machine: object = {}): string =>
  toLine({ ...row!, sample: { ...row!.sample, ...sample }, machine: { ...row!.machine, ...machine } });

it('writes fractions as they are, whole numbers with an i, texts in quotes, the moment in milliseconds', () => {
  const line = lineOf({ sequence: 7, phase: 'idle' });
  expect(line).toMatch(/^generic,machine_id=M-1,machine_type=generic,site=Ulm temperature=40,rpm=1200,/);
  expect(line).toContain(',sequence=7i,phase="idle",disposition="used",');
  expect(line).toMatch(/ 1767225600000$/);
});

it('escapes what would end a tag or a text, and lets no line break end the line', () => {
  const line = lineOf({ phase: 'a "b" \\ c' }, { site: 'Ulm, Hall=2', line: 'A\nB\\' });
  expect(line).toContain(',site=Ulm\\,\\ Hall\\=2,line=A\\ B/ ');
  expect(line).toContain(',phase="a \\"b\\" \\\\ c",');
  expect(line).not.toContain('\n');
});

it('leaves out a value that is missing: the protocol has no sign for it', () => {
  expect(lineOf({ values: row!.sample.values.with(0, Number.NaN) })).not.toContain('temperature=');
});
