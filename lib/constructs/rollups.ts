import { CustomResource, FileSystem, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type CfnTopic, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnScheduledQuery } from 'aws-cdk-lib/aws-timestream';
import { Construct } from 'constructs';
import { type RollupName, rolledColumns, rollups, samplesColumn } from '../../core/api/series-rollups.ts';
import { knownTypes } from '../../core/machine-types/known.ts';
import { type Bundles, folderOf } from '../bundle.ts';
import type { Stage } from '../stage.ts';
import { acknowledgeWildcard, exportedArn } from './acknowledge.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import { NodeFunction } from './node-function.ts';
import { columnsMeasure, writeRollupQuery } from './rollup-query.ts';
import { acknowledgeClosedService, oneByOne, type TimeSeriesStore } from './time-series-store.ts';

export interface RollupsProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly store: TimeSeriesStore;
  readonly reports: IBucket;
}

/**
 * When each runs and how far back it looks. A run costs half a minute of four compute units however little it does, and
 * the history takes what is not rolled up yet from the samples: four runs a day do. Every minute that is looked at again
 * is paid again, so those look back two hours further, for what came late; hours and days are few, and mend themselves.
 */
const plans: Readonly<Record<RollupName, { readonly schedule: string; readonly lookBackS: number }>> = {
  minute: { schedule: 'cron(5 0/6 * * ? *)', lookBackS: 8 * 3600 },
  hour: { schedule: 'cron(15 0/6 * * ? *)', lookBackS: 24 * 3600 },
  day: { schedule: 'cron(25 0 * * ? *)', lookBackS: 3 * 86_400 },
};

/** Rolls the samples up to minutes, minutes to hours, hours to days, inside the store. */
export class Rollups extends Construct {
  /** Runs that failed. */
  readonly failures: Queue;
  private readonly topic: Topic;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: RollupsProps) {
    super(scope, id);
    this.failures = createDeadLetterQueue(this, 'Failures');
    this.topic = this.createTopic();
    this.role = this.createRole(props);
    const columns = rolledColumns(knownTypes.types);
    const queries = rollups.map((rollup, i) => this.createQuery(props, { ...rollup, from: rollups[i - 1], columns }));
    oneByOne(queries);
    // The laptop's store takes a query over columns that are still to come; Timestream refuses it.
    if (!props.stage.laptop) {
      const resource = this.createColumns(props);
      for (const query of queries) query.node.addDependency(resource);
    }
  }

  /** Timestream tells of each run; only failures go on. */
  private createTopic(): Topic {
    const topic = new Topic(this, 'Runs', { enforceSSL: true });
    (topic.node.defaultChild as CfnTopic).kmsMasterKeyId = 'alias/aws/sns';
    topic.addSubscription(
      new SqsSubscription(this.failures, {
        filterPolicy: {
          notificationType: SubscriptionFilter.stringFilter({
            allowlist: ['AUTO_TRIGGER_FAILURE', 'MANUAL_TRIGGER_FAILURE'],
          }),
        },
      }),
    );
    return topic;
  }

  private createRole({ store, reports }: RollupsProps): Role {
    const { account } = Stack.of(this);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('timestream.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    store.grantRollUp(role);
    role.addToPolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: [this.topic.topicArn] }));
    const bucket = exportedArn(reports.bucketArn, reports, role);
    role.addToPolicy(new PolicyStatement({ actions: ['s3:GetBucketAcl'], resources: [bucket] }));
    role.addToPolicy(new PolicyStatement({ actions: ['s3:PutObject'], resources: [`${bucket}/rollups/*`] }));
    acknowledgeWildcard(role, `${bucket}/rollups/*`, 'Timestream names its error reports itself.');
    return role;
  }

  private createQuery({ store, reports }: RollupsProps, rollup: PlannedRollup): CfnScheduledQuery {
    const { name, seconds, from, columns } = rollup;
    const { schedule, lookBackS } = plans[name];
    const source = from === undefined ? store.tableName : store.rollupTableName(from.name);
    const query = new CfnScheduledQuery(this, name, {
      queryString: writeRollupQuery({
        source: `"${store.database.ref}"."${source}"`,
        isFromSamples: from === undefined,
        ...{ seconds, lookBackS, columns },
      }),
      scheduleConfiguration: { scheduleExpression: schedule },
      scheduledQueryExecutionRoleArn: this.role.roleArn,
      notificationConfiguration: { snsConfiguration: { topicArn: this.topic.topicArn } },
      errorReportConfiguration: {
        s3Configuration: {
          bucketName: reports.bucketName,
          objectKeyPrefix: `rollups/${name}`,
          encryptionOption: 'SSE_S3',
        },
      },
      targetConfiguration: {
        timestreamConfiguration: {
          databaseName: store.database.ref,
          tableName: store.rollupTableName(name),
          timeColumn: 'binned',
          dimensionMappings: ['machine_id', 'machine_type'].map((dimension) => ({
            name: dimension,
            dimensionValueType: 'VARCHAR',
          })),
          measureNameColumn: 'kind',
          multiMeasureMappings: {
            multiMeasureAttributeMappings: [samplesColumn, ...columns].map((sourceColumn) => ({
              sourceColumn,
              measureValueType: 'DOUBLE',
            })),
          },
        },
      },
    });
    // The service tries the role when the query is made.
    query.node.addDependency(this.role);
    acknowledgeClosedService(query);
    return query;
  }

  /** A query over a column that no sample ever had is refused: so the tables get theirs before the first sample. */
  private createColumns({ stage, bundles, store }: RollupsProps): CustomResource {
    const worker = new NodeFunction(this, 'Columns', {
      stage,
      bundles,
      name: 'series-columns',
      description: 'Gives the tables of the time series their columns, at a deployment',
      environment: {},
      memoryMb: 256,
      timeoutS: 30,
    });
    store.grantColumns(worker.role);
    const resource = new CustomResource(this, 'ColumnsOfTables', {
      serviceToken: worker.function.functionArn,
      resourceType: 'Custom::SeriesColumns',
      properties: {
        Database: store.database.ref,
        Samples: store.tableName,
        Rollups: rollups.map(({ name }) => store.rollupTableName(name)),
        MeasureName: columnsMeasure,
        MemoryHours: stage.retention.storeHours,
        // The columns are in the code: CloudFormation calls again when it is another.
        Code: FileSystem.fingerprint(folderOf(bundles, 'series-columns')),
      },
    });
    resource.node.addDependency(worker.role);
    return resource;
  }
}

interface PlannedRollup {
  readonly name: RollupName;
  readonly seconds: number;
  readonly from: (typeof rollups)[number] | undefined;
  readonly columns: readonly string[];
}
