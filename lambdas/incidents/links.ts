import { linkLifeMs, type Mac, signLink } from '../../core/incidents/acknowledge-link.ts';
import type { Notice } from '../../core/incidents/settle.ts';
import type { Links } from '../../core/incidents/wording.ts';

export interface LinkParts {
  readonly acknowledgeUrl: string;
  readonly runbook: string;
  readonly loadMac: () => Promise<Mac>;
}

/** What a mail can lead to; what nobody can take any more has no link to take it. */
export function createLinks({ acknowledgeUrl, runbook, loadMac }: LinkParts) {
  return async ({ incident, noticeId, atMs }: Notice, recipient: string): Promise<Links> => {
    if (incident.state !== 'open') return { incident: null, acknowledge: null, runbook };
    const claim = {
      incidentId: incident.incidentId,
      recipient,
      expiresAtMs: atMs + linkLifeMs,
      linkId: `${noticeId}/${recipient}`,
    };
    const link = signLink(claim, await loadMac());
    return { incident: null, acknowledge: `${acknowledgeUrl}?link=${encodeURIComponent(link)}`, runbook };
  };
}
