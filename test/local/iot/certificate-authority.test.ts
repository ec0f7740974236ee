import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCa, issueCertificate } from '../../../local/iot/certificate-authority.ts';

const ca = createCa();
const server = issueCertificate(ca, {
  commonName: 'localhost',
  usage: 'server',
  dnsNames: ['localhost', 'broker.factory.test'],
  ips: ['127.0.0.1', '::1', '2001:db8::7'],
});
const client = issueCertificate(ca, { commonName: 'CNC-001', usage: 'client', days: 30 });

describe('a certificate, as an independent reader sees it', () => {
  it('carries its subject, issuer, names and days', () => {
    const read = new X509Certificate(server.certificatePem);
    expect(read.subject).toBe('CN=localhost');
    expect(read.issuer).toBe('CN=Factory Twin local CA');
    expect(read.subjectAltName).toBe(
      'DNS:localhost, DNS:broker.factory.test, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:0:0:7',
    );
    const leaf = new X509Certificate(client.certificatePem);
    const days = (leaf.validToDate.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
  });

  it('is signed by the authority and by no other', () => {
    const root = new X509Certificate(ca.certificatePem);
    const leaf = new X509Certificate(client.certificatePem);
    expect(root.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.verify(new X509Certificate(createCa().certificatePem).publicKey)).toBe(false);
  });

  it('crosses the year 2050, where the time changes its form', () => {
    const longLived = new X509Certificate(createCa('long', 40 * 365).certificatePem);
    expect(longLived.validToDate.getUTCFullYear()).toBeGreaterThan(2050);
  });
});

describe('mutual TLS', () => {
  let tlsServer: Server;
  let port: number;
  const peers: string[] = [];

  beforeAll(async () => {
    tlsServer = createServer(
      { cert: server.certificatePem, key: server.privateKeyPem, ca: ca.certificatePem, requestCert: true },
      (socket) => {
        peers.push(String(socket.getPeerCertificate().subject.CN));
        socket.on('error', () => socket.destroy()).end('welcome');
      },
    );
    tlsServer.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
    await once(tlsServer, 'listening');
    port = (tlsServer.address() as AddressInfo).port;
  });
  afterAll(() => tlsServer.close());

  const dial = (credentials?: { certificatePem: string; privateKeyPem: string }): TLSSocket =>
    connect({
      host: '127.0.0.1',
      port,
      ca: ca.certificatePem,
      ...(credentials && { cert: credentials.certificatePem, key: credentials.privateKeyPem }),
    });

  const read = async (socket: TLSSocket): Promise<string> => {
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  };

  it('accepts a machine by its own certificate and learns its name', async () => {
    expect(await read(dial(client))).toBe('welcome');
    expect(peers).toContain('CNC-001');
  });

  it('refuses a machine without a certificate and one of another authority', async () => {
    const stranger = issueCertificate(createCa(), { commonName: 'CNC-001', usage: 'client' });
    const admitted = peers.length;
    // In TLS 1.3 the client learns of the refusal after its own handshake: as an alert or as a bare close.
    const refused = (socket: TLSSocket): Promise<string> => read(socket).catch(() => '');
    expect(await refused(dial())).toBe('');
    expect(await refused(dial(stranger))).toBe('');
    expect(peers).toHaveLength(admitted);
  });
});
