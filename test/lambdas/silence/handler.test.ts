import { describe, expect, it } from 'vitest';
import { eventSchemas } from '../../../core/events/event-schemas.ts';
import type { Silences } from '../../../core/incidents/silence.ts';
import type { TwinEvent } from '../../../lambdas/ports/event-publisher.ts';
import { createSilenceHandler, type SilenceDeps } from '../../../lambdas/silence/handler.ts';

const startMs = Date.UTC(2026, 6, 1, 8);
const minuteMs = 60_000;

/** A plant of 1,500 machines, read in pages; all spoke at the start but one that never did. */
function openPlant() {
  const ids = Array.from({ length: 1500 }, (_, i) => `M-${String(i).padStart(4, '0')}`);
  const heardMs = new Map(ids.slice(1).map((id) => [id, startMs]));
  const events: TwinEvent[] = [];
  let kept: { silences: Silences; version: number } = { silences: {}, version: 0 };
  const state = { nowMs: startMs, isBusDown: false };
  const silent = () => undefined;
  const deps: SilenceDeps = {
    directory: {
      list: async ({ limit, after }) => {
        const from = after === null ? 0 : ids.indexOf(after) + 1;
        const machines = ids.slice(from, from + limit).map((machineId) => ({
          ...{ machineId, machineType: 'generic', name: '', site: 'Kiel', line: 'a', downtimeEurPerHour: null },
        }));
        return { machines, after: from + limit < ids.length ? machines.at(-1)!.machineId : null };
      },
    },
    twins: {
      summaries: async (asked) =>
        new Map(
          asked.flatMap((id) => {
            const receivedAtMs = heardMs.get(id);
            return receivedAtMs === undefined ? [] : [[id, { receivedAtMs } as never]];
          }),
        ),
    },
    store: {
      load: async () => kept,
      save: async (silences, version) => {
        if (version !== kept.version) return false;
        kept = { silences, version: version + 1 };
        return true;
      },
    },
    events: {
      publish: async (told) => {
        if (state.isBusDown) return told;
        events.push(...told);
        return [];
      },
    },
    staleAfterMs: 5 * minuteMs,
    nowMs: () => state.nowMs,
    log: { info: silent, warn: silent, error: silent },
    metrics: { count: silent, durationMs: silent, flush: silent },
  };
  const look = createSilenceHandler(deps);
  const speakAll = (but: string): void => {
    for (const id of heardMs.keys()) if (id !== but) heardMs.set(id, state.nowMs);
  };
  return { state, events, heardMs, look, speakAll };
}

describe('the look for silence', () => {
  it('tells one machine among 1,500 once when it falls silent and once when it speaks, by events of their schemas', async () => {
    const { state, events, heardMs, look, speakAll } = openPlant();
    for (let minute = 0; minute < 8; minute++) {
      state.nowMs += minuteMs;
      speakAll('M-1400');
      await look();
    }
    expect(events.map(({ detailType, machineId }) => `${detailType} ${machineId}`)).toEqual([
      'machine_stale M-1400',
      'anomaly M-1400',
    ]);
    heardMs.set('M-1400', state.nowMs);
    await look();
    expect(events.slice(2).map(({ detail }) => detail.state ?? (detail.transition as { kind: string }).kind)).toEqual([
      'speaking',
      'cleared',
    ]);
    for (const { detailType, eventId, machineId, atMs, detail } of events)
      expect(
        eventSchemas[detailType].safeParse({ schemaVersion: 1, eventId, machineId, atMs, ...detail }).error,
      ).toBeUndefined();
  });

  it('tells it at the next look where the bus was down at this one', async () => {
    const { state, events, look, speakAll } = openPlant();
    state.nowMs += 6 * minuteMs;
    speakAll('M-0007');
    state.isBusDown = true;
    await expect(look()).rejects.toThrow(/the next look tells them/);
    state.isBusDown = false;
    await look();
    expect(events.map(({ machineId }) => machineId)).toEqual(['M-0007', 'M-0007']);
  });
});
