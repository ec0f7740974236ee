/** KMS keys as far as they decide who may: each encrypted hop asks for the key too. Nothing is encrypted on a laptop. */
import { createHash } from 'node:crypto';
import type { Access, Caller, Cloud, Engine, Json } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';

export function createKms(cloud: Cloud): Engine {
  return {
    name: 'kms',
    operations: {},
    resources: {
      'AWS::KMS::Key': {
        properties: ['KeyPolicy.*', 'EnableKeyRotation', 'Description', 'PendingWindowInDays', 'Tags.*'],
        create: ({ stack, logicalId, properties }) => {
          const digest = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex');
          const keyId = [8, 4, 4, 4, 12].map((length, i) => digest.slice(i * 12, i * 12 + length)).join('-');
          const arn = formatArn(cloud, 'kms', `key/${keyId}`);
          cloud.iam.attachPolicy(arn, properties.KeyPolicy as Json);
          return { ref: keyId, attributes: { Arn: arn, KeyId: keyId } };
        },
      },
    },
  };
}

/**
 * What whoever writes to a resource encrypted with this key needs besides. A service cannot be let in to the key that AWS
 * manages (`alias/aws/…`): its policy is not ours to change.
 */
export function accessToKey(cloud: Cloud, keyId: unknown): readonly Access[] {
  if (keyId === undefined || String(keyId).startsWith('alias/aws/')) return [];
  const key = String(keyId);
  const resource = key.startsWith('arn:') ? key : formatArn(cloud, 'kms', `key/${key}`);
  return ['kms:GenerateDataKey', 'kms:Decrypt'].map((action) => ({ action, resource }));
}

export function refuseManagedKey(keyId: unknown, caller: Caller): void {
  if (caller.kind !== 'service' || !String(keyId ?? '').startsWith('alias/aws/')) return;
  throw new ServiceError(
    'KMSAccessDeniedException',
    `${caller.name} cannot use the AWS managed key ${String(keyId)}: give the resource a key of its own`,
    403,
  );
}
