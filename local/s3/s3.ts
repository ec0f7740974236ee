/** S3: buckets and their objects, their policies and when objects expire. Answers to the REST protocol, path style. */
import { join } from 'node:path';
import {
  type Caller,
  type Cloud,
  type Engine,
  type Json,
  type Operation,
  type ResourceModel,
  ServiceError,
} from '../engine.ts';
import { listing, startsWith } from '../listing.ts';
import { Buckets } from './buckets.ts';
import { createExpiry, lifecycleProperties, readExpiryDays } from './lifecycle.ts';

export function createS3(cloud: Cloud): Engine {
  const buckets = new Buckets(join(cloud.dataFolder, 's3'), cloud.nowMs);
  const expiry = createExpiry(cloud, buckets);
  /** That an object is not there S3 says only to who may list the bucket (API reference, GetObject, "Permissions"). */
  const get = (input: Json, caller: Caller): Json => {
    const found = buckets.get(input);
    if (found !== undefined) return found;
    const what = `object ${String(input.Key)} does not exist`;
    try {
      cloud.authorize(caller, { action: 's3:ListBucket', resource: `arn:aws:s3:::${String(input.Bucket)}` });
    } catch {
      throw new ServiceError('AccessDenied', `${what}, or is not for you`, 403);
    }
    throw new ServiceError('NoSuchKey', what, 404);
  };
  return {
    name: 's3',
    resources: {
      'AWS::S3::Bucket': bucketModel(cloud, (bucket, properties) => {
        buckets.add(bucket);
        const days = readExpiryDays(properties);
        if (days !== undefined) expiry.add(bucket, days);
      }),
      'AWS::S3::BucketPolicy': {
        properties: ['Bucket', 'PolicyDocument.*'],
        create: ({ properties, physicalName }) => {
          cloud.iam.attachPolicy(`arn:aws:s3:::${properties.Bucket}`, properties.PolicyDocument as Json);
          return { ref: physicalName };
        },
      },
    },
    operations: {
      PutObject: onObject('PutObject', ['Body', 'IfNoneMatch'], (input) => buckets.put(input)),
      GetObject: onObject('GetObject', [], get),
      HeadObject: onObject('GetObject', [], get),
      DeleteObject: onObject('DeleteObject', [], (input) => buckets.remove(input)),
      ListObjectsV2: {
        members: ['Bucket', 'Prefix', 'Delimiter', 'ContinuationToken', 'StartAfter', 'MaxKeys'],
        access: ({ Bucket }) => [{ action: 's3:ListBucket', resource: `arn:aws:s3:::${Bucket}` }],
        run: (input) => buckets.list(input),
      },
      ListBuckets: listing({
        action: 's3:ListAllMyBuckets',
        paging: { size: 'MaxBuckets', after: 'ContinuationToken' },
        members: ['Prefix'],
        into: 'Buckets',
        find: ({ Prefix }) =>
          buckets
            .listBuckets()
            .filter(({ Name }) => startsWith(Prefix)(Name))
            .map((bucket) => [bucket.Name, bucket]),
      }),
    },
    start: async () => expiry.start(),
    stop: async () => expiry.stop(),
  };
}

const onObject = (action: string, members: readonly string[], run: Operation['run']): Operation => ({
  members: ['Bucket', 'Key', ...members],
  access: (input) => [{ action: `s3:${action}`, resource: `arn:aws:s3:::${input.Bucket}/${input.Key}` }],
  run,
});

const bucketModel = (cloud: Cloud, add: (bucket: string, properties: Json) => void): ResourceModel => ({
  properties: bucketProperties,
  create: ({ properties, physicalName }) => {
    const bucket = String(properties.BucketName ?? physicalName).toLowerCase();
    checkEncryption(properties.BucketEncryption as Encryption | undefined);
    add(bucket, properties);
    return {
      ref: bucket,
      attributes: {
        Arn: `arn:aws:s3:::${bucket}`,
        RegionalDomainName: `${bucket}.s3.${cloud.region}.amazonaws.com`,
        DomainName: `${bucket}.s3.amazonaws.com`,
      },
    };
  },
});

/** Beside expiry, what says how the bucket is kept; on a laptop the folder's owner sees to it. */
const bucketProperties = [
  'BucketName',
  'BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm',
  'PublicAccessBlockConfiguration.*',
  'OwnershipControls.*',
  ...lifecycleProperties,
  'VersioningConfiguration.Status',
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
