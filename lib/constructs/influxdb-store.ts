import { CfnOutput } from 'aws-cdk-lib';
import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { CfnInfluxDBCluster } from 'aws-cdk-lib/aws-timestream';
import { Construct } from 'constructs';
import type { StoreEnv } from '../../lambdas/ports/store-env.ts';
import { nameInStage } from '../names.ts';
import type { Stage } from '../stage.ts';
import type { FunctionNetwork, SeriesStore } from './series-store.ts';
import { removalPolicyOf } from './stage-defaults.ts';
import { StoreNetwork } from './store-network.ts';

/** InfluxDB 3's own port. */
const port = 8181;
/** AWS makes this parameter group; CloudFormation knows no resource for one of our own. */
const parameterGroup = 'InfluxDBV3Core';
const databaseName = 'factory';

/**
 * Signals, expectations, scores and health over time, in Timestream for InfluxDB 3 Core: for accounts that
 * LiveAnalytics is closed to. It is one node without a way to the internet: db.influx.medium $0.12/h, about $86 a
 * month shared by all machines (Timestream pricing, us-east-1), and the network's endpoints on top.
 */
export class InfluxDbStore extends Construct implements SeriesStore {
  readonly network: FunctionNetwork;
  private readonly cluster: CfnInfluxDBCluster;
  private readonly retentionDays: number;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    const { stage } = props;
    this.retentionDays = stage.retention.storeDays;
    const { vpc, functions } = new StoreNetwork(this, 'Network', { stage });
    const own = new SecurityGroup(this, 'Store', { vpc, description: 'The store', allowAllOutbound: false });
    own.addIngressRule(Peer.securityGroupId(functions.securityGroupId), Port.tcp(port), 'Functions');
    functions.addEgressRule(Peer.ipv4(vpc.vpcCidrBlock), Port.tcp(port), 'The store');
    this.network = { vpc, securityGroup: functions };
    this.cluster = new CfnInfluxDBCluster(this, 'Cluster', {
      name: nameInStage(stage.name, 'store'),
      dbInstanceType: 'db.influx.medium',
      dbParameterGroupIdentifier: parameterGroup,
      port,
      publiclyAccessible: false,
      vpcSubnetIds: vpc.isolatedSubnets.map((subnet) => subnet.subnetId),
      vpcSecurityGroupIds: [own.securityGroupId],
    });
    this.cluster.applyRemovalPolicy(removalPolicyOf(stage));
    new CfnOutput(this, 'Endpoint', { value: this.cluster.attrEndpoint });
  }

  get environment(): StoreEnv {
    return {
      STORE: 'influxdb',
      STORE_URL: `https://${this.cluster.attrEndpoint}:${port}`,
      STORE_DATABASE: databaseName,
      STORE_RETENTION_DAYS: String(this.retentionDays),
      STORE_SECRET_ARN: this.cluster.attrInfluxAuthParametersSecretArn,
    };
  }

  grantWrite(role: Role): void {
    this.grantToken(role);
  }

  grantQuery(role: Role): void {
    this.grantToken(role);
  }

  /** Core has one kind of token, and Timestream keeps it in a secret of its own. */
  private grantToken(role: Role): void {
    const secretArn = this.cluster.attrInfluxAuthParametersSecretArn;
    role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }));
  }
}
