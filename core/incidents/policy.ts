import type { Severity } from '../detection/observation.ts';

/** How long things may take and how much is too much; a stage sets what its shifts agreed on. */
export interface IncidentPolicy {
  /** Unacknowledged for longer goes to the next level; null never does. */
  readonly acknowledgeWithinMs: Readonly<Record<Severity, number | null>>;
  readonly highestLevel: number;
  /** Quiet for this long closes an incident; coming back sooner is the same incident flapping. */
  readonly flapHoldMs: number;
  /** What opens on a machine is an incident so soon after its sample, or it was told late. */
  readonly warnWithinMs: number;
  readonly longestShelfMs: number;
  readonly group: {
    readonly minMachines: number;
    readonly windowMs: number;
    /** A machine this many times above its group's median has a trouble of its own. */
    readonly exceedRatio: number;
  };
  readonly shiftMs: number;
  /** Pages per site and shift; beyond it only critical ones still page. */
  readonly pageBudget: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * Acknowledge times as on-call rotas commonly have them, at most 12 pages of 8 hours (an alarm every 10 minutes is
 * ISA-18.2's and EEMUA 191's "manageable" limit for an operator who does nothing else; on-call has other work), the
 * rest assumption: three machines of one site in a quarter of an hour are no coincidence. A drift is told at 1, 1.5 and
 * 3.9 times its threshold, so the first of a group to be told the next step stands up to 2.6 times above what the
 * others were told at: only three times is more than being first.
 */
export const defaultIncidentPolicy: IncidentPolicy = {
  acknowledgeWithinMs: { normal: null, watch: null, warning: 60 * minuteMs, critical: 10 * minuteMs },
  highestLevel: 2,
  flapHoldMs: 10 * minuteMs,
  // A machine may gather samples for five seconds before it sends them.
  warnWithinMs: 10_000,
  longestShelfMs: 30 * 24 * hourMs,
  group: { minMachines: 3, windowMs: 15 * minuteMs, exceedRatio: 3 },
  shiftMs: 8 * hourMs,
  pageBudget: 12,
};
