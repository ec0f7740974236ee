import { readLink } from '../../core/incidents/acknowledge-link.ts';
import type { AcknowledgeDeps, UrlRequest } from './deps.ts';
import { confirmPage, donePage, type PageReply, refusalPage } from './page.ts';
import { takePress } from './slack.ts';

/** GET shows what one would take; POST takes it. A scanner that follows links of mails only GETs. */
export function createAcknowledgeHandler(deps: AcknowledgeDeps) {
  return async (request: UrlRequest): Promise<PageReply> => {
    if (request.rawPath === '/slack') return takePress(deps, request);
    const { method } = request.requestContext.http;
    if (method !== 'GET' && method !== 'POST' && method !== 'HEAD')
      return refusalPage(405, 'Use the button of the page.');
    const claim = readLink(request.queryStringParameters?.link ?? '', await deps.loadMac(), deps.nowMs());
    if (!claim.ok) return refusalPage(403, claim.error);
    const { incidentId, recipient, linkId, expiresAtMs } = claim.value;
    const incident = (await deps.store.load([incidentId])).get(incidentId);
    if (incident === undefined) return refusalPage(404, 'There is no such incident any more.');
    if (incident.acknowledged !== null || incident.state === 'closed') return donePage(incident);
    if (method !== 'POST') return confirmPage(incident);
    if (!(await deps.store.useLink(linkId, expiresAtMs))) return refusalPage(410, 'This link was used before.');
    let isDone = false;
    try {
      const result = await deps.act(incidentId, { kind: 'acknowledge', by: `${recipient}, by a link` });
      if (!result.ok) return refusalPage(409, result.error);
      isDone = true;
      deps.log.info('acknowledged by a link', { incidentId, recipient });
      return donePage(result.value);
    } finally {
      // Who was refused, or found the store away, has only this link.
      if (!isDone) await deps.store.freeLink(linkId);
    }
  };
}
