import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MachineSummary } from '../../../core/api/schemas.ts';
import { everything, namesOf, select, sortByUrgency } from '../../../ui/operator/src/fleet/selection.ts';
import { columnsOf, windowOf } from '../../../ui/operator/src/fleet/window.ts';
import { asCutOff } from '../../../ui/operator/src/wording.ts';

fc.configureGlobal({ seed: 2026 });

const machine = (name: string, rest: Partial<MachineSummary> = {}): MachineSummary => ({
  machineId: name,
  machineType: 'generic',
  name,
  site: 'Ulm',
  line: 'A',
  criticality: 'medium',
  freshness: 'live',
  sampledAt: null,
  ageMs: 0,
  severity: 'normal',
  decision: 'proceed',
  healthPercent: 100,
  ...rest,
});
const namesIn = (machines: readonly MachineSummary[]): string[] => machines.map(({ name }) => name);

describe('the order of the tiles', () => {
  it('puts the critical first, then the silent before what is merely warned of, and the never heard last', () => {
    const machines = [
      machine('never', { freshness: 'never', severity: null, healthPercent: null }),
      machine('fine'),
      machine('warned', { severity: 'warning' }),
      machine('silent', { freshness: 'stale' }),
      machine('bad', { severity: 'critical' }),
    ];
    expect(namesIn(sortByUrgency(machines))).toEqual(['bad', 'silent', 'warned', 'fine', 'never']);
  });

  it('puts what the plant depends on before others in the same state, and a worse state before all', () => {
    const machines = [
      machine('small', { criticality: 'low', healthPercent: 50 }),
      machine('usual', { healthPercent: 60 }),
      machine('bottleneck', { criticality: 'high' }),
      machine('small and bad', { criticality: 'low', severity: 'warning' }),
    ];
    expect(namesIn(sortByUrgency(machines))).toEqual(['small and bad', 'bottleneck', 'usual', 'small']);
  });

  it('does not change for a point of health, and counts in names as people do', () => {
    const machines = [machine('M-10', { healthPercent: 98 }), machine('M-2', { healthPercent: 99 })];
    expect(namesIn(sortByUrgency(machines))).toEqual(['M-2', 'M-10']);
    expect(namesIn(sortByUrgency([...machines, machine('M-3', { healthPercent: 60 })]))[0]).toBe('M-3');
  });
});

describe('the choice of machines', () => {
  const machines = [
    machine('PUMP-1', { machineType: 'centrifugal-pump' }),
    machine('CNC-1', { line: 'B', severity: 'critical' }),
    machine('CNC-2', { site: 'Jena', line: 'B' }),
  ];
  it.each([
    [{ search: 'cnc ulm' }, ['CNC-1']],
    [{ site: 'Jena' }, ['CNC-2']],
    [{ line: 'B' }, ['CNC-1', 'CNC-2']],
    [{ type: 'centrifugal-pump' }, ['PUMP-1']],
    [{ state: 'critical' as const }, ['CNC-1']],
    [{ state: 'stale' as const }, []],
  ])('%j leaves %j', (change, names) => {
    expect(namesIn(select(machines, { ...everything, ...change }))).toEqual(names);
  });

  it('offers each site once', () => {
    expect(namesOf(machines, 'site')).toEqual(['Jena', 'Ulm']);
  });
});

describe('the window on a long list', () => {
  it('holds every row that is in view, and few besides, wherever one has scrolled to', () => {
    const list = fc.record({
      count: fc.integer({ min: 0, max: 5000 }),
      columns: fc.integer({ min: 1, max: 12 }),
      rowPx: fc.integer({ min: 60, max: 300 }),
      topPx: fc.integer({ min: -400_000, max: 900 }),
      viewPx: fc.integer({ min: 300, max: 4000 }),
    });
    fc.assert(
      fc.property(list, (place) => {
        const { firstRow, endRow, rows } = windowOf(place);
        expect(rows).toBe(Math.ceil(place.count / place.columns));
        for (let row = 0; row < rows; row++) {
          const topPx = place.topPx + row * place.rowPx;
          const isInView = topPx < place.viewPx && topPx + place.rowPx > 0;
          if (isInView) expect(row >= firstRow && row < endRow).toBe(true);
        }
        expect(endRow - firstRow).toBeLessThanOrEqual(Math.ceil(place.viewPx / place.rowPx) + 7);
      }),
      { numRuns: 60 },
    );
  });

  it('has one column on a phone and several on a wall', () => {
    expect([columnsOf(336, 256, 12), columnsOf(1248, 256, 12), columnsOf(3800, 256, 12)]).toEqual([1, 4, 14]);
  });
});

describe('a page that is cut off', () => {
  it('says of no machine that it may proceed', () => {
    const cutOff = asCutOff(machine('M-1', { ageMs: 800 }));
    // An age that no longer grows would be a lie.
    expect(cutOff).toMatchObject({ freshness: 'stale', decision: 'do_not_proceed', ageMs: null });
    expect(asCutOff(machine('M-1', { freshness: 'never' })).freshness).toBe('never');
  });
});
