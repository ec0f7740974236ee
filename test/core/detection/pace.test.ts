import { describe, expect, it } from 'vitest';
import { createTwin } from '../../../core/detection/twin.ts';
import type { MachineType, MachineTypeInput } from '../../../core/machine-types/definition.ts';
import { loadMachineType } from '../../../core/machine-types/load.ts';
import type { Sample } from '../../../core/telemetry/sample.ts';
import { startMs } from './plant-type.ts';
import { observeAll, openedCodes } from './press-life.ts';

const definition: MachineTypeInput = {
  schemaVersion: 1,
  name: 'grinder',
  title: 'Grinder',
  signals: [
    { name: 'wear', path: 'wear', unit: '%', component: 'wheel', physicalRange: { min: 0, max: 200 } },
    { name: 'minutes', path: 'minutes', unit: 'min', component: 'wheel', physicalRange: { min: 0, max: 1e6 } },
  ],
  context: [
    { name: 'wheel', path: 'wheel' },
    { name: 'program', path: 'program' },
  ],
  components: [{ name: 'wheel', title: 'Wheel' }],
  failureModes: [{ name: 'worn', title: 'Worn', component: 'wheel', signature: { wear: 'up' } }],
  detection: {
    checks: [
      {
        code: 'fast',
        kind: 'pace',
        of: 'wear',
        per: 'minutes',
        partField: 'wheel',
        workField: 'program',
        atLeast: 1,
        until: 70,
        leastWork: 0.5,
        mostWork: 20,
        mostPerS: 0.0167,
      },
    ],
    codes: { fast: { title: 'Wears faster than it did', penalty: 20, component: 'wheel', suggests: 'worn' } },
  },
};

function load(input: unknown): MachineType {
  const loaded = loadMachineType(input);
  if (!loaded.ok) throw new Error(loaded.error.join('; '));
  return loaded.value;
}
const grinder = load(definition);

/** Wear after so many minutes: quick at first, then even, then quick again, for an edge that lives `life` minutes. */
const healthyWear = (minutes: number, life = 60): number => {
  const u = minutes / life;
  return 20 * (1 - Math.exp(-u / 0.06)) + 58 * u + 22 * Math.exp((u - 1) / 0.12);
};

interface Turn {
  readonly wheel: string;
  readonly minutes: number;
  readonly wear: number;
  readonly program?: string;
}

/** A sample every ten seconds, so a working wheel counts a sixth of a minute each. */
const toSamples = (turns: readonly Turn[]): Sample[] =>
  turns.map(({ wheel, minutes, wear, program = 'P1' }, i) => ({
    machineId: 'G-1',
    machineType: 'grinder',
    sampledAtMs: startMs + i * 10_000,
    sequence: i,
    values: [Math.round(wear * 100) / 100, minutes],
    declaredQuality: {},
    phase: null,
    context: { wheel, program },
  }));

/** One wheel at work from its first minute; `extra` is wear on top, from `fromMinute` on, per minute. */
function wheelLife(minutes: number, { extra = 0, fromMinute = 0, life = 60, wheel = 'A' } = {}): Turn[] {
  return Array.from({ length: Math.floor(minutes * 6) }, (_, i) => {
    const at = (i + 1) / 6;
    return { wheel, minutes: at, wear: healthyWear(at, life) + extra * Math.max(0, at - fromMinute) };
  });
}

const play = (turns: readonly Turn[]) => observeAll(createTwin(grinder), toSamples(turns));

describe('a part that wears faster than it did', () => {
  it('is found long before its limit, and told with its name, its wear and what its pace would have given', () => {
    const seen = play(wheelLife(40, { extra: 1.2, fromMinute: 20 }));
    const opened = seen.findIndex((o) => o.transitions.some((t) => t.kind === 'opened'));
    expect(openedCodes(seen)).toEqual(['fast']);
    expect(opened / 6).toBeGreaterThan(20);
    expect(opened / 6).toBeLessThan(24);
    const [evidence] = seen[opened]!.findings[0]!.evidence;
    expect(evidence).toMatchObject({ signal: 'wear', unit: '%', part: 'A', detector: { name: 'pace', version: 1 } });
    expect(evidence!.observed!).toBeGreaterThan(evidence!.limit!.max!);
    expect(evidence!.limit!.max!).toBeGreaterThan(evidence!.expected!);
    expect(seen[opened]!.causes[0]!.failureMode).toBe('worn');
  });

  it('is told after a stop as it would have been without', () => {
    const undisturbed = createTwin(grinder);
    let moved = createTwin(grinder);
    for (const sample of toSamples(wheelLife(26, { extra: 1.2, fromMinute: 20 }))) {
      moved = createTwin(grinder, JSON.parse(JSON.stringify(moved.save())));
      expect(moved.observe(sample)).toEqual(undisturbed.observe(sample));
    }
  });

  it.each([10, 60, 400])('is not any healthy edge, from run-in to the end of a life of %i minutes', (life) => {
    expect(openedCodes(play(wheelLife(life * 1.05, { life })))).toEqual([]);
  });

  it('is not the next edge, which runs in quickly again', () => {
    const edges = [30, 45, 60, 25].flatMap((life) => wheelLife(life, { life }));
    expect(openedCodes(play(edges))).toEqual([]);
  });

  it('is told of one wheel while others at work in turn keep their pace', () => {
    const a = wheelLife(40, { extra: 1.2, fromMinute: 20 });
    const b = wheelLife(40, { wheel: 'B', life: 90 });
    const seen = play(a.flatMap((turn, i) => [turn, b[i]!]));
    expect(openedCodes(seen)).toEqual(['fast']);
    expect(seen.at(-1)!.findings[0]!.evidence.map((e) => e.part)).toEqual(['A']);
  });

  it('is no part whose work changed, nor one whose count was set by hand', () => {
    const slow = wheelLife(20, { life: 200 });
    const { minutes, wear } = slow.at(-1)!;
    const harder = Array.from({ length: 40 }, (_, i) => ({
      wheel: 'A',
      program: 'P2',
      minutes: minutes + (i + 1) / 6,
      wear: wear + (i + 1) / 2,
    }));
    expect(openedCodes(play([...slow, ...harder]))).toEqual([]);
    const found = wheelLife(20).map((turn) => ({ ...turn, minutes: turn.minutes + (turn.minutes > 1 ? 500 : 0) }));
    expect(openedCodes(play(found))).toEqual([]);
  });

  it('is not another, part-worn edge that was put in while nobody looked', () => {
    const fresh = wheelLife(4, { life: 300 });
    const worn = wheelLife(60).slice(28 * 6);
    const standing = Array.from({ length: 180 }, (): Turn => ({ wheel: 'B', minutes: 3, wear: 4 }));
    expect(openedCodes(play([...fresh, ...standing, ...worn]))).toEqual([]);
    const [night, morning] = [toSamples(fresh), toSamples([...fresh, ...worn]).slice(fresh.length)];
    const later = morning.map((s) => ({ ...s, sampledAtMs: s.sampledAtMs + 3_600_000 }));
    expect(openedCodes(observeAll(createTwin(grinder), [...night, ...later]))).toEqual([]);
  });

  it('clears once another edge is put in', () => {
    const seen = play([...wheelLife(40, { extra: 1.2, fromMinute: 20 }), ...wheelLife(30)]);
    expect(seen.flatMap((o) => o.transitions.map((t) => t.kind)).filter((k) => k !== 'changed')).toEqual([
      'opened',
      'cleared',
    ]);
  });

  it('goes on while another wheel is changed, and clears once it is changed itself', () => {
    const twin = createTwin(grinder);
    const a = wheelLife(40, { extra: 1.2, fromMinute: 20 });
    const b = wheelLife(40, { wheel: 'B', life: 90 });
    observeAll(twin, toSamples(a.flatMap((turn, i) => [turn, b[i]!])));
    expect(twin.renew('wheel', 'B')).toEqual([]);
    expect(twin.renew('wheel', 'A')).toMatchObject([{ kind: 'cleared', code: 'fast' }]);
  });

  it('keeps no more than ten parts', () => {
    const twin = createTwin(grinder);
    const turns = Array.from({ length: 60 }, (_, w) => wheelLife(3, { wheel: `T${w}` })).flat();
    observeAll(twin, toSamples(turns));
    expect(JSON.stringify(twin.save()).length).toBeLessThan(4096);
    const [state] = twin.save().checks;
    expect((state as unknown as { parts: unknown[] }).parts).toHaveLength(10);
  });

  it('has its names checked', () => {
    const { detection } = definition;
    const wrong = { ...detection, checks: [{ ...detection!.checks![0]!, per: 'hours', partField: 'tool' }] };
    const loaded = loadMachineType({ ...definition, detection: wrong });
    expect(loaded.ok ? [] : loaded.error).toEqual([
      'detection.checks[0] per: got "hours", allowed are wear, minutes',
      'detection.checks[0] partField: got "tool", allowed are wheel, program',
    ]);
  });
});
