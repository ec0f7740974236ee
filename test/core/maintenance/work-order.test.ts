import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareCosts } from '../../../core/maintenance/cost.ts';
import { countFinding, emptyRecord, labelOf, precisionOf } from '../../../core/maintenance/feedback.ts';
import {
  nextSafeStopMs,
  defaultMaintenancePolicy as policy,
  proposeWorkOrder,
} from '../../../core/maintenance/plan.ts';
import { scheduleOf } from '../../../core/maintenance/schedule.ts';
import { wordOrder } from '../../../core/maintenance/wording.ts';
import { expire, finish, rule, type WorkOrder } from '../../../core/maintenance/work-order.ts';
import { startMs } from '../incidents/plant.ts';
import { noFacts, pump, say, sketchOrder, sketchRequest } from './orders.ts';

const hourMs = 3_600_000;
const links = { pageUrl: 'https://twin.example', runbookUrl: 'docs/runbook.md' };
const findings = { result: 'confirmed' as const, text: '', partsReplaced: [], by: 'Ola', atMs: startMs };

describe('a work order', () => {
  it('says what acting and waiting cost, in words a planner reads', () => {
    const { body } = wordOrder(sketchOrder(), 'proposed', links);
    expect(body).toMatch(/^Decide: {3}open for a decision until \S+Z; approve, defer or reject$/m);
    expect(body).toContain('Replace the bearings on PUMP-001 (bearing), site Kiel');
    expect(body).toContain('Work:     6 h, parts there in 2 days: 2 × bearing 6205 (18 €)');
    // 6 h · 150 € + 36 €; 20 % · ((18 h + 48 h) · 150 € + 108 €)
    expect(body).toMatch(/Acting: +936 €\nWaiting: +2002 € expected \(20 % fails first, by its severity\)/);
    expect(body).toContain('https://twin.example/#/maintenance/WO.i.bearing\nRunbook:    docs/runbook.md#maintenance');
  });

  it('reckons by the remaining life and by the machine’s own price where they are known', () => {
    const remainingLife = { component: 'bearing', p10: 84, p50: 168, p90: 400 };
    const order = sketchOrder({}, { ...noFacts, downtimeEurPerHour: 400, remainingLife });
    expect(order.cost).toMatchObject({
      failureChance: 0.5,
      downtimeEurPerHour: 400,
      actingEur: 2436,
      unplannedHours: 66,
    });
    const { body } = wordOrder(order, 'proposed', links);
    expect(body).toContain('Life:     7 days left (nine in ten last 4 days, one in ten 17 days)');
    expect(body).toContain('(50 % fails first, by its remaining life)');
  });

  it('is one for an incident and component, however often it is asked for', () => {
    expect(sketchOrder().workOrderId).toBe(sketchOrder({ severity: 'critical' }).workOrderId);
  });

  it('is not made where the machine type knows no action', () => {
    const result = proposeWorkOrder(sketchRequest({ failureMode: 'gremlins' }), pump, {
      nowMs: startMs,
      policy,
      facts: noFacts,
    });
    expect(result).toMatchObject({ ok: false, error: expect.stringContaining('gremlins') });
  });

  it('needs two people to be put off or refused where the twin says do not proceed', () => {
    const order = sketchOrder({ decision: 'do_not_proceed' });
    const first = rule(order, say('reject'));
    expect(first).toMatchObject({ ok: true, value: { verdict: null } });
    if (!first.ok) return;
    expect(rule(first.value.order, say('reject'))).toMatchObject({ ok: true, value: { verdict: null } });
    expect(rule(first.value.order, say('approve', 'Ola'))).toMatchObject({ ok: true, value: { verdict: 'approve' } });
    expect(rule(first.value.order, say('reject', 'Ola'))).toMatchObject({ ok: true, value: { verdict: 'reject' } });
  });

  it.each([
    [say('reject', 'Ines', { reason: ' ' }), /^reason: /],
    [say('approve', ''), /^by: /],
    [say('defer', 'Ines', { untilMs: null }), /^until: /],
    [say('defer', 'Ines', { untilMs: startMs - 1 }), /^until: got \d{4}-.*Z; /],
    [say('defer', 'Ines', { untilMs: startMs + 31 * 24 * hourMs }), /^until: /],
  ])('refuses a decision that lacks something, naming it', (voice, sentence) => {
    expect(rule(sketchOrder(), voice)).toMatchObject({ ok: false, error: expect.stringMatching(sentence) });
  });

  it('is never approved but by a person, and never done but after approval', () => {
    const steps = fc.oneof(
      fc.record({
        is: fc.constant('voice' as const),
        verdict: fc.constantFrom('approve', 'defer', 'reject'),
        by: fc.constantFrom('Ines', 'Ola', ''),
      }),
      fc.record({ is: fc.constantFrom('expire' as const, 'finish' as const) }),
    );
    fc.assert(
      fc.property(
        fc.array(steps, { maxLength: 20 }),
        fc.constantFrom('do_not_proceed', 'schedule_intervention'),
        (sequence, decision) => {
          let order: WorkOrder = sketchOrder({ decision });
          let isApproved = false;
          for (const step of sequence) {
            if (step.is === 'expire') order = expire(order);
            if (step.is === 'finish') {
              const done = finish(order, findings);
              if (done.ok) order = done.value;
            }
            if (step.is === 'voice') {
              const ruled = rule(order, say(step.verdict, step.by));
              if (ruled.ok) order = ruled.value.order;
              isApproved ||= ruled.ok && ruled.value.verdict === 'approve' && step.by !== '';
            }
            if (order.state === 'approved' || order.state === 'done') expect(isApproved).toBe(true);
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it('is planned at the first change of shifts once parts can be there', () => {
    expect(new Date(nextSafeStopMs(Date.UTC(2026, 6, 1, 8), 2, policy)).toISOString()).toBe('2026-07-01T14:00:00.000Z');
    expect(new Date(nextSafeStopMs(Date.UTC(2026, 6, 1, 8), 48, policy)).toISOString()).toBe(
      '2026-07-03T14:00:00.000Z',
    );
  });
});

describe('the cost of waiting', () => {
  const input = { action: pump.actions[0]!, severity: 'warning' as const, downtimeEurPerHour: 150, horizonHours: 168 };

  it('grows with what is known of the remaining life, and never past certainty', () => {
    const hours = fc.tuple(
      fc.double({ min: 1, max: 500, noNaN: true }),
      fc.double({ min: 1, max: 500, noNaN: true }),
      fc.double({ min: 1, max: 500, noNaN: true }),
    );
    fc.assert(
      fc.property(hours, (lives) => {
        const [p10, p50, p90] = [...lives].sort((a, b) => a - b) as [number, number, number];
        const { failureChance } = compareCosts({ ...input, remainingHours: { p10, p50, p90 } });
        const later = compareCosts({ ...input, remainingHours: { p10: p10 + 10, p50: p50 + 10, p90: p90 + 10 } });
        expect(failureChance).toBeGreaterThanOrEqual(later.failureChance);
        expect(failureChance).toBeLessThanOrEqual(0.9);
      }),
      { seed: 7 },
    );
    expect(compareCosts({ ...input, remainingHours: { p10: 100, p50: 168, p90: 300 } }).failureChance).toBeCloseTo(0.5);
  });
});

describe('a site’s schedule', () => {
  it('lists what is next first, and counts as avoided only what was truly a fault', () => {
    const order = sketchOrder();
    const done = (result: 'confirmed' | 'no_fault_found'): WorkOrder => ({
      ...order,
      state: 'done',
      findings: { ...findings, result },
    });
    const scheduled = (scheduledAtMs: number): WorkOrder => ({ ...order, state: 'scheduled', scheduledAtMs });
    const { upcoming, undecided, costs } = scheduleOf([
      scheduled(2),
      scheduled(1),
      order,
      done('confirmed'),
      done('no_fault_found'),
    ]);
    expect(upcoming.map(({ scheduledAtMs }) => scheduledAtMs)).toEqual([1, 2]);
    expect(undecided).toHaveLength(1);
    expect(costs).toEqual({
      plannedEur: 1872,
      plannedHours: 12,
      waitingEur: 2002,
      unplannedHours: 66,
      // 20 % of the 66 h after a failure, less the 6 h planned.
      avoidedHours: expect.closeTo(7.2),
      avoidedEur: 1066,
      parts: { 'bearing 6205': 4 },
      done: 2,
      noFaultFound: 1,
    });
  });
});

describe('what was found', () => {
  it('opens a tuning task at three no-fault-founds in a row, once, and counts for the rule’s precision', () => {
    let record = emptyRecord('centrifugal-pump', 'vibration');
    const opened: boolean[] = [];
    for (const result of [
      'confirmed',
      'no_fault_found',
      'no_fault_found',
      'no_fault_found',
      'no_fault_found',
    ] as const) {
      const counted = countFinding(record, result);
      record = counted.record;
      opened.push(counted.opensTuning);
    }
    expect(opened).toEqual([false, false, false, true, false]);
    expect(precisionOf(record)).toBe(0.2);
    expect(precisionOf(emptyRecord('t', 'c'))).toBeNull();
  });

  it('becomes a label: what was predicted and what it was', () => {
    const done = { ...sketchOrder(), state: 'approved' as const };
    const label = (result: 'other_cause' | 'no_fault_found') => {
      const finished = finish(done, { ...findings, result, text: 'loose_foot' });
      return finished.ok ? labelOf(finished.value) : null;
    };
    expect(label('other_cause')).toMatchObject({ predicted: 'bearing_wear', actual: 'loose_foot' });
    expect(label('no_fault_found')).toMatchObject({ predicted: 'bearing_wear', actual: null });
  });

  it('speaks of the time from the asking until the work was to begin, or else until it was told', () => {
    const { requestedAtMs } = sketchOrder();
    const spanOf = (scheduledAtMs: number | null) => {
      const order = { ...sketchOrder(), state: 'approved' as const, scheduledAtMs };
      const finished = finish(order, { ...findings, result: 'confirmed', atMs: requestedAtMs + 9000 });
      const label = finished.ok ? labelOf(finished.value) : null;
      return [label?.fromMs, label?.untilMs].map((ms) => (ms ?? Number.NaN) - requestedAtMs);
    };
    expect(spanOf(null)).toEqual([0, 9000]);
    expect(spanOf(requestedAtMs + 4000)).toEqual([0, 4000]);
    expect(spanOf(requestedAtMs - 1)).toEqual([0, 9000]);
    expect(spanOf(requestedAtMs + 9001)).toEqual([0, 9000]);
  });
});
