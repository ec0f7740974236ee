import { dropoutCode } from '../advice/advise.ts';
import type { Incident } from './incident.ts';
import { silenceCode } from './silence.ts';

/** The section of docs/runbook.md that goes on from an incident; a test says that each exists. */
export const runbookSections = ['incidents', 'common-cause', 'machine-silent', 'untrusted-data'] as const;

const sections: Readonly<Record<string, (typeof runbookSections)[number]>> = {
  [silenceCode]: 'machine-silent',
  [dropoutCode]: 'untrusted-data',
  clock_skew: 'untrusted-data',
};

export const sectionOfCode = (code: string): string => sections[code] ?? 'incidents';

export function runbookSectionOf({ kind, caseFile }: Pick<Incident, 'kind' | 'caseFile'>): string {
  const section = sectionOfCode(caseFile.transition.code);
  return kind === 'group' && section === 'incidents' ? 'common-cause' : section;
}
