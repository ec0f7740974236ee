import { describe, expect, it } from 'vitest';
import { noCounts } from '../../../core/api/ledger.ts';
import { knownTypes } from '../../../core/machine-types/known.ts';
import type { Forecast } from '../../../core/prognosis/forecast.ts';
import type { Crossing } from '../../../core/prognosis/urgency.ts';
import type { Told } from '../../../lambdas/detection/machine-twins.ts';
import type { Observed } from '../../../lambdas/detection/present.ts';
import { tell } from '../../../lambdas/detection/tell.ts';
import { describeCrossing, forgetUrgency } from '../../../lambdas/detection/tell-urgency.ts';
import { createRows } from '../adapters/rows.ts';

const [row] = createRows(1);
const startMs = row!.observation.sampledAtMs;

const nothingElse = { context: {}, counts: noCounts, condition: null, isStateNew: false, modelChange: null };

/** The seconds at which a present state is told, of samples that say the same. */
function listTold(sampledAtS: readonly number[], twinEveryS: number): number[] {
  const told: Told = { presentAtMs: 0, severity: null, health: null, life: '' };
  return sampledAtS.filter((second) => {
    const sampledAtMs = startMs + second * 1000;
    const observed = {
      ...{ ...row!, observation: { ...row!.observation, sampledAtMs, transitions: [] }, isForecastNew: false },
      ...{ ...nothingElse, receivedAtMs: sampledAtMs },
    };
    return tell(observed, told, { twinEveryMs: twinEveryS * 1000 }).present;
  });
}

describe('the present state', () => {
  it.each([
    ['every third of one a second', [0, 1, 2, 3, 4, 5, 6, 7], 3, [0, 3, 6]],
    ['each of one in two seconds, which is nearer than each other one', [0, 2, 4, 6], 3, [0, 2, 4, 6]],
    ['each of one in ten seconds', [0, 10, 20], 3, [0, 10, 20]],
    ['at once when the clock was set back', [0, 1, -5, -4, -2], 3, [0, -5, -2]],
  ])('is told with %s', (_, samples, everyS, told) => {
    expect(listTold(samples, everyS)).toEqual(told);
  });
});

describe('work that must be ordered now', () => {
  const mill = knownTypes.findType('cnc-mill')!;
  const seen = {
    status: 'wearing',
    remainingCycles: null,
    method: null,
    why: '',
    confidence: 1,
    evidence: null,
  } as const;
  const wornOut = (component: string, failureMode: string, part: string | null = null): Forecast => ({
    ...{ component, part, failureMode, ...seen, grewBecause: null, withheldBecause: null },
    remainingHours: { p10: 0, p50: 1, p90: 2 },
  });
  const bearing = wornOut('spindle_bearing', 'spindle_bearing_wear');
  const tool = (part: string): Forecast => wornOut('tool', 'tool_wear', part);

  /** What is told of a new forecast, as component and urgency. */
  function tellForecast(told: Told, components: readonly Forecast[]): string[] {
    const forecast = { machineId: 'M-1', atMs: startMs, components, nextMaintenance: null };
    const observed = { ...row!, ...nothingElse, type: mill, forecast, isForecastNew: true, receivedAtMs: startMs };
    const { events } = tell(observed, told, { twinEveryMs: 1000 });
    return events
      .filter(({ detailType }) => detailType === 'rul_crossed')
      .map(({ detail }) => detail.crossing as Crossing)
      .map(({ due, to }) => `${due.component} ${to}`);
  }
  const renewed = (component: string, part: string | null = null) => ({
    event: 'tool_change',
    component,
    part,
    report: {},
  });
  const begin = (): Told => ({ presentAtMs: 0, severity: null, health: null, life: '' });

  it('is told of each component, though another is still more urgent', () => {
    const told = begin();
    expect(tellForecast(told, [bearing])).toEqual(['spindle_bearing now']);
    expect(tellForecast(told, [bearing, tool('T1')])).toEqual(['tool now']);
    expect(tellForecast(told, [bearing, tool('T1')])).toEqual([]);
  });

  it('is told again of the one that was renewed, and of no other', () => {
    const told = begin();
    tellForecast(told, [bearing, tool('T1')]);
    forgetUrgency(told, renewed('tool', 'T7'));
    expect(tellForecast(told, [bearing, tool('T1')])).toEqual([]);
    forgetUrgency(told, renewed('tool', 'T1'));
    expect(tellForecast(told, [bearing, tool('T2')])).toEqual(['tool now']);
    forgetUrgency(told, renewed('spindle_bearing'));
    expect(tellForecast(told, [bearing, tool('T2')])).toEqual(['spindle_bearing now']);
  });

  it('is told of each tool, though another’s is not done yet, by an event of its own', () => {
    const told = begin();
    expect(tellForecast(told, [tool('T1')])).toEqual(['tool now']);
    expect(tellForecast(told, [tool('T1'), tool('T2'), tool('T3')])).toEqual(['tool now', 'tool now']);
    expect(tellForecast(told, [tool('T1'), tool('T2'), tool('T3')])).toEqual([]);
    const observed = { ...row!, ...nothingElse, type: mill, receivedAtMs: startMs } as Observed;
    const ids = ['T1', 'T2'].map((part) => {
      const due = { component: 'tool', part, failureMode: '', action: '', leadTimeHours: 0, orderWithinHours: 0 };
      return describeCrossing(observed, { from: 'none', to: 'now', due: { ...due, doneWithinHours: 0 } }).eventId;
    });
    expect(new Set(ids).size).toBe(2);
  });

  it('is not told again of a tool that was told of before each tool was', () => {
    const told: Told = { ...begin(), urgencies: { tool: { urgency: 'now', part: 'T1' } } };
    expect(tellForecast(told, [tool('T1'), tool('T2')])).toEqual(['tool now']);
    expect(tellForecast(told, [tool('T1'), tool('T2')])).toEqual([]);
  });

  it('remembers no tool that the forecast has forgotten', () => {
    const told = begin();
    for (let n = 1; n <= 50; n++) tellForecast(told, [bearing, tool(`T${n}`)]);
    expect(Object.keys(told.urgencies!)).toEqual(['spindle_bearing', 'tool/T50']);
  });

  it('is not told again of what was told before it was told of each component', () => {
    expect(tellForecast({ ...begin(), urgency: 'now' }, [bearing])).toEqual([]);
  });
});
