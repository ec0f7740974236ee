import { describe, expect, it } from 'vitest';
import { detectionSchema } from '../../../core/detection/config.ts';
import { Episodes, type Standing } from '../../../core/detection/episodes.ts';
import type { Severity } from '../../../core/detection/observation.ts';

const config = detectionSchema.parse({
  codes: { window: { title: 'Window', penalty: 20, invalidProcess: true } },
  episodes: { openAfterSamples: 2, clearAfterSamples: 3, clearAfterS: 0, refractoryS: 60 },
});
const nothingExplained = () => false;

const standing = (code: string, severity: Severity = 'watch', cause: string | null = null): Standing => ({
  code,
  severity,
  cause,
});

/** One step a second: the codes standing at each. */
function play(steps: readonly (readonly Standing[])[], explains = nothingExplained as (mode: string) => boolean) {
  const episodes = new Episodes(config, explains);
  return steps.flatMap((codes, i) =>
    episodes
      .update({ machineId: 'M', sampledAtMs: i * 1000 }, codes, false)
      .map((t) => `${i} ${t.kind} ${t.code} ${t.severity}`),
  );
}

const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);

describe('one fault is one alarm', () => {
  it('opens after some samples in a row, clears after some without', () => {
    const steps = [...times(4, [standing('a')]), ...times(5, [])];
    expect(play(steps)).toEqual(['1 opened a watch', '6 cleared a watch']);
  });

  it('is not opened by single samples', () => {
    expect(play([[standing('a')], [], [standing('a')], []])).toEqual([]);
  });

  it('is held open through flapping', () => {
    const flapping = Array.from({ length: 20 }, (_, i) => (i % 3 === 2 ? [] : [standing('a')]));
    expect(play(flapping)).toEqual(['1 opened a watch']);
  });

  it('tells when it worsens, not when it eases', () => {
    const steps = [
      ...times(2, [standing('a')]),
      [standing('a', 'critical')],
      [standing('a')],
      [standing('a', 'warning')],
    ];
    expect(play(steps)).toEqual(['1 opened a watch', '2 changed a critical']);
  });

  it('opens no second time within the refractory period, unless worse', () => {
    const again = [...times(2, [standing('a')]), ...times(3, []), ...times(10, [standing('a')])];
    expect(play(again)).toEqual(['1 opened a watch', '4 cleared a watch']);
    const worse = [...times(2, [standing('a')]), ...times(3, []), ...times(2, [standing('a', 'critical')])];
    expect(play(worse).at(-1)).toBe('6 opened a critical');
    const later = [...times(2, [standing('a')]), ...times(70, []), ...times(2, [standing('a')])];
    expect(play(later).at(-1)).toBe('73 opened a watch');
  });

  it('neither stays open nor stays shut for as long as a clock ran ahead that was set right', () => {
    const dayMs = 86_400_000;
    const playAhead = (ahead: readonly (readonly Standing[])[], right: readonly (readonly Standing[])[]) => {
      const episodes = new Episodes(config, nothingExplained);
      const at = (ms: number, codes: readonly Standing[]) =>
        episodes.update({ machineId: 'M', sampledAtMs: ms }, codes, false).map(({ kind }) => kind);
      ahead.forEach((codes, i) => {
        at(dayMs + i * 1000, codes);
      });
      return right.flatMap((codes, i) => at(i * 1000, codes));
    };
    expect(playAhead(times(2, [standing('a')]), times(5, []))).toEqual(['cleared']);
    const cleared = [...times(2, [standing('a')]), ...times(3, [])];
    expect(playAhead(cleared, times(70, [standing('a')]))).toEqual(['opened']);
  });

  it('takes what the open fault explains as part of it, but never an invalid window', () => {
    const fault = standing('a', 'watch', 'wear');
    const steps = [...times(2, [fault]), ...times(4, [fault, standing('b'), standing('window')])];
    expect(play(steps, (mode) => mode === 'wear')).toEqual(['1 opened a watch', '3 opened window watch']);
  });

  it('worsens by a graver sign of the same fault, once that lasts', () => {
    const fault = standing('a', 'watch', 'wear');
    const grave = standing('b', 'critical');
    const explains = (mode: string) => mode === 'wear';
    const glitch = [...times(2, [fault]), [fault, grave], ...times(3, [fault])];
    expect(play(glitch, explains)).toEqual(['1 opened a watch']);
    const lasting = [...times(2, [fault]), ...times(4, [fault, grave])];
    expect(play(lasting, explains)).toEqual(['1 opened a watch', '3 changed a critical']);
  });

  it('names the episode by machine, code and moment, the same over a replay', () => {
    const episodes = new Episodes(config, nothingExplained);
    const at = (ms: number) => episodes.update({ machineId: 'M', sampledAtMs: ms }, [standing('a')], false);
    at(1000);
    expect(at(2000)[0]!.episodeId).toBe('M/a/2000');
  });

  it('does not take blindness for an end', () => {
    const episodes = new Episodes(config, nothingExplained);
    const at = (i: number, codes: Standing[], isBlind: boolean) =>
      episodes.update({ machineId: 'M', sampledAtMs: i * 1000 }, codes, isBlind);
    at(0, [standing('a')], false);
    at(1, [standing('a')], false);
    for (let i = 2; i < 20; i++) at(i, [], true);
    expect(episodes.anyOpen).toBe(true);
  });
});
