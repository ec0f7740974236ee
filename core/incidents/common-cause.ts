import { dropoutCode } from '../advice/advise.ts';
import { type CaseEvidence, type CaseFile, evidenceOf } from './case-file.ts';
import type { IncidentPolicy } from './policy.ts';
import { silenceCode } from './silence.ts';

/**
 * Does a plant, not a machine, have the trouble? Machines of one site share air, mains, coolant and gateway: when three
 * of them deviate the same way in a quantity of that kind within the window, they become one incident. A machine far
 * above the group's median keeps an incident of its own.
 *
 *   cause   = quantity and direction (`°C up`), or the code itself where data is missing
 *   exceeds = m > r · median(m of the group), m = the detector's score or |residual| when last told
 *
 * Fails when machines of one site fail independently the same way within the window (they share one incident, each
 * named in it), and when scores of different detectors meet in one group (they are not of one scale).
 */
export interface CommonSign {
  readonly cause: string;
  readonly magnitude: number;
}

/** What machines of one hall have in common: its air, compressed air and coolant mains, voltage, frequency. */
const sharedUnits: ReadonlySet<string> = new Set(['°C', 'bar', 'V', 'Hz']);
/** A gateway or a time server that fails takes the data of all its machines along. */
const sharedCodes: ReadonlySet<string> = new Set([dropoutCode, 'clock_skew', silenceCode]);

export function readCommonSign(caseFile: CaseFile): CommonSign | null {
  const { code } = caseFile.transition;
  const evidence = evidenceOf(caseFile);
  if (sharedCodes.has(code)) return { cause: code, magnitude: Math.max(1, evidence.length) };
  const shared = evidence.find(({ unit, residual }) => sharedUnits.has(unit) && residual !== null && residual !== 0);
  if (shared === undefined) return null;
  return { cause: `${shared.unit} ${shared.residual! > 0 ? 'up' : 'down'}`, magnitude: magnitudeOf(shared) };
}

const magnitudeOf = ({ score, residual }: CaseEvidence): number => Math.abs(score ?? residual ?? 0);

export interface Member {
  readonly magnitude: number;
}

/** Has this machine more than its group has? */
export function exceedsGroup(one: Member, group: readonly Member[], policy: IncidentPolicy['group']): boolean {
  if (group.length === 0) return false;
  return one.magnitude > policy.exceedRatio * medianOf(group.map(({ magnitude }) => magnitude));
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
