import { describe, expect, it } from 'vitest';
import { createTwin } from '../../../core/detection/twin.ts';
import { press, pressSample, startMs } from './plant-type.ts';
import { pressLife } from './press-life.ts';

const good = [150, 20, 50, 0];
const codesOf = (o: { findings: readonly { code: string }[] }): string[] => o.findings.map((f) => f.code);

describe('quality comes first', () => {
  it.each([
    ['missing', [Number.NaN, 20, 50, 0], {}],
    ['out_of_range', [501, 20, 50, 0], {}],
    ['out_of_range', [Number.POSITIVE_INFINITY, 20, 50, 0], {}],
    ['bad', good, { declaredQuality: { force: 'bad' as const } }],
  ])('a required value that is %s is a dropout that names its signal', (quality, values, more) => {
    const o = createTwin(press).observe(pressSample(0, values, more));
    expect(codesOf(o)).toEqual(['sensor_dropout']);
    expect(o.findings[0]!.evidence.map((e) => [e.signal, e.quality])).toEqual([['force', quality]]);
    expect(o.quality[0]).toBe(quality);
    expect(o.advice.decision).toBe('do_not_proceed');
  });

  it('an optional value may be absent from the start, but not once it was relied upon', () => {
    const without = createTwin(press).observe(pressSample(0, [150, 20, 50, Number.NaN]));
    expect([codesOf(without), without.quality[3]]).toEqual([[], 'missing']);
    const twin = createTwin(press);
    for (const sample of pressLife(30)) twin.observe(sample);
    const lost = twin.observe(pressSample(30, [150, 20, 50, Number.NaN]));
    expect(lost.findings[0]!.evidence.map((e) => e.signal)).toEqual(['tilt']);
  });

  it('tells how old the last believable value is', () => {
    const twin = createTwin(press);
    twin.observe(pressSample(0, good));
    const o = twin.observe(pressSample(7, [Number.NaN, 20, 50, 0]), startMs + 9000);
    expect(o.findings[0]!.evidence[0]!.ageMs).toBe(9000);
  });

  it('tells what cannot be believed as it came, however large', () => {
    const o = createTwin(press).observe(pressSample(0, [-1e308, 20, 50, 0]));
    expect(o.findings[0]!.evidence[0]).toMatchObject({ observed: -1e308, quality: 'out_of_range' });
  });

  it('gives each value its age: of one that is gone, the last that was there', () => {
    const twin = createTwin(press);
    for (const sample of pressLife(30)) twin.observe(sample);
    const fresh = twin.observe(pressSample(30, [150, 20, 50, 0]), startMs + 31_000);
    expect(fresh.agesMs).toEqual([1000, 1000, 1000, 1000]);
    const gone = twin.observe(pressSample(34, [150, Number.NaN, 501, 0]), startMs + 34_000);
    expect(gone.agesMs).toEqual([0, 4000, 4000, 0]);
    const back = twin.observe(pressSample(35, [150, 20, 50, 0]), startMs + 35_000);
    expect(back.agesMs).toEqual([0, 0, 0, 0]);
    const bare = createTwin(press).observe(pressSample(0, [150, 20, 50, Number.NaN]));
    expect(bare.agesMs).toEqual([0, 0, 0, null]);
  });

  it('a signal whose noise rests is stuck', () => {
    const twin = createTwin(press);
    const last = Array.from({ length: 10 }, (_, i) => twin.observe(pressSample(i, [150 + i, 20, 50 + i, i / 10])));
    expect(codesOf(last[8]!)).toEqual([]);
    expect(last[9]!.findings[0]!.evidence.map((e) => [e.signal, e.quality])).toEqual([['current', 'stuck']]);
  });

  it('old news is stale and decides nothing, yet is no end of the learning', () => {
    const o = createTwin(press).observe(pressSample(0, good), startMs + 61_000);
    expect(o.disposition).toBe('used');
    expect(o.quality).toEqual(['stale', 'stale', 'stale', 'stale']);
    expect(o.advice.decision).toBe('do_not_proceed');
  });

  it('a clock that runs ahead is told', () => {
    const o = createTwin(press).observe(pressSample(0, good), startMs - 6000);
    expect(codesOf(o)).toEqual(['clock_skew']);
    expect(o.findings[0]!.evidence[0]!.observed).toBe(6000);
  });

  it('an uncertain value lowers the confidence', () => {
    const sure = createTwin(press).observe(pressSample(0, good));
    const unsure = createTwin(press).observe(pressSample(0, good, { declaredQuality: { force: 'uncertain' } }));
    expect(unsure.quality[0]).toBe('uncertain');
    expect(unsure.advice.confidence).toBeLessThan(sure.advice.confidence);
  });
});

describe('each moment counts once, and time runs forwards', () => {
  const twinAt = (i: number) => {
    const twin = createTwin(press);
    for (let k = 0; k <= i; k++) twin.observe(pressSample(k, good));
    return twin;
  };

  it.each([
    ['duplicate', 10],
    ['duplicate', 8],
    ['late', -25],
  ])('a sample is %s when it comes again or from sample %i', (disposition, i) => {
    const o = twinAt(10).observe(pressSample(i, good, { sequence: Math.max(0, i) }));
    expect(o.disposition).toBe(disposition);
    expect(o.findings).toEqual([]);
  });

  it('a straggler between two samples is out of order', () => {
    const straggler = pressSample(9, good, { sampledAtMs: startMs + 8500, sequence: 9 });
    expect(twinAt(10).observe(straggler).disposition).toBe('out_of_order');
  });

  it('changes nothing with a sample it does not use', () => {
    const twin = twinAt(10);
    const before = twin.save();
    twin.observe(pressSample(10, good));
    expect(twin.save()).toEqual(before);
  });

  it('shows the standing advice on a repeated sample, not a fresh all-clear', () => {
    const twin = twinAt(10);
    twin.observe(pressSample(11, [Number.NaN, 20, 50, 0]));
    const again = twin.observe(pressSample(11, [Number.NaN, 20, 50, 0]));
    expect([again.disposition, again.advice.decision]).toEqual(['duplicate', 'do_not_proceed']);
  });

  it('goes on after the clock was set back, told by the running number', () => {
    const o = twinAt(10).observe(pressSample(11, good, { sampledAtMs: startMs - 3_600_000 }));
    expect(o.disposition).toBe('used');
  });

  it('goes on after a restart that set the clock back and counts from the beginning, once it is sure', () => {
    const twin = createTwin(press);
    for (let i = 0; i <= 20; i++) twin.observe(pressSample(i, good, { sequence: 86_400 + i }));
    const dispositions = Array.from(
      { length: 12 },
      (_, i) => twin.observe(pressSample(i - 3600, good, { sequence: i })).disposition,
    );
    expect(dispositions).toEqual([...new Array(10).fill('late'), 'used', 'used']);
  });

  it('takes no run of numbered stragglers for a restart', () => {
    const twin = createTwin(press);
    for (let i = 0; i <= 20; i++) twin.observe(pressSample(3600 + i, good, { sequence: 3600 + i }));
    for (let i = 0; i < 30; i++) {
      expect(twin.observe(pressSample(3000 + i, good, { sequence: 3000 + i })).disposition).toBe('late');
    }
  });

  it('goes on after the clock was set back where nothing is numbered, once it is sure', () => {
    const twin = createTwin(press);
    for (let i = 0; i <= 20; i++) twin.observe(pressSample(i, good, { sequence: null }));
    const dispositions = Array.from(
      { length: 12 },
      (_, i) => twin.observe(pressSample(i - 3600, good, { sequence: null })).disposition,
    );
    expect(dispositions.slice(0, 10)).toEqual(new Array(10).fill('late'));
    expect(dispositions.slice(10)).toEqual(['used', 'used']);
  });
});
