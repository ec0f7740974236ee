import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arbitraryProgram, fuzzRuns } from '../../../core/gcode/arbitrary-programs.ts';
import { loadText } from './test-machine.ts';

it(`runs or refuses any text, step by step, in bounded time (${fuzzRuns} programs)`, () => {
  const modes = new Set<string>();
  const options = { repeat: true, autoResumeS: 1, toolInSpindle: 1 };
  fc.assert(
    fc.property(arbitraryProgram, fc.integer({ min: 1, max: 3000 }), (text, stepMs) => {
      const startedMs = performance.now();
      const executor = loadText(text, options);
      for (let i = 0; i < 12; i++) {
        const { state, path } = executor.advance(stepMs / 1000);
        modes.add(state.mode);
        const { x, y, z } = state.position;
        if (!Number.isFinite(x + y + z + state.cycleTimeS + state.spindleRpm)) throw new Error(JSON.stringify(state));
        if (path.some((piece) => !(piece.durationS >= 0))) throw new Error('a piece without a duration');
        if (state.alarm === null) continue;
        if (!/^(O\d{4,}|program) [NL]\S+/.test(state.alarm)) throw new Error(state.alarm);
        break;
      }
      if (performance.now() - startedMs > 3000) throw new Error('too slow');
    }),
    { numRuns: fuzzRuns, seed: 2026 },
  );
  expect([...modes].sort()).toEqual(expect.arrayContaining(['alarm', 'cutting', 'dwell', 'rapid', 'tool_change']));
}, 1_200_000);
