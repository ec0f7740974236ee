import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import { acknowledgeWildcard, exportedArn } from './acknowledge.ts';
import { createPrivateBucket } from './private-bucket.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/** What lets the twins survive a cold start: who holds a shard (table) and its last checkpoint (bucket). */
export class ShardState extends Construct {
  readonly leases: Table;
  readonly checkpoints: IBucket;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage; readonly accessLogs: IBucket }) {
    super(scope, id);
    this.leases = new Table(this, 'Leases', {
      partitionKey: { name: 'shardId', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      // Without the leases nobody finds the checkpoints, and every twin begins anew.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: removalPolicyOf(props.stage),
    });
    this.checkpoints = createPrivateBucket(this, 'Checkpoints', props);
  }

  grantUse(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({ actions: ['dynamodb:GetItem', 'dynamodb:PutItem'], resources: [this.leases.tableArn] }),
    );
    const checkpoints = `${exportedArn(this.checkpoints.bucketArn, this, role)}/shardId-*`;
    role.addToPolicy(
      new PolicyStatement({ actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], resources: [checkpoints] }),
    );
    acknowledgeWildcard(role, checkpoints, 'One object per shard, and shards come and go with the load.');
  }
}
