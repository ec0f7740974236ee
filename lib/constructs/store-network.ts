import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/**
 * What the functions beside the store call, each $0.01/h and $0.01/GB (PrivateLink pricing, us-east-1): $7.30 a month,
 * together $29.20. DynamoDB and S3 have gateway endpoints, which cost nothing; logs and metrics leave by Lambda itself.
 * A NAT gateway in their place is $0.045/h and $0.045/GB with $3.65 for its address, $36.50, and opens the internet.
 */
const interfaceEndpoints: Readonly<Record<string, InterfaceVpcEndpointAwsService>> = {
  /** The replay after a cold start. */
  Kinesis: InterfaceVpcEndpointAwsService.KINESIS_STREAMS,
  Events: InterfaceVpcEndpointAwsService.EVENTBRIDGE,
  /** The quarantine. */
  Sqs: InterfaceVpcEndpointAwsService.SQS,
  /** The store's token. */
  Secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
};

/** Private subnets without a way to the internet, for the store and the functions that reach it. */
export class StoreNetwork extends Construct {
  readonly vpc: IVpc;
  /** Worn by the functions. */
  readonly functions: SecurityGroup;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    const network = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [{ name: 'Private', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 }],
      gatewayEndpoints: {
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
        S3: { service: GatewayVpcEndpointAwsService.S3 },
      },
    });
    const logGroup = new LogGroup(this, 'Refused', {
      retention: props.stage.retention.logDays,
      removalPolicy: removalPolicyOf(props.stage),
    });
    network.addFlowLog('RefusedFlows', {
      trafficType: FlowLogTrafficType.REJECT,
      destination: FlowLogDestination.toCloudWatchLogs(logGroup),
    });
    const vpc: unknown = network;
    this.vpc = vpc as IVpc; // the class is not assignable to its own interface under exactOptionalPropertyTypes
    this.functions = this.createGroup('Functions', 'Functions that reach the store');
    this.functions.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'AWS services by their endpoints');
    this.addInterfaceEndpoints();
  }

  /** In one zone, as the store's one node is: a second set would cost as much again and save nothing of it. */
  private addInterfaceEndpoints(): void {
    const group = this.createGroup('Endpoints', 'Endpoints of AWS services');
    group.addIngressRule(Peer.securityGroupId(this.functions.securityGroupId), Port.tcp(443), 'Functions');
    for (const [name, service] of Object.entries(interfaceEndpoints)) {
      this.vpc.addInterfaceEndpoint(name, {
        service,
        open: false,
        securityGroups: [group],
        subnets: { subnets: this.vpc.isolatedSubnets.slice(0, 1) },
      });
    }
  }

  private createGroup(id: string, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
  }
}
