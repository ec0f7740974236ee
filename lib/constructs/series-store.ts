import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { StoreEnv } from '../../lambdas/ports/store-env.ts';

/** Where a function must stand to reach a store that is not open to the internet. */
export interface FunctionNetwork {
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
}

/** A time-series store as those who write and ask see it, whichever it is. */
export interface SeriesStore {
  readonly environment: StoreEnv;
  readonly network: FunctionNetwork | null;
  grantWrite(role: Role): void;
  grantQuery(role: Role): void;
}
