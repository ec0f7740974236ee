import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import { createPrivateBucket } from './private-bucket.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/** What lets the twins survive a cold start: who holds a shard (table) and its last checkpoint (bucket). */
export class ShardState extends Construct {
  readonly leases: Table;
  readonly checkpoints: Bucket;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage; readonly accessLogs: Bucket }) {
    super(scope, id);
    this.leases = new Table(this, 'Leases', {
      partitionKey: { name: 'shardId', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: removalPolicyOf(props.stage),
    });
    this.checkpoints = createPrivateBucket(this, 'Checkpoints', props);
  }

  grantUse(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({ actions: ['dynamodb:GetItem', 'dynamodb:PutItem'], resources: [this.leases.tableArn] }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        resources: [this.checkpoints.arnForObjects('shardId-*')],
      }),
    );
  }
}
