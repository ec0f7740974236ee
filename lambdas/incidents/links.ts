import { linkLifeMs, type Mac, signLink } from '../../core/incidents/acknowledge-link.ts';
import { runbookSectionOf } from '../../core/incidents/runbook-section.ts';
import type { Notice } from '../../core/incidents/settle.ts';
import type { Links } from '../../core/incidents/wording.ts';

export interface LinkParts {
  readonly acknowledgeUrl: string;
  /** The operator page. */
  readonly pageUrl: string;
  readonly runbookUrl: string;
  readonly slackButtons: boolean;
  readonly loadMac: () => Promise<Mac>;
}

/** What a mail can lead to; what nobody can take any more has no link to take it. */
export function createLinks({ acknowledgeUrl, pageUrl, runbookUrl, slackButtons, loadMac }: LinkParts) {
  return async ({ incident, noticeId, atMs }: Notice, recipient: string): Promise<Links> => {
    const { links: ofCase } = incident.caseFile;
    const links = {
      ...(ofCase === undefined ? {} : { replay: `${pageUrl}/${ofCase.replay}` }),
      incident: `${pageUrl}/#/incidents/${encodeURIComponent(incident.incidentId)}`,
      runbook: `${runbookUrl}#${runbookSectionOf(incident)}`,
      slackButtons,
    };
    if (incident.state !== 'open') return { ...links, acknowledge: null };
    const claim = {
      incidentId: incident.incidentId,
      recipient,
      expiresAtMs: atMs + linkLifeMs,
      linkId: `${noticeId}/${recipient}`,
    };
    const link = signLink(claim, await loadMac());
    return { ...links, acknowledge: `${acknowledgeUrl}?link=${encodeURIComponent(link)}` };
  };
}
