import { type CfnResource, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { CfnDatabase, type CfnScheduledQuery, CfnTable } from 'aws-cdk-lib/aws-timestream';
import { Construct } from 'constructs';
import { type RollupName, rollups } from '../../core/api/series-rollups.ts';
import type { StoreEnv } from '../../lambdas/ports/store-env.ts';
import type { Stage } from '../stage.ts';
import { acknowledge, acknowledgeWildcard } from './acknowledge.ts';
import type { SeriesStore } from './series-store.ts';
import { removalPolicyOf } from './stage-defaults.ts';

export interface TimeSeriesStoreProps {
  readonly stage: Stage;
  readonly reports: IBucket;
}

/** Signals, expectations, scores and health over time, in Timestream for LiveAnalytics. */
export class TimeSeriesStore extends Construct implements SeriesStore {
  /** Reached over the internet, under IAM. */
  readonly network = null;
  readonly database: CfnDatabase;
  readonly table: CfnTable;
  private readonly rollups: ReadonlyMap<RollupName, CfnTable>;

  constructor(scope: Construct, id: string, props: TimeSeriesStoreProps) {
    super(scope, id);
    this.database = new CfnDatabase(this, 'Database');
    acknowledge(
      this.database,
      'TS3',
      'The key of the account for Timestream does: telemetry is no secret of its own class.',
    );
    acknowledgeClosedService(this.database);
    this.database.applyRemovalPolicy(removalPolicyOf(props.stage));
    this.table = this.createTable('Samples', props);
    this.rollups = new Map(rollups.map(({ name }) => [name, this.createTable(`Rollup-${name}`, props)]));
    oneByOne([this.table, ...this.rollups.values()]);
  }

  private createTable(id: string, { stage, reports }: TimeSeriesStoreProps): CfnTable {
    const table = new CfnTable(this, id, {
      databaseName: this.database.ref,
      // Untyped in CloudFormation: the keys are Pascal case.
      retentionProperties: {
        MemoryStoreRetentionPeriodInHours: String(stage.retention.storeHours),
        MagneticStoreRetentionPeriodInDays: String(stage.retention.storeDays),
      },
      // A machine that was offline longer than the memory store reaches back is still stored, or reported refused.
      magneticStoreWriteProperties: {
        EnableMagneticStoreWrites: true,
        MagneticStoreRejectedDataLocation: {
          S3Configuration: {
            BucketName: reports.bucketName,
            ObjectKeyPrefix: 'timestream',
            EncryptionOption: 'SSE_S3',
          },
        },
      },
    });
    acknowledgeClosedService(table);
    table.applyRemovalPolicy(removalPolicyOf(stage));
    return table;
  }

  get environment(): StoreEnv {
    return {
      STORE: 'timestream',
      STORE_DATABASE: this.database.ref,
      STORE_TABLE: this.tableName,
      STORE_ROLLUPS: rollups.map(({ name }) => this.rollupTableName(name)).join(','),
    };
  }

  get tableName(): string {
    return this.table.getAtt('Name').toString();
  }

  rollupTableName(name: RollupName): string {
    return this.rollupTable(name).getAtt('Name').toString();
  }

  grantWrite(role: Role): void {
    this.grant(role, 'timestream:WriteRecords', [this.table]);
  }

  grantQuery(role: Role): void {
    this.grant(role, 'timestream:Select', [this.table, ...this.rollups.values()]);
  }

  /** Reads the samples and the finer rollups, and writes the coarser ones. */
  grantRollUp(role: Role): void {
    const [minute, hour, day] = rollups.map(({ name }) => this.rollupTable(name)) as [CfnTable, CfnTable, CfnTable];
    this.grant(role, 'timestream:Select', [this.table, minute, hour]);
    this.grant(role, 'timestream:WriteRecords', [minute, hour, day]);
  }

  /** At a deployment: writes rows that are nobody's samples. */
  grantColumns(role: Role): void {
    this.grant(role, 'timestream:WriteRecords', [this.table, ...this.rollups.values()]);
  }

  private rollupTable(name: RollupName): CfnTable {
    const table = this.rollups.get(name);
    if (table === undefined)
      throw new Error(`rollup ${name}: no table; there are ${[...this.rollups.keys()].join(', ')}`);
    return table;
  }

  private grant(role: Role, action: string, tables: readonly CfnTable[]): void {
    role.addToPolicy(new PolicyStatement({ actions: [action], resources: tables.map((table) => table.attrArn) }));
    // The SDK asks for its endpoint first, and this action knows no resource (Service Authorization Reference).
    role.addToPolicy(new PolicyStatement({ actions: ['timestream:DescribeEndpoints'], resources: ['*'] }));
    acknowledgeWildcard(role, '*', 'timestream:DescribeEndpoints knows no resource, and every call begins with it.');
  }
}

/** Timestream takes one request a second that makes, changes or deletes something (its developer guide, "Quotas"). */
export function oneByOne(resources: readonly CfnResource[]): void {
  resources.slice(1).forEach((resource, i) => {
    resource.addResourceDependency(resources[i]!);
  });
}

export function acknowledgeClosedService(resource: CfnDatabase | CfnTable | CfnScheduledQuery): void {
  Validations.of(resource).acknowledge({
    id: 'CloudFormation-Validate::W3697',
    reason: 'Asked for where the account may have it; `npm run preflight` says so, and stages can choose InfluxDB.',
  });
}
