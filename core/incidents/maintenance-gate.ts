import { dropoutCode } from '../advice/advise.ts';
import { type CaseFile, evidenceOf } from './case-file.ts';
import { readCommonSign } from './common-cause.ts';
import type { Incident } from './incident.ts';

/**
 * May this case file ask for maintenance by itself? Asking starts a workflow that waits for a person; still, nothing is
 * asked for on data that cannot be trusted: every value of the evidence must be good, no dropout may stand, the twin must
 * have advised exactly that, and it must know what for. Everything else is left to people.
 */
export function mayRequestMaintenance(incident: Incident): boolean {
  const { caseFile, kind, state } = incident;
  if (kind !== 'machine' || state === 'closed' || state === 'shelved') return false;
  if (mayBeOfTheHall(caseFile)) return false;
  return caseFile.advice?.decision === 'schedule_intervention' && caseFile.causes.length > 0 && isTrusted(caseFile);
}

/** The first pump that grows warm on a hot day is no bearing to change: others may follow, and what is its own grows on. */
const mayBeOfTheHall = (caseFile: CaseFile): boolean =>
  caseFile.transition.severity === 'watch' && readCommonSign(caseFile) !== null;

function isTrusted(caseFile: CaseFile): boolean {
  const evidence = evidenceOf(caseFile);
  const isGood =
    evidence.length > 0 && evidence.every(({ quality, observed }) => quality === 'good' && observed !== null);
  return isGood && caseFile.findings.every(({ code }) => code !== dropoutCode);
}
