import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  type FunctionProps,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Bundles, folderOf } from '../bundle.ts';
import type { Stage } from '../stage.ts';
import { acknowledgeWildcard } from './acknowledge.ts';
import type { FunctionNetwork } from './series-store.ts';
import { removalPolicyOf } from './stage-defaults.ts';

export interface NodeFunctionProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  /** The folder under lambdas/ whose index.ts is the composition root. */
  readonly name: string;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutS: number;
  /** Null stands outside of any VPC. */
  readonly network?: FunctionNetwork | null;
}

/** A function of lambdas/<name>: bundled, arm64, with a role and a log group of its own. */
export class NodeFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.stage.retention.logDays,
      removalPolicy: removalPolicyOf(props.stage),
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(folderOf(props.bundles, props.name)),
      role: this.role.withoutPolicyUpdates(),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutS),
      ...(props.network ? this.joinNetwork(props.network) : {}),
      environment: { ...props.environment, NODE_OPTIONS: '--enable-source-maps' },
    });
  }

  /** Lambda makes the network interfaces in the role's name, and these actions know no resource beforehand. */
  private joinNetwork({ vpc, securityGroup }: FunctionNetwork): Pick<FunctionProps, 'vpc' | 'securityGroups'> {
    this.role.addToPolicy(
      new PolicyStatement({
        actions: [
          'ec2:AssignPrivateIpAddresses',
          'ec2:CreateNetworkInterface',
          'ec2:DeleteNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:UnassignPrivateIpAddresses',
        ],
        resources: ['*'],
      }),
    );
    acknowledgeWildcard(this.role, '*', 'Lambda asks for network interfaces before they have a name.');
    return { vpc, securityGroups: [securityGroup] };
  }
}
