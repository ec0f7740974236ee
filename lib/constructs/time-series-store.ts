import { Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-timestream';
import { Construct } from 'constructs';
import type { StoreEnv } from '../../lambdas/ports/store-env.ts';
import type { Stage } from '../stage.ts';
import { acknowledge, acknowledgeWildcard } from './acknowledge.ts';
import type { SeriesStore } from './series-store.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/** Signals, expectations, scores and health over time, in Timestream for LiveAnalytics. */
export class TimeSeriesStore extends Construct implements SeriesStore {
  /** Reached over the internet, under IAM. */
  readonly network = null;
  readonly database: CfnDatabase;
  readonly table: CfnTable;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage; readonly reports: IBucket }) {
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
      // A machine that was offline longer than the memory store reaches back is still stored, or reported refused.
      magneticStoreWriteProperties: {
        EnableMagneticStoreWrites: true,
        MagneticStoreRejectedDataLocation: {
          S3Configuration: {
            BucketName: props.reports.bucketName,
            ObjectKeyPrefix: 'timestream',
            EncryptionOption: 'SSE_S3',
          },
        },
      },
    });
    acknowledge(
      this.database,
      'TS3',
      'The key of the account for Timestream does: telemetry is no secret of its own class.',
    );
    for (const resource of [this.database, this.table]) acknowledgeClosedService(resource);
    this.database.applyRemovalPolicy(removalPolicyOf(props.stage));
    this.table.applyRemovalPolicy(removalPolicyOf(props.stage));
  }

  get environment(): StoreEnv {
    return { STORE: 'timestream', STORE_DATABASE: this.database.ref, STORE_TABLE: this.tableName };
  }

  get tableName(): string {
    return this.table.getAtt('Name').toString();
  }

  grantWrite(role: Role): void {
    this.grant(role, 'timestream:WriteRecords');
  }

  grantQuery(role: Role): void {
    this.grant(role, 'timestream:Select');
  }

  private grant(role: Role, action: string): void {
    role.addToPolicy(new PolicyStatement({ actions: [action], resources: [this.table.attrArn] }));
    // The SDK asks for its endpoint first, and this action knows no resource (Service Authorization Reference).
    role.addToPolicy(new PolicyStatement({ actions: ['timestream:DescribeEndpoints'], resources: ['*'] }));
    acknowledgeWildcard(role, '*', 'timestream:DescribeEndpoints knows no resource, and every call begins with it.');
  }
}

function acknowledgeClosedService(resource: CfnDatabase | CfnTable): void {
  Validations.of(resource).acknowledge({
    id: 'CloudFormation-Validate::W3697',
    reason: 'Asked for where the account may have it; `npm run preflight` says so, and stages can choose InfluxDB.',
  });
}
