import { sectionOfCode } from './runbook-section.ts';

/**
 * Where one looks further: `page` and `replay` go on from the operator page's address, `runbook` from the project's folder.
 * Whole addresses are in mails and notices: the archive keeps events longer than a page keeps its address.
 */
export interface CaseLinks {
  readonly page: string;
  /** The machine as it was when the episode opened. */
  readonly replay: string;
  readonly runbook: string;
}

export function linksOfCase(machineId: string, { code, openedAtMs }: { code: string; openedAtMs: number }): CaseLinks {
  const page = `#/machines/${encodeURIComponent(machineId)}`;
  const replay = `${page}/${new Date(openedAtMs).toISOString()}`;
  return { page, replay, runbook: `docs/runbook.md#${sectionOfCode(code)}` };
}
