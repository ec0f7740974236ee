import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFloats, encodeFloats } from '../../../core/detection/floats.ts';
import { compileTerms, evaluateTerms } from '../../../core/detection/formula.ts';
import { LearnedModel } from '../../../core/detection/learned-model.ts';
import { type CompiledModel, createFrame, type Frame, planFor } from '../../../core/detection/plan.ts';
import { solveSymmetric } from '../../../core/detection/solve-symmetric.ts';
import { createRandom } from '../../../core/random/random.ts';
import { press } from './plant-type.ts';

const plan = planFor(press);
const [force, current, warmth] = [0, 1, 2] as const;

const model = (more: Partial<CompiledModel> = {}): CompiledModel => ({
  name: 'm',
  targets: [current],
  terms: compileTerms([{ times: 1, of: { force: 1 } }], plan.indexOf),
  fromEachOther: false,
  ownColumns: [new Set([1])],
  when: 0,
  samples: 400,
  everyMs: 0,
  ...more,
});

function teach(learned: LearnedModel, frame: Frame, values: readonly number[], atMs: number): void {
  values.forEach((value, i) => {
    frame.values[i] = value;
  });
  frame.atMs = atMs;
  learned.predict(frame);
  learned.learn(frame);
}

function teachLine(learned: LearnedModel, count: number, stepMs = 1000): Frame {
  const frame = createFrame(plan);
  const random = createRandom('line');
  for (let i = 1; i <= count; i++) {
    const x = random.uniform(100, 200);
    teach(learned, frame, [x, 5 + 0.1 * x + random.normal(0, 0.2)], i * stepMs);
  }
  return frame;
}

describe('what a machine shows when healthy', () => {
  it('is fitted, its noise measured on samples the fit has not seen', () => {
    const learned = new LearnedModel(model());
    const frame = teachLine(learned, 400);
    expect(learned.stage).toBe(2);
    teach(learned, frame, [150, 21], 0);
    expect(frame.expected[current]).toBeCloseTo(20, 1);
    expect(frame.noise[current]).toBeCloseTo(0.2, 1);
    expect(frame.standardised[current]).toBeCloseTo(1 / 0.2, -0.5);
  });

  it('says nothing standardised before', () => {
    const learned = new LearnedModel(model());
    const frame = teachLine(learned, 300);
    expect([learned.stage, frame.standardised[current]]).toEqual([1, Number.NaN]);
  });

  it('is taught by one sample in the time asked for', () => {
    const learned = new LearnedModel(model({ everyMs: 10_000 }));
    teachLine(learned, 1999);
    expect(learned.stage).toBe(0);
    teachLine(learned, 2001 * 2);
    expect(learned.stage).toBeGreaterThan(0);
  });

  it('is not taught by glitches', () => {
    const learned = new LearnedModel(model());
    const frame = createFrame(plan);
    const random = createRandom('glitch');
    for (let i = 1; i <= 500; i++) {
      const x = random.uniform(100, 200);
      teach(learned, frame, [x, i % 20 === 19 ? 90 : 5 + 0.1 * x], i * 1000);
    }
    teach(learned, frame, [150, 20], 1e6);
    expect(frame.expected[current]).toBeCloseTo(20, 1);
  });

  it('of signals that go together is told by their company, a missing one left out', () => {
    const together = model({
      targets: [force, current, warmth],
      terms: [],
      fromEachOther: true,
      ownColumns: [new Set([0]), new Set([1]), new Set([2])],
    });
    const learned = new LearnedModel(together);
    const frame = createFrame(plan);
    const random = createRandom('company');
    for (let i = 1; i <= 400; i++) {
      const load = random.uniform(0, 1);
      teach(learned, frame, [100 + 100 * load + random.normal(), 20 + 10 * load, Number.NaN], i * 1000);
    }
    teach(learned, frame, [150, 25, Number.NaN], 1e6);
    expect(frame.expected[force]).toBeCloseTo(150, 0);
    expect(frame.expected[warmth]).toBeNaN();
  });

  it('goes on from its saved state to the digit, in every stage', () => {
    for (const count of [100, 250, 450]) {
      const learned = new LearnedModel(model());
      teachLine(learned, count);
      const saved = JSON.parse(JSON.stringify(learned.save()));
      expect(new LearnedModel(model(), saved).save()).toEqual(saved);
    }
  });

  it('refuses a state of another shape by name', () => {
    const saved = { ...new LearnedModel(model()).save(), numbers: [1, 2] };
    expect(() => new LearnedModel(model(), saved)).toThrow('state of the model "m" has 2 numbers, allowed are');
  });
});

describe('the arithmetic below', () => {
  it('solves what is solvable and says where nothing is', () => {
    const solution = solveSymmetric(
      [
        [4, 2],
        [2, 3],
      ],
      [10, 9],
    )!;
    expect(solution[0]).toBeCloseTo(1.5);
    expect(solution[1]).toBeCloseTo(2);
    expect(
      solveSymmetric(
        [
          [1, 1],
          [1, 1],
        ],
        [1, 1],
      ),
    ).toBeUndefined();
  });

  it('keeps a 32-bit float through JSON, bit by bit', () => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true }), (floats) => {
        const back = decodeFloats(JSON.parse(JSON.stringify(encodeFloats(floats))), floats.length)!;
        expect(Array.from(back, (v) => v + 0)).toEqual(Array.from(floats, (v) => v + 0));
      }),
      { seed: 5 },
    );
  });

  it('knows products of powers, and no infinity', () => {
    const index = new Map([
      ['a', 0],
      ['b', 1],
    ]);
    const terms = compileTerms(
      [
        { times: 2, of: { a: 2, b: -1 } },
        { times: 1, of: {} },
      ],
      index,
    );
    expect(evaluateTerms(terms, Float64Array.of(3, 6))).toBe(4);
    expect(evaluateTerms(terms, Float64Array.of(3, 0))).toBeNaN();
  });
});
