/** S3: buckets as folders, objects as files; keys are encoded into paths. Answers to the REST protocol, path style. */
import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Cloud, Engine, Json, Operation, ResourceRequest } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import { replaceFile } from '../replace-file.ts';

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
}

const maxKeysPerList = 1000;

export function createS3(cloud: Cloud): Engine {
  const root = join(cloud.dataFolder, 's3');
  const buckets = new Set<string>();

  const folderOf = (input: Json): string => {
    const bucket = String(input.Bucket);
    if (!buckets.has(bucket)) throw new ServiceError('NoSuchBucket', `bucket ${bucket} does not exist`, 404);
    return join(root, bucket);
  };
  const fileOf = (input: Json): string => join(folderOf(input), encodeKey(String(input.Key)));
  const onObject = (action: string, run: (input: Json) => unknown): Operation => ({
    access: (input) => [{ action: `s3:${action}`, resource: `arn:aws:s3:::${input.Bucket}/${input.Key}` }],
    run,
  });
  const onBucket = (action: string, run: (input: Json) => unknown): Operation => ({
    access: (input) => [{ action: `s3:${action}`, resource: `arn:aws:s3:::${input.Bucket}` }],
    run,
  });

  const put = (input: Json): Json => {
    const file = fileOf(input);
    const body = input.Body as Uint8Array;
    if (input.IfNoneMatch === '*' && fileExists(file)) {
      throw new ServiceError('PreconditionFailed', `object ${String(input.Key)} exists already`, 412);
    }
    mkdirSync(dirname(file), { recursive: true });
    replaceFile(file, body);
    return { ETag: `"${hash('md5', body, 'hex')}"` };
  };
  const get = (input: Json): Json => {
    const file = fileOf(input);
    if (!fileExists(file)) throw new ServiceError('NoSuchKey', `object ${String(input.Key)} does not exist`, 404);
    const Body = readFileSync(file);
    return { Body, ETag: `"${hash('md5', Body, 'hex')}"`, LastModified: new Date(statSync(file).mtimeMs) };
  };
  const list = (input: Json): Json => {
    const prefix = String(input.Prefix ?? '');
    const after = String(input.ContinuationToken ?? input.StartAfter ?? '');
    const found = listObjects(folderOf(input)).filter(({ key }) => key.startsWith(prefix) && key > after);
    const Contents = found.slice(0, Number(input.MaxKeys ?? maxKeysPerList));
    const IsTruncated = Contents.length < found.length;
    return { Contents, IsTruncated, ...(IsTruncated && { NextContinuationToken: Contents.at(-1)!.key }) };
  };
  const create = ({ properties, physicalName }: ResourceRequest) => {
    const bucket = String(properties.BucketName ?? physicalName).toLowerCase();
    checkEncryption(properties.BucketEncryption as Encryption | undefined);
    buckets.add(bucket);
    mkdirSync(join(root, bucket), { recursive: true });
    const domain = `${bucket}.s3.${cloud.region}.amazonaws.com`;
    return {
      ref: bucket,
      attributes: {
        Arn: `arn:aws:s3:::${bucket}`,
        RegionalDomainName: domain,
        DomainName: `${bucket}.s3.amazonaws.com`,
      },
    };
  };

  return {
    name: 's3',
    resources: {
      'AWS::S3::Bucket': { properties: bucketProperties, create },
      'AWS::S3::BucketPolicy': {
        properties: ['Bucket', 'PolicyDocument.*'],
        create: ({ properties, physicalName }) => {
          cloud.iam.attachPolicy(`arn:aws:s3:::${properties.Bucket}`, properties.PolicyDocument as Json);
          return { ref: physicalName };
        },
      },
    },
    operations: {
      PutObject: onObject('PutObject', put),
      GetObject: onObject('GetObject', get),
      HeadObject: onObject('GetObject', get),
      DeleteObject: onObject('DeleteObject', (input) => rmSync(fileOf(input), { force: true })),
      ListObjectsV2: onBucket('ListBucket', list),
    },
  };
}

/** What says how the bucket is kept; on a laptop the folder's owner sees to it. */
const bucketProperties = [
  'BucketName',
  'BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm',
  'PublicAccessBlockConfiguration.*',
  'OwnershipControls.*',
  'LifecycleConfiguration.*',
  'VersioningConfiguration.*',
  'LoggingConfiguration.*',
  'Tags.*',
];

interface Encryption {
  readonly ServerSideEncryptionConfiguration: readonly {
    readonly ServerSideEncryptionByDefault?: { readonly SSEAlgorithm?: string };
  }[];
}

/** With a key of KMS every reader and writer would need a grant on it, which is not asked for here. */
function checkEncryption(encryption: Encryption | undefined): void {
  for (const { ServerSideEncryptionByDefault: by } of encryption?.ServerSideEncryptionConfiguration ?? []) {
    if (by?.SSEAlgorithm !== 'AES256')
      throw new Error(`BucketEncryption: got "${by?.SSEAlgorithm}", modelled is AES256`);
  }
}

/** A trailing mark keeps an object `a` and objects under `a/` apart. */
const objectEnding = '.object';
const encodeKey = (key: string): string => `${key.split('/').map(encodeURIComponent).join('/')}${objectEnding}`;

const decodeKey = (path: string): string =>
  path.slice(0, -objectEnding.length).split('/').map(decodeURIComponent).join('/');

function fileExists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function listObjects(folder: string): StoredObject[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(objectEnding))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = statSync(file);
      return { key: decodeKey(relative(folder, file)), bytes: size, modifiedAtMs: mtimeMs };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
