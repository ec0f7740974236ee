import { Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { modelsBucketName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { acknowledgeWildcard, exportedArn } from './acknowledge.ts';
import { createPrivateBucket } from './private-bucket.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/** What the plant's own machines have taught: finished lives, and the models trained from them. */
export class Learned extends Construct {
  readonly lives: Table;
  readonly models: IBucket;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage; readonly accessLogs: IBucket }) {
    super(scope, id);
    const { stage } = props;
    const { account, region } = Stack.of(this);
    this.lives = new Table(this, 'Lives', {
      partitionKey: { name: 'machineType', type: AttributeType.STRING },
      sortKey: { name: 'lifeId', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      // A life takes months to end: nothing brings it back once the stream has let it go.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: removalPolicyOf(stage),
    });
    this.models = createPrivateBucket(this, 'Models', {
      ...props,
      bucketName: modelsBucketName(stage.name, account, region),
      versioned: true,
    });
  }

  grantUse(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({ actions: ['dynamodb:PutItem', 'dynamodb:Query'], resources: [this.lives.tableArn] }),
    );
    const models = `${exportedArn(this.models.bucketArn, this, role)}/models/*`;
    role.addToPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: [models] }));
    acknowledgeWildcard(role, models, 'One object per model version, and machines are pinned to versions made later.');
  }
}
