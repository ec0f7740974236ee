import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { owner } from '../../../local/engine.ts';
import { createS3 } from '../../../local/s3/s3.ts';
import { openWire, type Wire } from '../wire.ts';

const Bucket = 'archive';
let wire: Wire;
let client: S3Client;

beforeAll(async () => {
  wire = await openWire((cloud) => createS3(cloud));
  await wire.create('AWS::S3::Bucket', { BucketName: Bucket });
  client = new S3Client(wire.clientConfig);
});
afterAll(async () => {
  client.destroy();
  await wire.stop();
});

const put = (Key: string, Body: string | Readable, rest = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...rest }));
const get = async (Key: string) => (await client.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();

describe('a bucket over the SDK', () => {
  it('keeps what was put, whole or as a stream, under any key', async () => {
    await put('a/b', 'below');
    await put('a', 'beside');
    await put('day=1/ä ?&%/x', 'odd');
    const text = 'x'.repeat(100_000);
    await put('stream', Readable.from([text]), { ContentLength: text.length });
    expect(await Promise.all(['a/b', 'a', 'day=1/ä ?&%/x', 'stream'].map(get))).toEqual([
      'below',
      'beside',
      'odd',
      text,
    ]);
  });

  it('lists what lies under a prefix up to a delimiter as one, also over pages', async () => {
    await wire.create('AWS::S3::Bucket', { BucketName: 'folders' });
    for (const Key of ['a/1', 'a/2', 'b', 'c d/+ü', 'c/x/1', 'c/y'])
      await client.send(new PutObjectCommand({ Bucket: 'folders', Key, Body: 'x' }));
    const list = async (input: Partial<ListObjectsV2CommandInput>) => {
      const listed = await client.send(new ListObjectsV2Command({ Bucket: 'folders', Delimiter: '/', ...input }));
      const keys = (listed.Contents ?? []).map(({ Key }) => Key);
      const prefixes = (listed.CommonPrefixes ?? []).map(({ Prefix }) => Prefix);
      return { keys, prefixes, count: listed.KeyCount, next: listed.NextContinuationToken };
    };
    expect(await list({})).toEqual({ keys: ['b'], prefixes: ['a/', 'c d/', 'c/'], count: 4 });
    expect(await list({ Prefix: 'c/' })).toEqual({ keys: ['c/y'], prefixes: ['c/x/'], count: 2 });
    const first = await list({ MaxKeys: 1 });
    expect(first).toMatchObject({ keys: [], prefixes: ['a/'] });
    expect(await list({ MaxKeys: 1, ContinuationToken: first.next })).toMatchObject({ keys: ['b'], prefixes: [] });
    expect(await list({ Prefix: 'c d/', EncodingType: 'url' })).toMatchObject({ keys: ['c%20d/%2B%C3%BC'] });
  });

  it('keeps each bucket to itself, whatever a key says', async () => {
    await wire.create('AWS::S3::Bucket', { BucketName: 'other' });
    const Body = Buffer.from('mine');
    for (const Key of ['../archive/stolen', './dotted', 'a/../b']) {
      await wire.cloud.call('s3', 'PutObject', { Bucket: 'other', Key, Body }, owner);
    }
    const keysOf = async (Bucket: string) =>
      (
        (await wire.cloud.call('s3', 'ListObjectsV2', { Bucket }, owner)) as { Contents: { key: string }[] }
      ).Contents.map(({ key }) => key);
    expect((await keysOf('other')).toSorted()).toEqual(['../archive/stolen', './dotted', 'a/../b']);
    expect(await keysOf('archive')).not.toContain('stolen');
  });

  it('lists by prefix, in pages, in order', async () => {
    for (const n of [3, 1, 2]) await put(`list/${n}`, String(n));
    const list = (rest = {}) => client.send(new ListObjectsV2Command({ Bucket, Prefix: 'list/', MaxKeys: 2, ...rest }));
    const first = await list();
    expect(first.Contents!.map(({ Key }) => Key)).toEqual(['list/1', 'list/2']);
    const second = await list({ ContinuationToken: first.NextContinuationToken });
    expect(second.Contents!.map(({ Key, Size }) => [Key, Size])).toEqual([['list/3', 1]]);
  });

  it('says what is not there, and does not overwrite where that was asked', async () => {
    await put('once', '1');
    await expect(put('once', '2', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'once' }));
    await expect(get('once')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(client.send(new GetObjectCommand({ Bucket: 'elsewhere', Key: 'x' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });

  it('tells the size of an object without its content', async () => {
    await put('sized', 'twelve bytes');
    const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket, Key: 'sized' }));
    expect(ContentLength).toBe(12);
  });

  const Key = 'sized';
  it.each([
    ['versionId', new GetObjectCommand({ Bucket, Key, VersionId: 'v' })],
    ['range', new GetObjectCommand({ Bucket, Key, Range: 'bytes=0-1' })],
    ['if-none-match', new GetObjectCommand({ Bucket, Key, IfNoneMatch: '"x"' })],
    ['x-amz-meta-site', new PutObjectCommand({ Bucket, Key, Body: 'x', Metadata: { site: 'x' } })],
    ['x-amz-storage-class', new PutObjectCommand({ Bucket, Key, Body: 'x', StorageClass: 'GLACIER' })],
    ['versionId', new DeleteObjectCommand({ Bucket, Key, VersionId: 'v' })],
  ])('refuses %s, which it would ignore', async (name, command) => {
    const sending = client.send(command as GetObjectCommand);
    await expect(sending).rejects.toThrow(`S3: ${name} is not modelled on the laptop`);
  });

  it('lets a role in by its policy alone', async () => {
    await wire.create('AWS::IAM::Role', {
      RoleName: 'reader',
      AssumeRolePolicyDocument: { Statement: [] },
      Policies: [
        {
          PolicyName: 'p',
          PolicyDocument: {
            Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::archive/*' }],
          },
        },
      ],
    });
    const role = new S3Client({
      ...wire.clientConfig,
      credentials: wire.credentials.issue('arn:aws:iam::000000000000:role/reader'),
    });
    await put('shared', 'text');
    const found = await role.send(new GetObjectCommand({ Bucket, Key: 'shared' }));
    expect(await found.Body!.transformToString()).toBe('text');
    await expect(role.send(new PutObjectCommand({ Bucket, Key: 'shared', Body: 'x' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(
        'role/reader is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::archive/shared',
      ),
    });
    // What it may not list it is not told to be absent.
    await expect(role.send(new GetObjectCommand({ Bucket, Key: 'absent' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    role.destroy();
  });
});
