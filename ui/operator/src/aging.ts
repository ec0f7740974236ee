/**
 * Ages are told as of a moment and grow by themselves: of a machine that falls silent nothing more is told. What stands
 * on one page is of one moment, so each age is brought up to it.
 */
import type { MachineSummary, Twin } from '../../../core/api/schemas.ts';

/** As of when its age was told. */
export type DatedSummary = MachineSummary & { readonly asOf: string };

const grownMs = (asOf: string, nowMs: number | null): number =>
  nowMs === null ? 0 : Math.max(0, nowMs - Date.parse(asOf));

export function ageSummary(machine: DatedSummary, nowMs: number | null): DatedSummary {
  return machine.ageMs === null ? machine : { ...machine, ageMs: machine.ageMs + grownMs(machine.asOf, nowMs) };
}

/** A past one stays as it was. Evidence has the age that it had when its sample arrived. */
export function ageTwin(twin: Twin, nowMs: number | null): Twin {
  if (twin.rebuilt !== null || twin.ageMs === null) return twin;
  const byMs = grownMs(twin.asOf, nowMs);
  const ageMs = twin.ageMs + byMs;
  const older = <T extends { readonly ageMs: number }>(all: readonly T[], thatMs: number): T[] =>
    all.map((one) => ({ ...one, ageMs: one.ageMs + thatMs }));
  const findings = twin.findings.map((finding) => ({ ...finding, evidence: older(finding.evidence, ageMs) }));
  return { ...twin, ageMs, values: older(twin.values, byMs), findings };
}
