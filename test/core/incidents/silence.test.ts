import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseFileSchema } from '../../../core/incidents/case-file.ts';
import { caseOfSilence, findSilences, type Silences, type Watched } from '../../../core/incidents/silence.ts';
import { createPlant, startMs } from './plant.ts';

const minuteMs = 60_000;
const staleAfterMs = 5 * minuteMs;
const machineOf = (machineId: string) => ({ machineId, machineType: 'generic', name: '', site: 'Kiel', line: 'a' });
const heard = (machineId: string, lastHeardMs: number | null): Watched => ({
  machine: machineOf(machineId),
  lastHeardMs,
});
const at = (nowMs: number) => ({ nowMs, staleAfterMs });

describe('a machine that stops sending', () => {
  it('is told once when it falls silent, and once when it speaks again', () => {
    const first = findSilences([heard('M-1', startMs)], {}, at(startMs + staleAfterMs + 1));
    expect(first.news).toMatchObject([{ machine: { machineId: 'M-1' }, sinceMs: startMs, isSilent: true }]);
    const second = findSilences([heard('M-1', startMs)], first.silences, at(startMs + 2 * staleAfterMs));
    expect(second.news).toEqual([]);
    const laterMs = startMs + 3 * staleAfterMs;
    const third = findSilences([heard('M-1', laterMs)], second.silences, at(laterMs + 1));
    expect(third.news).toMatchObject([{ isSilent: false }]);
    expect(third.silences).toEqual({});
  });

  it('is not one that never spoke, nor one that left the registry', () => {
    expect(findSilences([heard('M-1', null)], {}, at(startMs)).news).toEqual([]);
    const gone = { 'M-2': { machine: machineOf('M-2'), sinceMs: 0 } };
    expect(findSilences([], gone, at(startMs))).toMatchObject({ silences: {}, news: [{ isSilent: false }] });
  });

  it('gives a case that says do not proceed, and closes the same episode that it opened', () => {
    const news = { machine: machineOf('M-1'), sinceMs: startMs, isSilent: true };
    const opened = caseOfSilence(news, at(startMs + staleAfterMs));
    expect(caseFileSchema.parse({ eventId: 'e', ...opened }).advice?.decision).toBe('do_not_proceed');
    const cleared = caseOfSilence({ ...news, isSilent: false }, at(startMs + 2 * staleAfterMs));
    expect(cleared.transition.episodeId).toBe(opened.transition.episodeId);
  });

  it('is one incident with the others where a gateway takes a whole hall along', () => {
    const plant = createPlant();
    for (let i = 1; i <= 20; i++) {
      const news = { machine: machineOf(`M-${i}`), sinceMs: startMs + i, isSilent: true };
      plant.take({ eventId: `e${i}`, ...caseOfSilence(news, at(startMs + staleAfterMs + 1000)) });
    }
    expect(plant.live()).toHaveLength(1);
    expect(plant.live()[0]).toMatchObject({ kind: 'group', commonCause: 'machine_silent' });
  });

  it('is told in turns, silent and speaking, whatever the looks see and in whatever order machines come and go', () => {
    const look = fc.array(
      fc.record({ id: fc.constantFrom('A', 'B', 'C'), ageMin: fc.option(fc.integer({ min: 0, max: 12 })) }),
      {
        maxLength: 3,
      },
    );
    fc.assert(
      fc.property(fc.array(look, { maxLength: 30 }), (looks) => {
        let known: Silences = {};
        const told = new Map<string, boolean>();
        looks.forEach((seen, minute) => {
          const nowMs = startMs + minute * minuteMs;
          const watched = seen.map(({ id, ageMin }) => heard(id, ageMin === null ? null : nowMs - ageMin * minuteMs));
          const { silences, news } = findSilences(watched, known, at(nowMs));
          for (const { machine, isSilent } of news) {
            expect(told.get(machine.machineId) ?? false).toBe(!isSilent);
            told.set(machine.machineId, isSilent);
          }
          known = silences;
        });
        for (const [machineId, isSilent] of told) expect(known[machineId] !== undefined).toBe(isSilent);
      }),
      { seed: 7 },
    );
  });
});
