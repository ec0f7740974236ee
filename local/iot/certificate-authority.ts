/**
 * A certificate authority of one's own: X.509 v3 certificates on P-256, signed with ECDSA and SHA-256.
 * Node's crypto signs and reads certificates but cannot make them, and a laptop need not have openssl. Only the DER that these
 * certificates need is written here. Sources: RFC 5280 (profile), RFC 5480 (elliptic-curve keys), ITU-T X.690 (DER).
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIP } from 'node:net';
import { realNowMs } from '../clock.ts';

/** A certificate with its private key, both PEM. */
export interface Credentials {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface CertificateAuthority extends Credentials {
  readonly commonName: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly usage: 'client' | 'server';
  /** Names and addresses a server answers under. */
  readonly dnsNames?: readonly string[];
  readonly ips?: readonly string[];
  readonly days?: number;
}

const dayMs = 86_400_000;
/** Clocks of a laptop and its containers differ: a certificate is valid a little before it was made. */
const backdatedMs = 3_600_000;
const defaultDays = 365;

export function createCa(commonName = 'Factory Twin local CA', days = 10 * defaultDays): CertificateAuthority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' });
  const privateKeyPem = toPem(keys.privateKey);
  const certificatePem = signCertificate({
    issuer: commonName,
    subject: commonName,
    days,
    publicKey,
    signingKeyPem: privateKeyPem,
    extensions: [
      basicConstraints(true),
      keyUsage(usageBits.keyCertSign | usageBits.cRLSign),
      subjectKeyIdentifier(publicKey),
    ],
  });
  return { commonName, certificatePem, privateKeyPem };
}

export function issueCertificate(ca: CertificateAuthority, request: CertificateRequest): Credentials {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' });
  const caKey = createPublicKey(ca.certificatePem).export({ type: 'spki', format: 'der' });
  const names = alternativeNames(request);
  const certificatePem = signCertificate({
    issuer: ca.commonName,
    subject: request.commonName,
    days: request.days ?? defaultDays,
    publicKey,
    signingKeyPem: ca.privateKeyPem,
    extensions: [
      basicConstraints(false),
      keyUsage(usageBits.digitalSignature),
      extendedKeyUsage(request.usage),
      subjectKeyIdentifier(publicKey),
      authorityKeyIdentifier(caKey),
      ...(names.length > 0 ? [extension('2.5.29.17', sequence(...names))] : []),
    ],
  });
  return { certificatePem, privateKeyPem: toPem(keys.privateKey) };
}

const toPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

interface CertificateContent {
  readonly issuer: string;
  readonly subject: string;
  readonly days: number;
  readonly publicKey: Buffer;
  readonly signingKeyPem: string;
  readonly extensions: readonly Buffer[];
}

function signCertificate(content: CertificateContent): string {
  const fromMs = realNowMs() - backdatedMs;
  const version3 = explicit(0, integer(Buffer.from([2])));
  const body = sequence(
    version3,
    integer(createSerialNumber()),
    ecdsaWithSha256,
    distinguishedName(content.issuer),
    sequence(time(fromMs), time(fromMs + backdatedMs + content.days * dayMs)),
    distinguishedName(content.subject),
    content.publicKey,
    explicit(3, sequence(...content.extensions)),
  );
  const signature = sign('sha256', body, createPrivateKey(content.signingKeyPem));
  const der = sequence(body, ecdsaWithSha256, bitString(signature));
  const base64 = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

/** Positive and never 0, as RFC 5280 4.1.2.2 asks: the first byte lies in 0x40…0x7f. */
function createSerialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes;
}

// The certificate's extensions (RFC 5280, 4.2.1)

const usageBits = { digitalSignature: 0x80, keyCertSign: 0x04, cRLSign: 0x02 } as const;
const extendedUsages = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

const basicConstraints = (isCa: boolean): Buffer =>
  criticalExtension('2.5.29.19', isCa ? sequence(element(0x01, Buffer.from([0xff]))) : sequence());

function keyUsage(bits: number): Buffer {
  const unusedBits = 31 - Math.clz32(bits & -bits);
  return criticalExtension('2.5.29.15', element(0x03, Buffer.from([unusedBits, bits])));
}

const extendedKeyUsage = (usage: 'client' | 'server'): Buffer =>
  extension('2.5.29.37', sequence(objectIdentifier(extendedUsages[usage])));

const subjectKeyIdentifier = (publicKey: Buffer): Buffer => extension('2.5.29.14', element(0x04, keyId(publicKey)));

const authorityKeyIdentifier = (publicKey: Buffer): Buffer =>
  extension('2.5.29.35', sequence(element(0x80, keyId(publicKey))));

const keyId = (publicKey: Buffer): Buffer => createHash('sha256').update(publicKey).digest().subarray(0, 20);

function alternativeNames(request: CertificateRequest): Buffer[] {
  const dnsNames = (request.dnsNames ?? []).map((name) => element(0x82, Buffer.from(name, 'ascii')));
  return [...dnsNames, ...(request.ips ?? []).map((ip) => element(0x87, addressBytes(ip)))];
}

function addressBytes(ip: string): Buffer {
  const family = isIP(ip);
  if (family === 4) return Buffer.from(ip.split('.').map(Number));
  if (family !== 6) throw new Error(`ips: got "${ip}", allowed are IPv4 and IPv6 addresses`);
  const [head = '', tail = ''] = ip.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const groups = [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

const extension = (oid: string, value: Buffer): Buffer => sequence(objectIdentifier(oid), element(0x04, value));

const criticalExtension = (oid: string, value: Buffer): Buffer =>
  sequence(objectIdentifier(oid), element(0x01, Buffer.from([0xff])), element(0x04, value));

// DER (X.690)

function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthBytes(content.length), content]);
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x100) return Buffer.from([0x81, length]);
  return Buffer.from([0x82, length >> 8, length & 0xff]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return element(0x30, ...contents);
}

function integer(bytes: Buffer): Buffer {
  return element(0x02, bytes);
}

const explicit = (number: number, content: Buffer): Buffer => element(0xa0 | number, content);

const bitString = (bytes: Buffer): Buffer => element(0x03, Buffer.from([0]), bytes);

function objectIdentifier(oid: string): Buffer {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number);
  return element(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f];
  for (let left = arc >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

function distinguishedName(commonName: string): Buffer {
  const attribute = sequence(objectIdentifier('2.5.4.3'), element(0x0c, Buffer.from(commonName, 'utf8')));
  return sequence(element(0x31, attribute));
}

/** UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). */
function time(ms: number): Buffer {
  const text = `${new Date(ms).toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`;
  return text < '2050' ? element(0x17, Buffer.from(text.slice(2))) : element(0x18, Buffer.from(text));
}

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
