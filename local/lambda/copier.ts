/**
 * CDK's function that copies assets into buckets, known by the id that CDK gives it. It is Python with AWS's command line in
 * a layer and never runs here: `cloudformation/bucket-deployment.ts` does its work as its role.
 */
import type { CreatedResource, ResourceModel, ResourceRequest } from '../engine.ts';

const copierId = /^CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C/;

export interface Copiers {
  /** Undefined for any other function. */
  create(request: ResourceRequest, arn: string): CreatedResource | undefined;
  findRole(functionArn: string): string;
}

export function createCopiers(): Copiers {
  const roles = new Map<string, string>();
  return {
    create: ({ logicalId, properties, physicalName }, arn) => {
      if (!copierId.test(logicalId)) return undefined;
      roles.set(arn, String(properties.Role));
      return { ref: physicalName, attributes: { Arn: arn } };
    },
    findRole: (functionArn) => {
      const role = roles.get(functionArn);
      if (role === undefined) throw new Error(`ServiceToken: ${functionArn} is not CDK's copying function`);
      return role;
    },
  };
}

/** Code of CDK's copying function alone: any other function with a layer stops the start. */
export const layerModel: ResourceModel = {
  properties: ['Content.S3Bucket', 'Content.S3Key', 'Description'],
  create: ({ physicalName }) => ({ ref: physicalName }),
};
