import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Signing {
  readonly method?: string;
  readonly body?: string;
  readonly service?: string;
  readonly region?: string;
  readonly atMs?: number;
}

/** A request as a program with the AWS SDK's signer sends it. */
export async function sign(url: URL, credentials: Signer, signing: Signing = {}) {
  const { method = 'GET', body, service = 'execute-api', region = 'us-east-1', atMs = Date.now() } = signing;
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const query: Record<string, string[]> = {};
  for (const [name, value] of url.searchParams) query[name] = [...(query[name] ?? []), value];
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query,
    headers: { host: url.host },
    ...(body === undefined ? {} : { body }),
  };
  const { headers } = await signer.sign(request, { signingDate: new Date(atMs) });
  return { method, headers, ...(body === undefined ? {} : { body }) };
}
