import { X509Certificate } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Stage } from '../../lib/stage.ts';
import { makeOutputFolder } from '../../simulator/sinks/output-folder.ts';
import type { Credentials } from './enrolment.ts';

/** Where `npm run simulate -- --stage <name>` looks. */
export const credentialsFolderOf = (stage: Stage): string =>
  stage.laptop ? '.local/credentials' : join('.credentials', stage.name);

export function writeCredentials(folder: string, machineId: string, credentials: Credentials): void {
  const own = join(folder, machineId);
  makeOutputFolder('--out', own, 0o700);
  writeFileSync(join(own, 'cert.pem'), credentials.certificatePem);
  writeFileSync(join(own, 'private.key'), credentials.privateKeyPem, { mode: 0o600 });
}

export function removeCredentials(folder: string, machineId: string): void {
  rmSync(join(folder, machineId), { recursive: true, force: true });
}

/** What all machines of a stage share: whom they call and whom they trust. */
export function writeEndpoint(folder: string, host: string): void {
  makeOutputFolder('--out', folder, 0o700);
  const endpoint = host.includes(':') ? `mqtts://${host}` : `mqtts://${host}:8883`;
  writeFileSync(join(folder, 'endpoint.json'), `${JSON.stringify({ endpoint })}\n`);
}

/** IoT Core's data endpoint is signed by Amazon Trust Services; Node carries its roots. */
export function writeAmazonRoots(folder: string): void {
  const roots = rootCertificates.filter((pem) => new X509Certificate(pem).subject.includes('CN=Amazon Root CA'));
  writeFileSync(join(folder, 'ca.pem'), `${roots.join('\n')}\n`);
}
