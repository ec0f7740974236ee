/**
 * Signature Version 4 of a request to a service other than S3: scope, signed headers and body, by the key's secret, at
 * most five minutes old. Source: IAM user guide, "Create a signed AWS API request".
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { failure, type Result, success } from '../../core/result.ts';
import type { WireRequest } from '../wire/request.ts';

const validForMs = 5 * 60_000;

export interface SignatureSettings {
  readonly service: string;
  readonly region: string;
  readonly nowMs: number;
  readonly findSecret: (accessKeyId: string) => string | undefined;
}

/** Gives the key that signed. The reason of a refusal is for the log: the caller learns only that it may not. */
export function checkSignature(request: WireRequest, settings: SignatureSettings): Result<string, string> {
  const parts = readAuthorization(request.headers.authorization ?? '');
  if (parts === null) return failure('the request is not signed');
  const { accessKeyId, scope, signedHeaders, signature } = parts;
  const signedAt = String(request.headers['x-amz-date'] ?? '');
  const problem = findProblem(scope, signedAt, settings) ?? findUnsigned(signedHeaders);
  if (problem !== null) return failure(problem);
  const secret = settings.findSecret(accessKeyId);
  if (secret === undefined) return failure(`access key ${accessKeyId} belongs to nobody here`);
  const canonical = hash(canonicalRequest(request, signedHeaders));
  const toSign = ['AWS4-HMAC-SHA256', signedAt, scope.join('/'), canonical].join('\n');
  const key = scope.reduce<Buffer | string>((above, part) => hmac(above, part), `AWS4${secret}`);
  const wanted = hmac(key, toSign).toString('hex');
  const isSame = signature.length === wanted.length && timingSafeEqual(Buffer.from(signature), Buffer.from(wanted));
  return isSame ? success(accessKeyId) : failure('the signature does not fit');
}

function readAuthorization(header: string) {
  const form = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/;
  const [, accessKeyId, scope, signedHeaders, signature] = form.exec(header) ?? [];
  if (accessKeyId === undefined || scope === undefined || signedHeaders === undefined || signature === undefined) {
    return null;
  }
  return { accessKeyId, scope: scope.split('/'), signedHeaders: signedHeaders.split(';'), signature };
}

function findProblem(scope: readonly string[], signedAt: string, { service, region, nowMs }: SignatureSettings) {
  const wanted = [signedAt.slice(0, 8), region, service, 'aws4_request'];
  if (scope.join('/') !== wanted.join('/')) return `the scope is ${scope.join('/')}, wanted is ${wanted.join('/')}`;
  const signedAtMs = Date.parse(signedAt.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));
  return Math.abs(nowMs - signedAtMs) <= validForMs ? null : `the signature is of ${signedAt || 'no time'}`;
}

const findUnsigned = (signedHeaders: readonly string[]): string | null =>
  signedHeaders.includes('host') ? null : 'the host is not signed';

function canonicalRequest(
  { method, path, query, headers, body }: WireRequest,
  signedHeaders: readonly string[],
): string {
  const lines = signedHeaders.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replaceAll(/ +/g, ' ')}\n`,
  );
  const pairs = [...query].map(([name, value]) => [encode(name), encode(value)] as const).sort(byNameThenValue);
  const canonicalQuery = pairs.map((pair) => pair.join('=')).join('&');
  const canonicalPath = path.split('/').map(encode).join('/');
  return [method, canonicalPath, canonicalQuery, lines.join(''), signedHeaders.join(';'), hash(body)].join('\n');
}

type Pair = readonly [name: string, value: string];

/** By the bytes of what is encoded, so plain comparison will do. */
function byNameThenValue([nameA, valueA]: Pair, [nameB, valueB]: Pair): number {
  if (nameA === nameB) return valueA < valueB ? -1 : 1;
  return nameA < nameB ? -1 : 1;
}

/** RFC 3986: `encodeURIComponent` leaves these five. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const hash = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();
