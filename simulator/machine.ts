import type { Channel } from '../core/telemetry/topic.ts';

/** What was really the matter when a sample was taken. It is written beside telemetry, never into it. */
export interface GroundTruth {
  readonly machineId: string;
  readonly machineType: string;
  readonly sampledAtMs: number;
  readonly sequence: number;
  /** Faults that have begun, each with its level from 0 (not felt) to 1 (fully grown). */
  readonly faults: readonly { readonly mode: string; readonly component: string; readonly level: number }[];
  /** HEALTHY, WARNING, FAULTY or BROKEN where the machine has such states. */
  readonly state?: string;
  readonly remainingLifeHours?: number;
  /** The scenario's own label, for the milling process. */
  readonly label?: string;
}

export interface SimulatedSample {
  /** Exactly what is published, as plain JSON. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly truth: GroundTruth;
}

/** One simulated machine. Each call of `next` advances it by its interval; it never reads a clock. */
export interface SimulatedMachine {
  readonly machineId: string;
  readonly machineType: string;
  readonly channel: Channel;
  readonly intervalMs: number;
  next(): SimulatedSample;
}

export interface MachineOptions {
  readonly machineId: string;
  readonly seed: number;
  readonly startMs: number;
  readonly intervalMs: number;
  readonly faults: readonly FaultPlan[];
}

/** A fault that begins at `onsetS` and reaches `severity` (0 to 1) after `growthS`. */
export interface FaultPlan {
  readonly mode: string;
  readonly onsetS: number;
  readonly growthS: number;
  readonly severity: number;
  /** Which of several, for modes that have a place: the axis of a backlash. */
  readonly component?: string;
}

/** How far a fault has grown at a moment: 0 before its onset, then linearly up to its severity. */
export function faultLevelAt(plan: FaultPlan, elapsedS: number): number {
  if (elapsedS < plan.onsetS) return 0;
  if (plan.growthS <= 0) return plan.severity;
  return plan.severity * Math.min(1, (elapsedS - plan.onsetS) / plan.growthS);
}
