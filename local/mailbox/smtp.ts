/**
 * Gives a mail to a relay by SMTP (RFC 5321), encrypted where the relay offers STARTTLS (RFC 3207). No login: it is for a
 * catcher on this machine or a plant's relay that knows its clients. A relay on this machine may have any certificate.
 */
import { createConnection, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Mail } from './mail.ts';

export interface SmtpRelay {
  readonly host: string;
  readonly port: number;
}

const sender = 'factory-twin@localhost';
const patienceMs = 10_000;
const lineLength = 76;
/** All but its last line have a hyphen behind the code. */
const wholeAnswer = /^(?:\d{3}-.*\r?\n)*\d{3}(?!-).*\r?\n/;

export async function sendMail(relay: SmtpRelay, mail: Mail): Promise<void> {
  const { host } = relay;
  let connection = openConnection(createConnection({ ...relay }));
  try {
    await connection.expect(220);
    const greeting = await connection.say('EHLO localhost', 250);
    if (/^250[ -]STARTTLS/im.test(greeting)) {
      await connection.say('STARTTLS', 220);
      connection = openConnection(secure(connection.release(), host));
      await connection.say('EHLO localhost', 250);
    }
    await connection.say(`MAIL FROM:<${sender}>`, 250);
    await connection.say(`RCPT TO:<${checkAddress(mail.to)}>`, 250);
    await connection.say('DATA', 354);
    await connection.say(`${formatMessage(mail)}\r\n.`, 250);
    // It is taken: what becomes of the farewell is no reason to send it again.
    connection.release().end('QUIT\r\n');
  } catch (error) {
    connection.release().destroy();
    throw new Error(`mail relay ${host}:${relay.port}: ${(error as Error).message}`);
  }
}

interface Connection {
  /** The relay's whole answer; rejects where it has another code. */
  expect(code: number): Promise<string>;
  say(line: string, code: number): Promise<string>;
  /** Stops reading: somebody else goes on with the socket. */
  release(): Socket;
}

function openConnection(socket: Socket): Connection {
  const answers: string[] = [];
  let waiting: { readonly resolve: (answer: string) => void; readonly reject: (error: Error) => void } | undefined;
  let failure: Error | undefined;
  let unread = '';
  const settle = (): void => {
    if (waiting === undefined) return;
    const answer = answers.shift();
    if (answer !== undefined) waiting.resolve(answer);
    else if (failure !== undefined) waiting.reject(failure);
    else return;
    waiting = undefined;
  };
  const fail = (error: Error): void => {
    failure ??= error;
    settle();
  };
  const read = (chunk: Buffer): void => {
    unread += chunk.toString();
    for (let found = wholeAnswer.exec(unread); found !== null; found = wholeAnswer.exec(unread)) {
      answers.push(found[0]);
      unread = unread.slice(found[0].length);
    }
    settle();
  };
  socket.on('data', read);
  socket.setTimeout(patienceMs, () => socket.destroy(new Error(`no answer for ${patienceMs / 1000} s`)));
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the relay has hung up')));
  const expect = async (code: number): Promise<string> => {
    const answer = await new Promise<string>((resolve, reject) => {
      waiting = { resolve, reject };
      settle();
    });
    if (!answer.startsWith(String(code))) throw new Error(`expected ${code}, got "${answer.trim()}"`);
    return answer;
  };
  return {
    expect,
    say: (line, code) => {
      socket.write(`${line}\r\n`);
      return expect(code);
    },
    release: () => {
      socket.off('data', read);
      return socket;
    },
  };
}

const isHere = (host: string): boolean => ['localhost', '127.0.0.1', '::1'].includes(host);

function secure(socket: Socket, host: string): Socket {
  return connectTls({ socket, servername: isHere(host) ? '' : host, rejectUnauthorized: !isHere(host) });
}

/** Whatever is put into a command could be a command. */
function checkAddress(address: string): string {
  if (!/^[^\s<>@]+@[^\s<>@]+$/.test(address)) throw new Error(`"${address}" is no address`);
  return address;
}

/** No line of it begins with a dot, which SMTP would take for the end. */
function formatMessage({ id, to, subject, text, sentAtMs }: Mail): string {
  const encoded = Buffer.from(text).toString('base64');
  const body = encoded.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  return [
    `From: Factory Twin <${sender}>`,
    `To: ${to}`,
    `Subject: ${encodeHeader(subject)}`,
    `Date: ${new Date(sentAtMs).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}@factory-twin.localhost>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...body,
  ].join('\r\n');
}

/** An encoded word holds 75 characters at most (RFC 2047): 36 bytes of text are 48 of base64, and characters stay whole. */
function encodeHeader(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text.replace(/[\r\n]+/g, ' ')) {
    if (Buffer.byteLength(word + character) > 36) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`).join('\r\n ');
}
