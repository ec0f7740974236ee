/** The XML of S3's lists: buckets, and a bucket's objects. */
import type { Listed } from '../s3/buckets.ts';
import { escapeXml, type WireRequest, type WireResponse, xml } from './request.ts';

/** Parameter of the query → member of the operation. */
const bucketsAsk = { prefix: 'Prefix', 'max-buckets': 'MaxBuckets', 'continuation-token': 'ContinuationToken' };
const objectsAsk = {
  prefix: 'Prefix',
  delimiter: 'Delimiter',
  'continuation-token': 'ContinuationToken',
  'start-after': 'StartAfter',
  'max-keys': 'MaxKeys',
};

/** Those of how it is spelled, which the operation does not see. */
export const heededOfBuckets: readonly string[] = Object.keys(bucketsAsk);
export const heededOfObjects: readonly string[] = [...Object.keys(objectsAsk), 'list-type', 'encoding-type'];

export const readBucketsAsk = ({ query }: WireRequest) => readMembers(query, bucketsAsk);
export const readObjectsAsk = ({ query }: WireRequest) => readMembers(query, objectsAsk);

const readMembers = (query: URLSearchParams, members: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(members).map(([name, member]) => [member, query.get(name) ?? undefined]));

export interface ListedBuckets {
  readonly Buckets: readonly { readonly Name: string; readonly createdAtMs: number }[];
  readonly ContinuationToken?: string;
}

export function formatBuckets({ Buckets, ContinuationToken }: ListedBuckets): WireResponse {
  const buckets = Buckets.map(
    ({ Name, createdAtMs }) => `<Bucket>${tag('Name', Name)}${tag('CreationDate', formatTime(createdAtMs))}</Bucket>`,
  ).join('');
  const next = ContinuationToken === undefined ? '' : tag('ContinuationToken', ContinuationToken);
  return xml(`<ListAllMyBucketsResult><Buckets>${buckets}</Buckets>${next}</ListAllMyBucketsResult>`);
}

export function formatObjects({ query }: WireRequest, bucket: string, listed: Listed): WireResponse {
  const isEncoded = query.get('encoding-type') === 'url';
  const spell = (key: string): string => (isEncoded ? encodeURIComponent(key).replaceAll('%2F', '/') : key);
  const asked = ['prefix', 'delimiter', 'start-after'].map((name) => {
    const member = objectsAsk[name as keyof typeof objectsAsk];
    return query.has(name) ? tag(member, spell(query.get(name)!)) : '';
  });
  const contents = listed.Contents.map(
    ({ key, bytes, modifiedAtMs }) =>
      `<Contents>${tag('Key', spell(key))}${tag('Size', bytes)}${tag('LastModified', formatTime(modifiedAtMs))}</Contents>`,
  );
  const prefixes = listed.CommonPrefixes.map(
    (prefix) => `<CommonPrefixes>${tag('Prefix', spell(prefix))}</CommonPrefixes>`,
  );
  const parts = [
    tag('Name', bucket),
    ...asked,
    isEncoded ? tag('EncodingType', 'url') : '',
    tag('KeyCount', listed.Contents.length + listed.CommonPrefixes.length),
    tag('IsTruncated', String(listed.IsTruncated)),
    listed.NextContinuationToken === undefined ? '' : tag('NextContinuationToken', listed.NextContinuationToken),
    ...contents,
    ...prefixes,
  ];
  return xml(`<ListBucketResult>${parts.join('')}</ListBucketResult>`);
}

const tag = (name: string, value: string | number): string => `<${name}>${escapeXml(String(value))}</${name}>`;

const formatTime = (timeMs: number): string => new Date(timeMs).toISOString();
