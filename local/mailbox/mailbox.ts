/**
 * Where mails, text messages and chat messages of this laptop arrive: a file each, named by the moment, so that the folder reads in
 * order; and, where a relay is given, the mail server behind it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mail } from './mail.ts';
import { type SmtpRelay, sendMail } from './smtp.ts';

export interface Mailbox {
  /** Rejects where the relay does not take it: to be delivered again. */
  deliver(mail: Mail): Promise<void>;
  /** Newest first. */
  list(most: number): readonly Omit<Mail, 'id'>[];
}

export function createMailbox(folder: string, relay?: SmtpRelay): Mailbox {
  return {
    deliver: async (mail) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, fileNameOf(mail)), formatMail(mail));
      if (relay !== undefined && mail.kind === 'email') await sendMail(relay, mail);
    },
    list: (most) => {
      if (!existsSync(folder)) return [];
      const names = readdirSync(folder).sort().slice(-most).reverse();
      return names.map((name) => readMail(name, readFileSync(join(folder, name), 'utf8')));
    },
  };
}

const endings: Readonly<Record<Mail['kind'], string>> = { email: 'eml', sms: 'sms', chat: 'chat' };

const kindOf = (name: string): Mail['kind'] =>
  name.endsWith('.eml') ? 'email' : name.endsWith('.sms') ? 'sms' : 'chat';

/** Several recipients get the same message: each has a file. */
function fileNameOf({ id, to, kind, sentAtMs }: Mail): string {
  const at = new Date(sentAtMs).toISOString().replaceAll(':', '.');
  const key = createHash('sha256').update(`${id} ${to}`).digest('hex').slice(0, 8);
  return `${at}-${key}.${endings[kind]}`;
}

function formatMail({ kind, to, subject, text, sentAtMs }: Mail): string {
  const headers = [`To: ${to}`, `Date: ${new Date(sentAtMs).toUTCString()}`];
  if (kind !== 'sms') headers.push(`Subject: ${subject}`);
  return `${headers.join('\n')}\n\n${text}\n`;
}

function readMail(name: string, file: string): Omit<Mail, 'id'> {
  const end = file.indexOf('\n\n');
  const head = file.slice(0, end);
  const header = (field: string): string => new RegExp(`^${field}: (.*)$`, 'm').exec(head)?.[1] ?? '';
  return {
    kind: kindOf(name),
    to: header('To'),
    subject: header('Subject'),
    text: file.slice(end + 2).trimEnd(),
    sentAtMs: Date.parse(header('Date')),
  };
}
