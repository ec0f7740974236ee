import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-timestream';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/** Signals, expectations, scores and health over time, in Timestream for LiveAnalytics. */
export class TimeSeriesStore extends Construct {
  readonly database: CfnDatabase;
  readonly table: CfnTable;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    const { retention } = props.stage;
    this.database = new CfnDatabase(this, 'Database');
    this.table = new CfnTable(this, 'Samples', {
      databaseName: this.database.ref,
      // Untyped in CloudFormation: the keys are Pascal case.
      retentionProperties: {
        MemoryStoreRetentionPeriodInHours: String(retention.storeHours),
        MagneticStoreRetentionPeriodInDays: String(retention.storeDays),
      },
    });
    this.database.applyRemovalPolicy(removalPolicyOf(props.stage));
    this.table.applyRemovalPolicy(removalPolicyOf(props.stage));
  }

  get tableName(): string {
    return this.table.getAtt('Name').toString();
  }

  grantWrite(role: Role): void {
    role.addToPolicy(new PolicyStatement({ actions: ['timestream:WriteRecords'], resources: [this.table.attrArn] }));
    // The SDK asks for its endpoint first, and this action knows no resource (Service Authorization Reference).
    role.addToPolicy(new PolicyStatement({ actions: ['timestream:DescribeEndpoints'], resources: ['*'] }));
  }
}
