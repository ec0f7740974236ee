import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterAll, describe, expect, it } from 'vitest';
import type { Mail } from '../../../local/mailbox/mail.ts';
import { createMailbox } from '../../../local/mailbox/mailbox.ts';
import { answerMailbox } from '../../../local/mailbox/page.ts';

const folder = mkdtempSync(join(tmpdir(), 'mailbox-'));
afterAll(() => rmSync(folder, { recursive: true }));

const mail: Mail = {
  id: 'm1',
  kind: 'email',
  to: 'operator@plant.example',
  subject: 'Pump P-1: bearing damage, 12 °C above the expected temperature, do not proceed',
  text: `See <b>now</b>: http://127.0.0.1/ack?t=1&n=2\n.\n${'Kühlmittel prüfen. '.repeat(20)}`,
  sentAtMs: Date.parse('2026-11-20T12:00:00Z'),
};

interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  readonly isSecure: boolean;
  readonly text: string;
}

async function openRelay(options: SMTPServerOptions = {}) {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        const to = rcptTo.map(({ address }) => address);
        taken.push({ from, to, isSecure: session.secure, text: Buffer.concat(chunks).toString() });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined); // a client that leaves without a word
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.server.address() as AddressInfo;
  const mailbox = createMailbox(mkdtempSync(join(folder, 'relayed-')), { host: '127.0.0.1', port });
  return { mailbox, taken, close: () => new Promise<void>((done) => server.close(() => done())) };
}

const decodeBody = (message: string): string =>
  Buffer.from(message.slice(message.indexOf('\r\n\r\n')), 'base64').toString();
const decodeSubject = (message: string): string =>
  [...message.matchAll(/=\?utf-8\?B\?([^?]*)\?=/g)]
    .map(([, word = '']) => Buffer.from(word, 'base64').toString())
    .join('');

describe('a relay', () => {
  it('gets the mail over TLS where it offers that, and whole: umlauts, long subject, a lonely dot', async () => {
    const { mailbox, taken, close } = await openRelay();
    await mailbox.deliver(mail);
    await close();
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatchObject({ to: ['operator@plant.example'], isSecure: true });
    expect(decodeBody(taken[0]!.text)).toBe(mail.text);
    expect(decodeSubject(taken[0]!.text)).toBe(mail.subject);
    const longest = Math.max(...taken[0]!.text.split('\r\n').map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(100);
  });

  it('gets it in the clear where it offers nothing else', async () => {
    const { mailbox, taken, close } = await openRelay({ hideSTARTTLS: true });
    await mailbox.deliver({ ...mail, subject: 'plain' });
    await close();
    expect(taken[0]).toMatchObject({ isSecure: false });
    expect(taken[0]!.text).toContain('\r\nSubject: plain\r\n');
  });

  it('that refuses is named, so that the mail comes again, and the mailbox has it once', async () => {
    const onRcptTo: SMTPServerOptions['onRcptTo'] = (_, __, done) => done(new Error('try later'));
    const { mailbox, close } = await openRelay({ onRcptTo });
    await expect(mailbox.deliver(mail)).rejects.toThrow(
      /^mail relay 127\.0\.0\.1:\d+: expected 250, got "5\d\d try later"/,
    );
    await expect(mailbox.deliver(mail)).rejects.toThrow('try later');
    await close();
    expect(mailbox.list(10)).toHaveLength(1);
    await expect(mailbox.deliver(mail)).rejects.toThrow(/mail relay .*ECONNREFUSED/);
  });

  it('is told nothing that an address smuggles in', async () => {
    const { mailbox, taken, close } = await openRelay();
    await expect(mailbox.deliver({ ...mail, to: 'a@b>\r\nRCPT TO:<c@d' })).rejects.toThrow('is no address');
    await close();
    expect(taken).toEqual([]);
  });
});

describe('the page', () => {
  const get = (mailbox: ReturnType<typeof createMailbox>, path: string) =>
    answerMailbox(mailbox, { method: 'GET', path, query: new URLSearchParams(), headers: {}, body: Buffer.alloc(0) });

  it('shows mails and text messages of every recipient, newest first, with links and without their markup', async () => {
    const mailbox = createMailbox(join(folder, 'shown'));
    expect(get(mailbox, '/mailbox')?.body).toContain('Nothing has been sent yet.');
    await mailbox.deliver(mail);
    await mailbox.deliver({ ...mail, to: 'shift@plant.example' });
    const later = { id: 'm2', kind: 'sms', to: '+4915112345678', subject: '', text: 'P-1 stopped' } as const;
    await mailbox.deliver({ ...later, sentAtMs: mail.sentAtMs + 1000 });
    const page = String(get(mailbox, '/mailbox')?.body);
    expect([...page.matchAll(/<p>to ([^,]*),/g)].map(([, to]) => to)).toEqual([
      '+4915112345678',
      expect.stringMatching(/plant/),
      expect.stringMatching(/plant/),
    ]);
    expect(page).toContain('<h2>Text message</h2>');
    expect(page).toContain('<a href="http://127.0.0.1/ack?t=1&amp;n=2">');
    expect(page).toContain('&lt;b&gt;now');
    expect(get(mailbox, '/other')).toBeUndefined();
  });
});
