import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeChaos, parseChaos } from '../../../simulator/chaos/parse.ts';
import { type ChaosSpec, chaosKinds } from '../../../simulator/chaos/plan.ts';

function parse(text: string): readonly ChaosSpec[] {
  const plan = parseChaos(text);
  if (!plan.ok) throw new Error(plan.error);
  return plan.value.specs;
}

function refusal(text: string): string {
  const plan = parseChaos(text);
  return plan.ok ? 'accepted' : plan.error;
}

describe('a chaos spec', () => {
  it('is read with kind, window and amounts', () => {
    expect(parse('vibration-glitch:p=0.25,factor=9')).toMatchObject([
      { kind: 'vibration-glitch', window: null, probability: 0.25, factor: 9 },
    ]);
    expect(parse('heatwave@600s+30m')).toMatchObject([
      { kind: 'heatwave', window: { onsetS: 600, durationS: 1800 }, riseC: 15 },
    ]);
    expect(parse('clock-skew@1h:offset=-5m')).toMatchObject([
      { window: { onsetS: 3600, durationS: Number.POSITIVE_INFINITY }, offsetS: -300 },
    ]);
  });

  it('may be one of several, joined by commas or semicolons', () => {
    const specs = parse('late:p=0.5,delay=500ms, burst@1m+10s; dropout:p=0.1,signal=flow_m3_h,duplicate');
    expect(specs.map(({ kind }) => kind)).toEqual(['late', 'burst', 'dropout', 'duplicate']);
    expect(specs[0]).toMatchObject({ probability: 0.5, delayS: 0.5 });
    expect(specs[2]).toMatchObject({ probability: 0.1, signal: 'flow_m3_h' });
  });

  it('means every sample of its window unless it says otherwise', () => {
    expect(parse('dropout@60s+10s')[0]!.probability).toBe(1);
    expect(parse('dropout@60s+10s:p=0.2')[0]!.probability).toBe(0.2);
    expect(parse('dropout')[0]!.probability).toBe(0.01);
  });

  it.each([
    ['', 'chaos: got nothing, allowed are vibration-glitch, heatwave'],
    ['earthquake@10s', 'chaos "earthquake@10s": got kind "earthquake", allowed are vibration-glitch'],
    ['late:p=2', 'p: got "2", allowed is a chance from 0 to 1'],
    ['late:delay=30', 'delay: got "30", allowed is a duration above 0, like 500ms, 30s, 5m or 1h'],
    ['late:rise=3', 'got parameter "rise", late takes p, delay'],
    ['burst', 'burst needs a window, like burst@600s+60s'],
    ['burst@60s', 'window: got "60s", allowed is onset+duration, like 600s+30m'],
    ['heatwave@-5s+10s', 'window: got "-5s+10s"'],
    ['heatwave@5+10', 'window: got "5+10"'],
    ['burst@1s+1s:p=1', 'got parameter "p", burst takes none'],
  ])('"%s" is refused in one clear sentence', (text, sentence) => {
    expect(refusal(text)).toContain(sentence);
  });

  it('never throws, whatever is written', () => {
    const words = fc.constantFrom(...chaosKinds, '@', '+', ':', '=', ',', ';', 'p', '0.1', '60s', 'x', ' ');
    const texts = fc.oneof(
      fc.string(),
      fc.array(words).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const plan = parseChaos(text);
        expect(plan.ok || plan.error.startsWith('chaos')).toBe(true);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('has a line of help for each kind', () => {
    for (const kind of chaosKinds) expect(describeChaos()).toContain(`  ${kind}`);
  });
});
