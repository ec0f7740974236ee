/** The mailbox in a browser: what would have been mailed, texted or posted in a chat, newest first. */
import { plainPage } from '../wire/plain-page.ts';
import { escapeXml, type WireRequest, type WireResponse } from '../wire/request.ts';
import type { Mail } from './mail.ts';
import type { Mailbox } from './mailbox.ts';

const path = '/mailbox';
const shownMails = 100;
const refreshS = 10;

const style = `
  main { max-width: 50rem; margin: 0 auto; padding: 1rem; }
  article { border: 1px solid #8886; border-radius: .5rem; padding: .75rem 1rem; margin: 1rem 0; }
  h2 { font-size: 1.05rem; margin: 0; }
  p { margin: 0; opacity: .75; font-size: .9rem; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: .5rem 0 0; }`;

export function answerMailbox(mailbox: Mailbox, request: WireRequest): WireResponse | undefined {
  if (request.path !== path || request.method !== 'GET') return undefined;
  const mails = mailbox.list(shownMails);
  const content = mails.length === 0 ? '<p>Nothing has been sent yet.</p>' : mails.map(formatArticle).join('\n');
  return plainPage({ title: 'Mailbox', style, content, refreshS });
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
