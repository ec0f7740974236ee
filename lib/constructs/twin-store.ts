import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { twinTableName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/** The present state of each machine: one item per machine, its values with age and quality. */
export class TwinStore extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    this.table = new Table(this, 'Twins', {
      tableName: twinTableName(props.stage.name),
      partitionKey: { name: 'machineId', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      // The next sample of a machine writes its state anew; of a silent one this is all there is.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: removalPolicyOf(props.stage),
    });
  }

  grantWrite(role: Role): void {
    role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:BatchWriteItem'], resources: [this.table.tableArn] }));
  }

  grantRead(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({ actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem'], resources: [this.table.tableArn] }),
    );
  }
}
