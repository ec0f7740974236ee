/** The mailbox in a browser: what would have been mailed, texted or posted in a chat, newest first. */
import { escapeXml, type WireRequest, type WireResponse } from '../wire/request.ts';
import type { Mail } from './mail.ts';
import type { Mailbox } from './mailbox.ts';

const path = '/mailbox';
const shownMails = 100;
const refreshS = 10;

/** The page runs no code and loads nothing. */
const headers: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  main { max-width: 50rem; margin: 0 auto; padding: 1rem; }
  article { border: 1px solid #8886; border-radius: .5rem; padding: .75rem 1rem; margin: 1rem 0; }
  h2 { font-size: 1.05rem; margin: 0; }
  p { margin: 0; opacity: .75; font-size: .9rem; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: .5rem 0 0; }`;

export function answerMailbox(mailbox: Mailbox, request: WireRequest): WireResponse | undefined {
  if (request.path !== path || request.method !== 'GET') return undefined;
  const mails = mailbox.list(shownMails);
  const content = mails.length === 0 ? '<p>Nothing has been sent yet.</p>' : mails.map(formatArticle).join('\n');
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Mailbox</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="${refreshS}"><style>${style}</style></head>
<body><main><h1>Mailbox</h1>
${content}
</main></body></html>`;
  return { statusCode: 200, headers, body };
}

function formatArticle({ kind, to, subject, text, sentAtMs }: Omit<Mail, 'id'>): string {
  const title = kind === 'sms' ? 'Text message' : escapeXml(subject);
  const at = new Date(sentAtMs).toISOString().slice(0, 19).replace('T', ' ');
  return `<article><h2>${title}</h2><p>to ${escapeXml(to)}, ${at} UTC</p><pre>${link(text)}</pre></article>`;
}

/** Addresses become links, as mail programs make them: acknowledging is one. */
const link = (text: string): string =>
  text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, i) => (i % 2 === 0 ? escapeXml(part) : `<a href="${escapeXml(part)}">${escapeXml(part)}</a>`))
    .join('');
