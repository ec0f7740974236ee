import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseProgram } from '../../../core/gcode/parser.ts';
import { arbitraryProgram, fuzzRuns } from './arbitrary-programs.ts';

it(`reads any text without a crash, and every refusal names program, block and place (${fuzzRuns} programs)`, () => {
  let refused = 0;
  fc.assert(
    fc.property(arbitraryProgram, (text) => {
      const parsed = parseProgram(text, 'part.nc');
      if (parsed.ok) return;
      refused++;
      for (const problem of parsed.error) {
        const isNamed = /^(O\d{4,}|part\.nc)$/.test(problem.program) && /^[NL]\S+$/.test(problem.block);
        const isPlaced = problem.column >= 1 && problem.line >= 1;
        if (isNamed && isPlaced && problem.message.startsWith(`${problem.program} ${problem.block}`)) continue;
        throw new Error(JSON.stringify(problem));
      }
    }),
    { numRuns: fuzzRuns, seed: 2026 },
  );
  expect(refused).toBeGreaterThan(fuzzRuns / 10);
}, 600_000);
