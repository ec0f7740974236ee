/** S3's REST protocol, path style: `/bucket/key`; bodies of streams come aws-chunked with a trailer. */
import type { Caller, Json } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import type { Listed } from '../s3/buckets.ts';
import { escapeXml, type WireRequest, type WireResponse, xml } from './request.ts';
import {
  formatBuckets,
  formatObjects,
  heededOfBuckets,
  heededOfObjects,
  type ListedBuckets,
  readBucketsAsk,
  readObjectsAsk,
} from './s3-lists.ts';

type Call = (operation: string, input: Json, caller: Caller) => Promise<unknown>;

export async function answerS3(request: WireRequest, caller: Caller, call: Call): Promise<WireResponse> {
  const [, bucket = '', ...rest] = request.path.split('/');
  const key = decodeURIComponent(rest.join('/'));
  try {
    return key === ''
      ? await answerForBucket(request, bucket, caller, call)
      : await answerForObject(request, { Bucket: bucket, Key: key }, caller, call);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const code = error.name === 'AccessDeniedException' ? 'AccessDenied' : error.name;
    const body =
      request.method === 'HEAD'
        ? ''
        : `<Error><Code>${code}</Code><Message>${escapeXml(error.message)}</Message></Error>`;
    return xml(body, error.statusCode);
  }
}

async function answerForObject(request: WireRequest, place: Json, caller: Caller, call: Call): Promise<WireResponse> {
  refuseUnheeded(request, request.method === 'PUT' ? ['if-none-match'] : []);
  switch (request.method) {
    case 'PUT': {
      const input = { ...place, Body: readBody(request), IfNoneMatch: request.headers['if-none-match'] };
      const { ETag } = (await call('PutObject', input, caller)) as { ETag: string };
      return { statusCode: 200, headers: { etag: ETag }, body: '' };
    }
    case 'GET':
    case 'HEAD': {
      const found = (await call('GetObject', place, caller)) as { Body: Uint8Array; ETag: string; LastModified: Date };
      const headers = {
        etag: found.ETag,
        'last-modified': found.LastModified.toUTCString(),
        'content-length': String(found.Body.byteLength),
      };
      return { statusCode: 200, headers, body: request.method === 'HEAD' ? '' : found.Body };
    }
    case 'DELETE':
      await call('DeleteObject', place, caller);
      return { statusCode: 204, headers: {}, body: '' };
    default:
      throw new ServiceError('NotImplemented', `S3: ${request.method} of an object is not modelled on the laptop`, 501);
  }
}

/** Of the headers by which a client asks for something, those that say how it spoke and signed. */
const spoken =
  /^x-amz-(?:content-sha256|date|user-agent|security-token|sdk-checksum-algorithm|checksum-.*|trailer|decoded-content-length)$/;
const asking = /^(?:x-amz-.*|range|if-.*|cache-control|expires|content-disposition|content-language)$/;

function refuseUnheeded({ query, headers }: WireRequest, heeded: readonly string[]): void {
  const asked = Object.keys(headers).filter((name) => asking.test(name) && !spoken.test(name));
  const other = [...query.keys(), ...asked].find((name) => name !== 'x-id' && !heeded.includes(name));
  if (other !== undefined) throw new ServiceError('NotImplemented', `S3: ${other} is not modelled on the laptop`, 501);
}

async function answerForBucket(
  request: WireRequest,
  bucket: string,
  caller: Caller,
  call: Call,
): Promise<WireResponse> {
  if (request.method === 'GET' && bucket === '') {
    refuseUnheeded(request, heededOfBuckets);
    return formatBuckets((await call('ListBuckets', readBucketsAsk(request), caller)) as ListedBuckets);
  }
  if (request.method !== 'GET' || request.query.get('list-type') !== '2') {
    const what = `${request.method} of a bucket with "${request.query}"`;
    throw new ServiceError('NotImplemented', `S3: ${what} is not modelled on the laptop`, 501);
  }
  refuseUnheeded(request, heededOfObjects);
  const input = { Bucket: bucket, ...readObjectsAsk(request) };
  return formatObjects(request, bucket, (await call('ListObjectsV2', input, caller)) as Listed);
}

/** Chunks of `<hex length>[;…]\r\n<bytes>\r\n`, ended by one of length 0 and the trailers. */
function readBody(request: WireRequest): Uint8Array {
  if (!String(request.headers['content-encoding'] ?? '').includes('aws-chunked')) return request.body;
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = request.body.indexOf('\r\n', at);
    const length = Number.parseInt(request.body.toString('latin1', at, lineEnd), 16);
    if (!(length > 0)) return Buffer.concat(parts);
    parts.push(request.body.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}
