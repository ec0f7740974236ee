import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { registryTableName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/** The machines that the plant knows: type, name, site, line, what an hour of standstill costs. */
export class Registry extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    this.table = new Table(this, 'Machines', {
      tableName: registryTableName(props.stage.name),
      partitionKey: { name: 'machineId', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      // The one table that people fill: everything else is rebuilt from the stream.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: removalPolicyOf(props.stage),
    });
  }

  grantRead(role: Role): void {
    role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:BatchGetItem'], resources: [this.table.tableArn] }));
  }
}
