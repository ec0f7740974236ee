import { describe, expect, it } from 'vitest';
import { briefDue, priceDue } from '../../../core/api/due.ts';
import { compareCosts } from '../../../core/maintenance/cost.ts';
import { pump } from '../maintenance/orders.ts';

const nowMs = Date.UTC(2026, 0, 1);
const [action] = pump.actions;
const due = {
  action: action!.name,
  orderWithinHours: 10,
  doneWithinHours: 100,
  remainingHours: { p10: 100, p50: 160, p90: 300 },
  atMs: nowMs,
};
const pricing = { type: pump, severity: 'watch' as const, downtimeEurPerHour: 200, nowMs };

describe('work that is due', () => {
  it('costs what a work order for it would say', () => {
    const { remainingHours } = due;
    const cost = compareCosts({
      action: action!,
      severity: 'watch',
      downtimeEurPerHour: 200,
      horizonHours: 168,
      remainingHours,
    });
    expect(priceDue(due, pricing)).toEqual({
      isToOrderNow: false,
      waitingEur: cost.waitingEur,
      actingEur: cost.actingEur,
    });
  });

  it('comes nearer while the machine says nothing new', () => {
    expect(priceDue({ ...due, doneWithinHours: 200 }, pricing)).toBeNull();
    const later = { ...pricing, nowMs: nowMs + 40 * 3_600_000 };
    expect(priceDue({ ...due, doneWithinHours: 200 }, later)).toMatchObject({ isToOrderNow: true });
  });

  it('is due though its type knows no such action', () => {
    expect(priceDue({ ...due, action: 'sing' }, pricing)).toEqual({ isToOrderNow: false, waitingEur: 0, actingEur: 0 });
  });

  it('is none without a forecast, or without one that tells hours', () => {
    expect(briefDue(null)).toBeNull();
    expect(briefDue({ machineId: 'P', atMs: nowMs, components: [], nextMaintenance: null })).toBeNull();
  });
});
