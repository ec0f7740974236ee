import { CfnOutput, CustomResource, Duration, FileSystem, Stack } from 'aws-cdk-lib';
import { InterfaceVpcEndpoint, InterfaceVpcEndpointAwsService, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnWorkspace } from 'aws-cdk-lib/aws-grafana';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { DashboardsEnv } from '../../lambdas/dashboards/env.ts';
import { type Bundles, folderOf } from '../bundle.ts';
import { nameInStage } from '../names.ts';
import type { GrafanaChoice, Stage } from '../stage.ts';
import { acknowledgeWildcard } from './acknowledge.ts';
import { NodeFunction } from './node-function.ts';
import type { FunctionNetwork, SeriesStore } from './series-store.ts';

export interface DashboardsProps {
  readonly stage: Stage;
  readonly grafana: GrafanaChoice;
  readonly bundles: Bundles;
  readonly timeSeries: SeriesStore;
  readonly pageUrl: string;
}

/** Two minutes are plenty for some twenty calls and a plugin's download, each tried twice at most. */
const timeoutS = 300;

/** A Managed Grafana workspace, and what fills it: CloudFormation makes workspaces and nothing inside of them. */
export class Dashboards extends Construct {
  readonly workspace: CfnWorkspace;

  constructor(scope: Construct, id: string, props: DashboardsProps) {
    super(scope, id);
    this.workspace = this.createWorkspace(props);
    const environment = this.describe(props);
    const worker = new NodeFunction(this, 'Worker', {
      stage: props.stage,
      bundles: props.bundles,
      name: 'dashboards',
      description: 'Fills the Grafana workspace at a deployment',
      environment,
      memoryMb: 256,
      timeoutS,
    });
    this.grant(worker.role, props);
    const content = new CustomResource(this, 'Content', {
      serviceToken: worker.function.functionArn,
      resourceType: 'Custom::Dashboards',
      serviceTimeout: Duration.seconds(2 * timeoutS),
      // Another code or another setting is another content: CloudFormation calls only when one of these changes.
      properties: { ...environment, Code: FileSystem.fingerprint(folderOf(props.bundles, 'dashboards')) },
    });
    content.node.addDependency(worker);
    new CfnOutput(this, 'Url', { value: `https://${this.workspace.attrEndpoint}` });
  }

  private createWorkspace({ stage, grafana, timeSeries }: DashboardsProps): CfnWorkspace {
    const { saml } = grafana;
    return new CfnWorkspace(this, 'Workspace', {
      name: nameInStage(stage.name, 'dashboards'),
      description: `Factory Twin ${stage.name}`,
      accountAccessType: 'CURRENT_ACCOUNT',
      permissionType: 'CUSTOMER_MANAGED',
      grafanaVersion: grafana.version,
      // The store's plugin is no part of a workspace and is installed by its administrator.
      pluginAdminEnabled: true,
      roleArn: this.createReader(timeSeries).roleArn,
      authenticationProviders: [saml === undefined ? 'AWS_SSO' : 'SAML'],
      ...(saml === undefined ? {} : { samlConfiguration: describeSaml(saml) }),
      ...(timeSeries.network === null ? {} : { vpcConfiguration: this.joinNetwork(timeSeries.network) }),
    });
  }

  /** What Grafana asks in its users' name: every one of them can write a query of his own. */
  private createReader(timeSeries: SeriesStore): Role {
    const { partition, region, account } = Stack.of(this);
    const role = new Role(this, 'Reader', {
      assumedBy: new ServicePrincipal('grafana.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          StringLike: { 'aws:SourceArn': `arn:${partition}:grafana:${region}:${account}:/workspaces/*` },
        },
      }),
    });
    if (timeSeries.environment.STORE === 'timestream') {
      timeSeries.grantQuery(role);
      // "Test" of the plugin asks SELECT 1: of no table, and hence by a permission of its own.
      role.addToPolicy(new PolicyStatement({ actions: ['timestream:SelectValues'], resources: ['*'] }));
    }
    role.addToPolicy(
      new PolicyStatement({ actions: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'], resources: ['*'] }),
    );
    acknowledgeWildcard(role, '*', 'Metrics are no resources, and Timestream’s endpoints neither.');
    return role;
  }

  /** Grafana wears what the functions beside the store wear; metrics need one endpoint more, $7.30 a month. */
  private joinNetwork({ vpc, securityGroup }: FunctionNetwork): CfnWorkspace.VpcConfigurationProperty {
    const metrics = new SecurityGroup(this, 'Metrics', { vpc, description: 'Metrics', allowAllOutbound: false });
    metrics.addIngressRule(Peer.securityGroupId(securityGroup.securityGroupId), Port.tcp(443), 'Grafana');
    new InterfaceVpcEndpoint(this, 'MetricsEndpoint', {
      vpc,
      service: InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
      open: false,
      securityGroups: [metrics],
      subnets: { subnets: vpc.isolatedSubnets.slice(0, 1) },
    });
    return {
      securityGroupIds: [securityGroup.securityGroupId],
      subnetIds: vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
    };
  }

  private describe({ stage, grafana, timeSeries, pageUrl }: DashboardsProps): DashboardsEnv {
    return {
      STAGE: stage.name,
      ...timeSeries.environment,
      WORKSPACE_ID: this.workspace.ref,
      WORKSPACE_ENDPOINT: this.workspace.attrEndpoint,
      REGION: stage.region,
      PAGE_URL: pageUrl,
      RUNBOOK_URL: grafana.runbookUrl ?? '',
      DOWNTIME_EUR_PER_HOUR: String(stage.maintenance.downtimeEurPerHour),
    };
  }

  private grant(role: Role, { timeSeries }: DashboardsProps): void {
    const { partition, region, account } = Stack.of(this);
    role.addToPolicy(
      new PolicyStatement({
        actions: [
          'grafana:CreateWorkspaceServiceAccount',
          'grafana:CreateWorkspaceServiceAccountToken',
          'grafana:DeleteWorkspaceServiceAccount',
          'grafana:ListWorkspaceServiceAccounts',
        ],
        resources: [`arn:${partition}:grafana:${region}:${account}:/workspaces/${this.workspace.ref}`],
      }),
    );
    // To hand the store's token to the workspace. Timestream knows the workspace by its role.
    if (timeSeries.environment.STORE === 'influxdb') timeSeries.grantWrite(role);
  }
}

const describeSaml = (saml: NonNullable<GrafanaChoice['saml']>): CfnWorkspace.SamlConfigurationProperty => ({
  idpMetadata: { url: saml.metadataUrl },
  assertionAttributes: { role: saml.roleAttribute },
  roleValues: { admin: saml.adminRoles, editor: saml.editorRoles },
});
