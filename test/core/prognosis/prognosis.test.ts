import { describe, expect, it } from 'vitest';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { teachLives } from '../../../core/prognosis/life-ensemble.ts';
import { createPrognosis, type Prognosis, type PrognosisState } from '../../../core/prognosis/prognosis.ts';
import { createRandom } from '../../../core/random/random.ts';
import golden from '../../fixtures/prognosis/pump-v1.json' with { type: 'json' };

const pump = builtinMachineTypes.find((type) => type.name === 'centrifugal-pump')!;
const mill = builtinMachineTypes.find((type) => type.name === 'cnc-mill')!;
const startMs = Date.UTC(2026, 0, 1);
const minuteMs = 60_000;

const sound: Readonly<Record<string, number>> = {
  speed_rpm: 2900,
  bearing_bpfo_g: 0.04,
  vibration_1x_mm_s: 0.9,
  npsh_margin_m: 7.5,
  seal_leak_ml_h: 5,
  efficiency_percent: 72,
  motor_power_kw: 5.3,
};

interface Told {
  readonly values: Readonly<Record<string, number>>;
  readonly quality?: 'good' | 'stuck';
}

/** Feeds one sample a minute; noise is seeded, so the same script gives the same samples. */
function feed(prognosis: Prognosis, from: number, script: readonly Told[], clockAheadMs = 0): number {
  script.forEach(({ values, quality = 'good' }, i) => {
    const random = createRandom(`${from + i}`);
    const all = { ...sound, ...values };
    prognosis.observe(
      {
        machineId: 'PUMP-1',
        sampledAtMs: startMs + (from + i) * minuteMs + clockAheadMs,
        values: pump.signals.map(({ name }) =>
          all[name] === undefined ? Number.NaN : all[name] * (1 + random.normal(0, 0.02)),
        ),
        expected: pump.signals.map(() => Number.NaN),
        quality: pump.signals.map(() => quality),
        phase: null,
        disposition: 'used',
      },
      {},
    );
  });
  return from + script.length;
}

const healthy = (minutes: number): Told[] => Array.from({ length: minutes }, () => ({ values: {} }));
/** The bearing line rises straight to failure over `minutes`, and stops after `until`. */
const wearing = (minutes: number, until = minutes): Told[] =>
  Array.from({ length: until }, (_, i) => ({ values: { bearing_bpfo_g: 0.04 + (1.46 * i) / minutes } }));

/** As a plant may define it: nothing says that a standing pump shows no wear. */
const alwaysWatched = {
  ...pump,
  prognosis: {
    ...pump.prognosis,
    wears: pump.prognosis.wears.map((wear) => (wear.kind === 'degradation' ? { ...wear, while: undefined } : wear)),
  },
};

const bearingOf = (prognosis: Prognosis, atMinutes: number) => {
  const forecast = prognosis.forecast(startMs + atMinutes * minuteMs);
  return { forecast, bearing: forecast.components.find((c) => c.component === 'bearing')! };
};

it('takes a standstill for no wear, where wear is told by the speed', () => {
  const prognosis = createPrognosis(alwaysWatched);
  const standing = [{ values: { speed_rpm: 0, bearing_bpfo_g: 0.001 } }];
  let at = feed(prognosis, 0, [...healthy(60), ...standing, ...healthy(120)]);
  expect(bearingOf(prognosis, at).bearing.status).toBe('none_seen');
  at = feed(prognosis, at, [...standing, ...standing, ...healthy(60)]);
  expect(bearingOf(prognosis, at).bearing).toMatchObject({ status: 'none_seen', evidence: { points: 0 } });
});

describe('a clock that ran ahead for an hour and was set right', () => {
  const yearMs = 365 * 24 * 3_600_000;

  it('makes a worn component last no longer', () => {
    const prognosis = createPrognosis(pump);
    const rise = wearing(1200, 900);
    let at = feed(prognosis, 0, [...healthy(300), ...rise.slice(0, 500)]);
    at = feed(prognosis, at, rise.slice(500, 560), yearMs);
    at = feed(prognosis, at, rise.slice(560));
    const { remainingHours } = bearingOf(prognosis, at).bearing;
    expect(remainingHours!.p10).toBeLessThan(5);
    expect(remainingHours!.p90).toBeGreaterThan(5);
    expect(remainingHours!.p90).toBeLessThan(20);
  });

  it('makes a new one no younger than new', () => {
    const prognosis = createPrognosis(pump);
    const at = feed(prognosis, feed(prognosis, 0, healthy(60), yearMs), healthy(60));
    const { bearing } = bearingOf(prognosis, at);
    expect(bearing.evidence!.ageHours).toBeCloseTo(1, 1);
  });
});

describe('before wear shows', () => {
  it('tells the life of the fleet and says so, instead of a number made up', () => {
    const prognosis = createPrognosis(pump);
    const { bearing, forecast } = bearingOf(prognosis, feed(prognosis, 0, healthy(400)));
    expect(bearing).toMatchObject({
      status: 'none_seen',
      method: 'weibull_prior',
      failureMode: null,
      withheldBecause: null,
    });
    expect(bearing.why).toContain('no wear seen yet');
    expect(forecast.nextMaintenance).toBeNull();
  });
});

describe('once wear shows', () => {
  const prognosis = createPrognosis(pump);
  const at = feed(prognosis, feed(prognosis, 0, healthy(300)), wearing(600, 400));
  const { bearing, forecast } = bearingOf(prognosis, at);

  it('foretells how long the bearing lasts, with its mode, method and evidence', () => {
    expect(bearing).toMatchObject({ status: 'wearing', failureMode: 'bearing_wear', part: null });
    expect(['wiener', 'exponential', 'growth_laws']).toContain(bearing.method);
    expect(bearing.remainingHours!.p50).toBeGreaterThan(2.3);
    expect(bearing.remainingHours!.p50).toBeLessThan(4.5);
    expect(bearing.evidence).toMatchObject({ signal: 'bearing_bpfo_g', unit: 'g' });
    expect(bearing.evidence!.healthIndex).toBeGreaterThan(0.5);
  });

  it('names the next maintenance and what must be ordered when', () => {
    expect(forecast.nextMaintenance).toMatchObject({
      component: 'bearing',
      action: 'replace_bearing',
      leadTimeHours: 48,
      orderWithinHours: 0,
    });
  });

  it('leaves the other components as they are', () => {
    expect(forecast.components.filter((c) => c.status === 'wearing')).toHaveLength(1);
  });
});

it('wear that shows but whose course says anything from hours to years is told as that, not as a number', () => {
  const prognosis = createPrognosis(pump);
  const barely = Array.from({ length: 60 }, () => ({ values: { bearing_bpfo_g: 0.16 } }));
  const { bearing } = bearingOf(prognosis, feed(prognosis, feed(prognosis, 0, healthy(300)), barely));
  expect(bearing).toMatchObject({ status: 'withheld', remainingHours: null, method: null });
  expect(bearing.withheldBecause).toMatch(
    /^wear shows, but not yet by which course it grows: the end may lie \S+ h or \S+ h away$/,
  );
});

it('a clogged system is told by its friction, whatever the speed and the work of the pump', () => {
  const prognosis = createPrognosis(pump);
  const staticHeadM = 8;
  /** Speed wanders; the friction head at rated flow rises from 24 m to 140 m. */
  const script = Array.from({ length: 600 }, (_, i) => {
    const flow = 24 + 8 * Math.sin(i / 7);
    const frictionM = i < 200 ? 24 : 24 + 0.29 * (i - 200);
    return { values: { flow_m3_h: flow, head_m: staticHeadM + frictionM * (flow / 50) ** 2 } };
  });
  const at = feed(prognosis, 0, script);
  const { components } = prognosis.forecast(startMs + at * minuteMs);
  const clogging = components.find(({ failureMode }) => failureMode === 'clogging')!;
  expect(clogging).toMatchObject({ component: 'system', status: 'wearing' });
  expect(clogging.evidence!.healthIndex).toBeGreaterThan(0.9);
});

it('remaining life never grows without a stated cause', () => {
  const prognosis = createPrognosis(pump);
  let at = feed(prognosis, 0, healthy(300));
  let before = Number.POSITIVE_INFINITY;
  let grown = 0;
  // Wear that comes, nearly stops, and comes again: estimates want to grow in between.
  const levels = Array.from(
    { length: 500 },
    (_, i) => 0.3 + (i < 150 ? i / 400 : i < 350 ? 0.375 : 0.375 + (i - 350) / 300),
  );
  for (const level of levels) {
    at = feed(prognosis, at, [{ values: { bearing_bpfo_g: 1.5 * level } }]);
    const { bearing } = bearingOf(prognosis, at);
    if (bearing.status !== 'wearing') continue;
    const { p10, p50, p90 } = bearing.remainingHours!;
    expect(p10).toBeLessThanOrEqual(p50);
    expect(p50).toBeLessThanOrEqual(p90);
    if (p50 > before) {
      grown++;
      expect(bearing.grewBecause).not.toBeNull();
    }
    before = p50;
  }
  expect(before).toBeLessThan(10);
  expect(grown).toBeLessThan(10);
});

it('knows nothing of the future: another tail leaves what was told before as it was', () => {
  const tellAll = (tail: readonly Told[]) => {
    const prognosis = createPrognosis(pump);
    let at = feed(prognosis, 0, healthy(300));
    const told = [...wearing(600, 200), ...tail].map((sample) => {
      at = feed(prognosis, at, [sample]);
      return bearingOf(prognosis, at).bearing;
    });
    return told.slice(0, 200);
  };
  const tail = wearing(600, 300).slice(200);
  expect(tellAll(tail)).toEqual(tellAll([...tail].reverse()));
});

describe('what is withheld', () => {
  it('a forecast on data that cannot be trusted, with the reason', () => {
    const prognosis = createPrognosis(pump);
    let at = feed(prognosis, feed(prognosis, 0, healthy(300)), wearing(600, 300));
    at = feed(prognosis, at, [{ values: { bearing_bpfo_g: 0.8 }, quality: 'stuck' }]);
    const { bearing } = bearingOf(prognosis, at);
    expect(bearing).toMatchObject({
      status: 'withheld',
      remainingHours: null,
      withheldBecause: 'bearing_bpfo_g is stuck',
    });
  });

  it('a forecast on old data, and one on none', () => {
    const prognosis = createPrognosis(pump);
    expect(bearingOf(prognosis, 0).bearing.withheldBecause).toBe('no sample of this machine yet');
    const at = feed(prognosis, 0, healthy(10));
    expect(bearingOf(prognosis, at + 30).bearing.withheldBecause).toBe('the last sample is 31 min old, allowed are 10');
  });
});

it('after a repair the component starts anew, and its finished life can be kept', () => {
  const prognosis = createPrognosis(pump);
  let at = feed(prognosis, feed(prognosis, 0, healthy(300)), wearing(600, 590));
  const finished = prognosis.renew('bearing');
  expect(finished).toHaveLength(1);
  expect(finished[0]!.failureMode).toBe('bearing_wear');
  expect(finished[0]!.curve.at(-1)!.index).toBeGreaterThan(0.9);
  at = feed(prognosis, at, healthy(200));
  const { bearing } = bearingOf(prognosis, at);
  expect(bearing.status).toBe('none_seen');
  expect(bearing.evidence!.ageHours).toBeLessThan(4);
});

describe('its state', () => {
  it('goes on after saving and loading as if it had never stopped', () => {
    const prognosis = createPrognosis(pump);
    const at = feed(prognosis, feed(prognosis, 0, healthy(300)), wearing(600, 200));
    prognosis.forecast(startMs + at * minuteMs);
    const saved = JSON.parse(JSON.stringify(prognosis.save())) as PrognosisState;
    const resumed = createPrognosis(pump, { saved });
    for (const each of [prognosis, resumed]) feed(each, at, wearing(600, 300).slice(200));
    expect(bearingOf(resumed, at + 100)).toEqual(bearingOf(prognosis, at + 100));
    expect(resumed.save()).toEqual(prognosis.save());
  });

  it('of version 1 still opens and still tells the same', () => {
    const resumed = createPrognosis(pump, { saved: golden.saved as unknown as PrognosisState });
    expect(bearingOf(resumed, golden.askedAtMinutes).bearing.remainingHours).toEqual(golden.remainingHours);
  });

  it('of another signal keeps the age and learns its baseline anew', () => {
    const old = createPrognosis(pump, { saved: golden.saved as unknown as PrognosisState });
    const [before] = golden.saved.wears.filter((_, i) => pump.prognosis.wears[i]!.failureMode === 'clogging');
    const at = pump.prognosis.wears.findIndex((wear) => wear.failureMode === 'clogging');
    const after = old.save().wears[at]!;
    expect(before!.index.seen).toBe(120);
    expect(after).toMatchObject({ ageHours: before!.ageHours, signal: 'head_m', index: { seen: 0 } });
  });

  it('of an unknown version is refused in one sentence', () => {
    const saved = { ...golden.saved, version: 9 } as unknown as PrognosisState;
    expect(() => createPrognosis(pump, { saved })).toThrow('got prognosis version 9, allowed is prognosis 1');
  });
});

it('many finished lives teach trees, which then speak first and say why', () => {
  const random = createRandom(8);
  const moments = Array.from({ length: 60 }, (_, life) => {
    const hours = random.uniform(4, 40);
    return [0.3, 0.5, 0.7, 0.9].map((share) => ({
      life,
      failureMode: 'bearing_wear',
      onsetHours: hours,
      leftHours: (1 - share) * hours,
      curve: Array.from({ length: 30 }, (_, i) => ({
        hours: (share * hours * (i + 1)) / 30,
        index: (share * (i + 1)) / 30,
      })),
    }));
  }).flat();
  const experience = { library: [], ensemble: teachLives(moments, 1) };
  const prognosis = createPrognosis(pump, { experience });
  const at = feed(prognosis, feed(prognosis, 0, healthy(300)), wearing(600, 400));
  const { bearing } = bearingOf(prognosis, at);
  expect(bearing.method).toBe('tree_ensemble');
  expect(bearing.why).toContain('taught by finished lives (60)');
  expect(bearing.remainingHours!.p50).toBeGreaterThan(1.5);
  expect(bearing.remainingHours!.p50).toBeLessThan(6);
});

describe('the tools of a mill', () => {
  interface Cut {
    readonly id: string;
    readonly wear: number;
    readonly minutes: number;
    readonly countQuality?: 'good' | 'out_of_range';
  }
  const cut = (prognosis: Prognosis, minutes: number, { countQuality = 'good', ...tool }: Cut): void => {
    const qualityOf = (name: string) => (name === 'tool_runtime_min' ? countQuality : 'good');
    const told: Record<string, number> = {
      tool_wear_percent: tool.wear,
      tool_runtime_min: tool.minutes,
      cycle_time_s: (minutes % 6) * 60,
    };
    prognosis.observe(
      {
        machineId: 'CNC-1',
        sampledAtMs: startMs + minutes * minuteMs,
        values: mill.signals.map(({ name }) => told[name] ?? Number.NaN),
        expected: [],
        quality: mill.signals.map(({ name }) => (told[name] === undefined ? 'missing' : qualityOf(name))),
        phase: null,
        disposition: 'used',
      },
      { tool: tool.id },
    );
  };
  const toolsOf = (prognosis: Prognosis, minutes: number) =>
    prognosis.forecast(startMs + minutes * minuteMs).components.filter((c) => c.component === 'tool');

  it('each have a forecast of their own, in hours of cutting and in cycles', () => {
    const prognosis = createPrognosis(mill);
    for (let i = 0; i < 60; i++)
      cut(prognosis, i, { id: i % 2 ? 'T02' : 'T01', wear: 24 + (i % 2 ? 0.2 : 0.9) * i, minutes: i / 2 });
    const [first, second] = toolsOf(prognosis, 60);
    expect(first).toMatchObject({ part: 'T01', method: 'taylor', failureMode: 'tool_wear' });
    expect(second).toMatchObject({ part: 'T02' });
    expect(first!.remainingHours!.p50).toBeLessThan(second!.remainingHours!.p50);
    // Ten cycles an hour, of which it cuts half the time: three minutes each.
    expect(first!.remainingCycles!.p50).toBeCloseTo((first!.remainingHours!.p50 * 60) / 3, 3);
  });

  it('start anew one by one, and all where none is named', () => {
    const prognosis = createPrognosis(mill);
    for (let i = 0; i < 20; i++) cut(prognosis, i, { id: i % 2 ? 'T02' : 'T01', wear: 24 + i, minutes: i / 2 });
    prognosis.renew('tool', 'T01');
    expect(toolsOf(prognosis, 20).map(({ part }) => part)).toEqual(['T02']);
    prognosis.renew('tool');
    expect(toolsOf(prognosis, 20)).toEqual([]);
  });

  it('tell no cycles before they have met one, and as many after a restart of the program', () => {
    let prognosis = createPrognosis(mill);
    const cutUntil = (from: number, to: number): void => {
      for (let i = from; i < to; i++) cut(prognosis, i, { id: 'T01', wear: 24 + 0.9 * i, minutes: i / 2 });
    };
    cutUntil(0, 10);
    expect(toolsOf(prognosis, 10)[0]).toMatchObject({ status: 'wearing', remainingCycles: null });
    cutUntil(10, 40);
    prognosis = createPrognosis(mill, { saved: JSON.parse(JSON.stringify(prognosis.save())) as PrognosisState });
    cutUntil(40, 60);
    const [{ remainingHours, remainingCycles } = {} as never] = toolsOf(prognosis, 60);
    expect(remainingCycles!.p50).toBeCloseTo((remainingHours!.p50 * 60) / 3, 3);
  });

  it('are followed also where each edge has a name of its own: the one not used for longest is forgotten', () => {
    const prognosis = createPrognosis(mill);
    for (let i = 0; i < 260; i++) {
      cut(prognosis, 2 * i, { id: 'T01', wear: 10 + 0.2 * i, minutes: i });
      cut(prognosis, 2 * i + 1, { id: `E-${i}`, wear: 10, minutes: 1 });
    }
    const parts = toolsOf(prognosis, 520).map(({ part }) => part);
    expect([parts.length, parts.includes('T01'), parts.includes('E-259'), parts.includes('E-0')]).toEqual([
      200,
      true,
      true,
      false,
    ]);
  });

  /** An edge that cuts three minutes of each six-minute cycle, in shifts of two hours with a night in between. */
  function cutInShifts(shifts: number): { prognosis: Prognosis; endMinutes: number } {
    const prognosis = createPrognosis(mill);
    const shiftMinutes = 120;
    let endMinutes = 0;
    for (let i = 0; i < shifts * shiftMinutes; i++) {
      endMinutes = i + Math.floor(i / shiftMinutes) * 16 * 60;
      const cutMinutes = 3 * Math.floor(i / 6) + Math.min(3, i % 6);
      cut(prognosis, endMinutes, { id: 'T01', wear: 20 + cutMinutes / 3, minutes: cutMinutes });
    }
    return { prognosis, endMinutes };
  }

  it('are due by the clock, at the share of the time that they cut, whatever nights lie between', () => {
    for (const shifts of [1, 3]) {
      const { prognosis, endMinutes } = cutInShifts(shifts);
      const { components, nextMaintenance } = prognosis.forecast(startMs + endMinutes * minuteMs);
      const { p10 } = components.find(({ part }) => part === 'T01')!.remainingHours!;
      expect(nextMaintenance).toMatchObject({ component: 'tool', part: 'T01', action: 'change_tool' });
      const share = p10 / (nextMaintenance!.doneWithinHours + 0.1);
      // Half of it; a night weighs a tenth of a cycle more, and as if none came is early, never late.
      expect(share).toBeGreaterThan(0.45);
      expect(share).toBeLessThan(0.55);
    }
  });

  it('are due as if they cut all the time before they have met a whole cycle', () => {
    const prognosis = createPrognosis(mill);
    for (let i = 0; i < 5; i++) cut(prognosis, i, { id: 'T01', wear: 24 + i, minutes: i / 2 });
    const { components, nextMaintenance } = prognosis.forecast(startMs + 5 * minuteMs);
    const { p10 } = components.find(({ part }) => part === 'T01')!.remainingHours!;
    expect(nextMaintenance!.doneWithinHours).toBeCloseTo(p10 - 0.1, 6);
  });

  it('are no older by a count of minutes that cannot be trusted', () => {
    const prognosis = createPrognosis(mill);
    for (let i = 0; i < 30; i++) cut(prognosis, i, { id: 'T01', wear: 24 + i, minutes: i });
    cut(prognosis, 30, { id: 'T01', wear: 54, minutes: 1e308, countQuality: 'out_of_range' });
    cut(prognosis, 31, { id: 'T01', wear: 55, minutes: 31 });
    const [tool] = toolsOf(prognosis, 31);
    expect(tool).toMatchObject({ status: 'wearing', grewBecause: null });
    expect(tool!.evidence!.ageHours * 60).toBeCloseTo(31, 0);
    expect(tool!.remainingHours!.p50).toBeGreaterThan(0);
  });

  it('start anew with a new edge, and the growth of life is explained', () => {
    const prognosis = createPrognosis(mill);
    for (let i = 0; i < 50; i++) cut(prognosis, i, { id: 'T01', wear: 24 + 1.5 * i, minutes: i });
    const before = toolsOf(prognosis, 50)[0]!.remainingHours!.p50;
    for (let i = 0; i < 8; i++) cut(prognosis, 50 + i, { id: 'T01', wear: 3 * (i + 1), minutes: i + 1 });
    const saved = JSON.parse(JSON.stringify(prognosis.save())) as PrognosisState;
    for (const one of [prognosis, createPrognosis(mill, { saved })]) {
      const [tool] = toolsOf(one, 58);
      expect(tool!.remainingHours!.p50).toBeGreaterThan(before);
      expect(tool!.grewBecause).toContain('a new edge');
    }
  });
});
