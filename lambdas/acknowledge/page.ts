import type { Incident } from '../../core/incidents/incident.ts';
import { titleOf } from '../../core/incidents/wording.ts';

export interface PageReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The link is in the address: nothing may store it, frame it or pass it on. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

const style =
  ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}' +
  'button{font:inherit;padding:.7rem 1.4rem}';

export function confirmPage(incident: Incident): PageReply {
  const since = new Date(incident.openedAtMs).toISOString();
  return reply(200, 'Acknowledge?', [
    `<p><strong>${escapeHtml(titleOf(incident))}</strong></p>`,
    `<p>${escapeHtml(incident.severity)}, since <time datetime="${since}">${since}</time>, ${escapeHtml(incident.site)}</p>`,
    '<form method="post"><button autofocus>Acknowledge</button></form>',
  ]);
}

export function donePage(incident: Incident): PageReply {
  const { acknowledged, state } = incident;
  const by = acknowledged === null ? '' : `acknowledged by ${acknowledged.by}`;
  const now = state === 'acknowledged' && by !== '' ? by : [state.replaceAll('_', ' '), by].filter(Boolean).join(', ');
  return reply(200, 'Acknowledged', [`<p>${escapeHtml(`${titleOf(incident)} is ${now}`)}.</p>`]);
}

export const refusalPage = (statusCode: number, sentence: string): PageReply =>
  reply(statusCode, 'Not acknowledged', [`<p>${escapeHtml(sentence)}</p>`]);

const reply = (statusCode: number, title: string, parts: readonly string[]): PageReply => ({
  statusCode,
  headers,
  body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style><h1>${title}</h1>${parts.join('')}</html>`,
});

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
