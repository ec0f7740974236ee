import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CloudFrontEngine, createCloudFront } from '../../../local/cloudfront/cloudfront.ts';
import { type Json, owner } from '../../../local/engine.ts';
import { createS3 } from '../../../local/s3/s3.ts';
import type { WireRequest } from '../../../local/wire/request.ts';
import { openWire, type Wire } from '../wire.ts';

let wire: Wire;
let engine: CloudFrontEngine;
let bucket: string;
let config: Json;

beforeAll(async () => {
  wire = await openWire(createS3, (cloud, endpointUrl) => {
    engine = createCloudFront(cloud, { endpointUrl });
    return engine;
  });
  const files = await wire.create('AWS::S3::Bucket', {}, 'Files');
  bucket = files.ref;
  const access = { OriginAccessControlOriginType: 's3', SigningBehavior: 'always', SigningProtocol: 'sigv4' };
  const control = await wire.create(
    'AWS::CloudFront::OriginAccessControl',
    { OriginAccessControlConfig: access },
    'Control',
  );
  config = {
    DefaultRootObject: 'index.html',
    Origins: [
      { Id: 'files', DomainName: files.attributes!.RegionalDomainName, OriginAccessControlId: control.attributes!.Id },
      { Id: 'api', DomainName: new URL(wire.url).host },
    ],
    CacheBehaviors: [{ PathPattern: '/api/*', TargetOriginId: 'api' }],
    DefaultCacheBehavior: { TargetOriginId: 'files' },
  };
  const Body = Buffer.from('<h1>the page</h1>');
  await wire.cloud.call('s3', 'PutObject', { Bucket: bucket, Key: 'index.html', Body }, owner);
});
afterAll(() => wire.stop());

const distribute = (more: Json) =>
  Promise.resolve().then(() =>
    wire.create('AWS::CloudFront::Distribution', { DistributionConfig: { ...config, ...more } }, 'Page'),
  );

it.each<[string, Json, string]>([
  [
    'a policy of one’s own',
    { DefaultCacheBehavior: { TargetOriginId: 'files', CachePolicyId: 'own' } },
    'policy own is not modelled',
  ],
  [
    'headers that are not there',
    { DefaultCacheBehavior: { TargetOriginId: 'files', ResponseHeadersPolicyId: 'x' } },
    'there is no policy "x"',
  ],
  ['an origin that is not there', { DefaultCacheBehavior: { TargetOriginId: 'other' } }, 'there is no origin "other"'],
  ['an origin elsewhere', { Origins: [{ Id: 'files', DomainName: 'example.org' }] }, 'Origins: got "example.org"'],
])('refuses %s', async (_what, more, says) => {
  await expect(distribute(more)).rejects.toThrow(says);
});

it('reads its bucket only as far as the bucket’s policy lets it in, and leaves the API to the API', async () => {
  const { ref } = await distribute({});
  const ask = (path: string, method = 'GET') =>
    engine.answer({
      method,
      path,
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.alloc(0),
    } satisfies WireRequest);
  expect((await ask('/'))?.statusCode).toBe(403);
  expect((await ask('/%E0%A4%A'))?.statusCode).toBe(400);
  expect(wire.told.join('\n')).toMatch(/cloudfront.amazonaws.com is not authorized to perform: s3:GetObject/);
  const Statement = {
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::${bucket}/*`,
    Principal: { Service: 'cloudfront.amazonaws.com' },
    Condition: { StringEquals: { 'AWS:SourceArn': `arn:aws:cloudfront::000000000000:distribution/${ref}` } },
  };
  await wire.create('AWS::S3::BucketPolicy', { Bucket: bucket, PolicyDocument: { Statement: [Statement] } });
  expect(await ask('/')).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
  expect((await ask('/', 'POST'))?.statusCode).toBe(403);
  const { ref: Bucket } = await wire.create('AWS::S3::Bucket', {}, 'Private');
  await wire.cloud.call('s3', 'PutObject', { Bucket, Key: 'models', Body: Buffer.from('secret') }, owner);
  expect((await ask(`/..%2F${Bucket}%2Fmodels`))?.statusCode).toBe(403);
  expect(await ask('/api/machines')).toBeUndefined();
});
