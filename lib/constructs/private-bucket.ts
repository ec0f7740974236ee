import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import { removalPolicyOf } from './stage-defaults.ts';

export interface PrivateBucketOptions extends Pick<BucketProps, 'bucketName' | 'lifecycleRules' | 'versioned'> {
  readonly stage: Stage;
  /** Where its accesses are logged; the log bucket itself has none. */
  readonly accessLogs?: IBucket;
}

/** Encrypted, closed to the public, TLS only, its accesses logged. */
export function createPrivateBucket(scope: Construct, id: string, options: PrivateBucketOptions): IBucket {
  const { stage, accessLogs, ...rest } = options;
  const bucket: unknown = new Bucket(scope, id, {
    ...rest,
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    removalPolicy: removalPolicyOf(stage),
    ...(accessLogs === undefined
      ? {}
      : { serverAccessLogsBucket: accessLogs, serverAccessLogsPrefix: `${id.toLowerCase()}/` }),
  });
  return bucket as IBucket; // the class is not assignable to its own interface under exactOptionalPropertyTypes
}
