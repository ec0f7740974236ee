import { CfnOutput } from 'aws-cdk-lib';
import {
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { CfnInfluxDBCluster } from 'aws-cdk-lib/aws-timestream';
import { Construct } from 'constructs';
import type { StoreEnv } from '../../lambdas/ports/store-env.ts';
import { nameInStage } from '../names.ts';
import type { Stage } from '../stage.ts';
import type { FunctionNetwork, SeriesStore } from './series-store.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/** InfluxDB 3's own port. */
const port = 8181;
/** Made by the first write to it. */
const databaseName = 'factory';

/**
 * Signals, expectations, scores and health over time, in Timestream for InfluxDB 3: for accounts that LiveAnalytics is
 * closed to. It stands in a VPC; one NAT gateway lets the functions there reach the rest of AWS, which costs less than
 * the five interface endpoints that would do the same.
 */
export class InfluxDbStore extends Construct implements SeriesStore {
  readonly network: FunctionNetwork;
  private readonly cluster: CfnInfluxDBCluster;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    const { stage } = props;
    const vpc = createNetwork(this);
    const securityGroup = new SecurityGroup(this, 'Writers', { vpc, description: 'Functions that write to the store' });
    const ownGroup = new SecurityGroup(this, 'Store', { vpc, description: 'The store', allowAllOutbound: false });
    ownGroup.addIngressRule(Peer.securityGroupId(securityGroup.securityGroupId), Port.tcp(port), 'Writers');
    this.network = { vpc, securityGroup };
    this.cluster = new CfnInfluxDBCluster(this, 'Cluster', {
      name: nameInStage(stage.name, 'store'),
      dbInstanceType: 'db.influx.medium',
      dbParameterGroupIdentifier: 'InfluxDBV3Core',
      port,
      publiclyAccessible: false,
      vpcSubnetIds: vpc.privateSubnets.map((subnet) => subnet.subnetId),
      vpcSecurityGroupIds: [ownGroup.securityGroupId],
    });
    this.cluster.applyRemovalPolicy(removalPolicyOf(stage));
    new CfnOutput(this, 'Endpoint', { value: this.cluster.attrEndpoint });
  }

  get environment(): StoreEnv {
    const query = `db=${databaseName}&precision=millisecond`;
    return {
      STORE: 'influxdb',
      STORE_WRITE_URL: `https://${this.cluster.attrEndpoint}:${port}/api/v3/write_lp?${query}`,
      STORE_SECRET_ARN: this.cluster.attrInfluxAuthParametersSecretArn,
    };
  }

  grantWrite(role: Role): void {
    const secretArn = this.cluster.attrInfluxAuthParametersSecretArn;
    role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }));
  }
}

function createNetwork(scope: Construct): IVpc {
  const network = new Vpc(scope, 'Network', {
    maxAzs: 2,
    natGateways: 1,
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'Public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
      { name: 'Private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
    ],
    gatewayEndpoints: {
      DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      S3: { service: GatewayVpcEndpointAwsService.S3 },
    },
  });
  network.addFlowLog('Refused', { trafficType: FlowLogTrafficType.REJECT });
  const vpc: unknown = network;
  return vpc as IVpc; // the class is not assignable to its own interface under exactOptionalPropertyTypes
}
