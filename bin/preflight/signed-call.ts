import { Sha256 } from '@aws-crypto/sha256-js';
import { STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Connection } from './exists.ts';

export interface SignedCall {
  /** The service's name in signatures. */
  readonly service: string;
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** One question to a service of which one answer is needed: its whole client would be a dependency more. */
export async function callSigned(connection: Connection, call: SignedCall): Promise<Record<string, unknown>> {
  const { credentials } = new STSClient(connection).config;
  const signer = new SignatureV4({ ...connection, service: call.service, credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: 'https:',
    hostname: call.host,
    path: call.path,
    query: {},
    headers: { host: call.host, ...call.headers },
    body: JSON.stringify(call.body),
  });
  const response = await fetch(`https://${call.host}${call.path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(call.body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok)
    throw new Error(`${call.service} answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
  return (await response.json()) as Record<string, unknown>;
}
