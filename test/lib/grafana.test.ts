import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { StageInput } from '../../lib/stage.ts';
import { resourcesOf, synthesise } from './synthesis.ts';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

function grafanaOf(overrides: Partial<StageInput>) {
  const { grafana } = synthesise('dev', overrides);
  if (grafana === null) throw new Error('the stage has no Grafana');
  const resources = { templates: [Template.fromStack(grafana)] };
  const permissionsOf = (prefix: string): Record<string, string> => {
    const policies = resourcesOf(resources, 'AWS::IAM::Policy').filter(({ id }) => id.startsWith(prefix));
    const statements = policies.flatMap(
      ({ properties }) => (properties.PolicyDocument as { Statement: Statement[] }).Statement,
    );
    return Object.fromEntries(
      statements.flatMap(({ Action, Resource }) => [Action].flat().map((action) => [action, JSON.stringify(Resource)])),
    );
  };
  const [workspace] = resourcesOf(resources, 'AWS::Grafana::Workspace');
  return { resources, permissionsOf, workspace: workspace!.properties };
}

describe('a stage with Grafana on Timestream', () => {
  const { resources, permissionsOf, workspace } = grafanaOf({ grafana: {} });

  it('has a workspace whose permissions are the stage’s own, for people of IAM Identity Center', () => {
    expect(workspace).toMatchObject({
      AccountAccessType: 'CURRENT_ACCOUNT',
      PermissionType: 'CUSTOMER_MANAGED',
      AuthenticationProviders: ['AWS_SSO'],
      GrafanaVersion: '12.4',
      PluginAdminEnabled: true,
    });
    expect(workspace.VpcConfiguration).toBeUndefined();
  });

  it('lets Grafana read the samples and metrics and do nothing else', () => {
    const permissions = permissionsOf('DashboardsReader');
    expect(Object.keys(permissions).toSorted()).toEqual([
      'cloudwatch:GetMetricData',
      'cloudwatch:ListMetrics',
      'timestream:DescribeEndpoints',
      'timestream:Select',
      // "Test" of the data source asks SELECT 1, which is of no table.
      'timestream:SelectValues',
    ]);
    expect(permissions['timestream:Select']).toContain('TimeSeriesSamples');
  });

  it('lets only the workspaces of this account wear that role', () => {
    const reader = resourcesOf(resources, 'AWS::IAM::Role').find(({ id }) => id.startsWith('DashboardsReader'))!;
    const trust = JSON.stringify(reader.properties.AssumeRolePolicyDocument);
    expect(trust).toContain('grafana.amazonaws.com');
    expect(trust).toContain('aws:SourceAccount');
    expect(trust).toContain(':/workspaces/*');
  });

  it('lets the filling function mint and delete its account on this one workspace, and nothing else', () => {
    const permissions = permissionsOf('DashboardsWorkerRole');
    expect(Object.keys(permissions).toSorted()).toEqual([
      'grafana:CreateWorkspaceServiceAccount',
      'grafana:CreateWorkspaceServiceAccountToken',
      'grafana:DeleteWorkspaceServiceAccount',
      'grafana:ListWorkspaceServiceAccounts',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
    for (const [action, resource] of Object.entries(permissions)) {
      if (action.startsWith('grafana:')) expect(resource).toMatch(/:\/workspaces\/",\{"Ref":"DashboardsWorkspace/);
    }
  });

  it('fills the workspace anew when the code or a setting changes, after the function may do it', () => {
    const content = (stage: Partial<StageInput>) =>
      resourcesOf(grafanaOf(stage).resources, 'Custom::Dashboards')[0]!.properties;
    expect(content({ grafana: {} }).Code).toMatch(/^[0-9a-f]{64}$/);
    expect(content({ grafana: { runbookUrl: 'https://plant.example/runbook' } })).not.toEqual(content({ grafana: {} }));
    expect(content({ grafana: {} }).ServiceTimeout).toBe('600');
    const template = resources.templates[0]!.toJSON() as {
      Resources: Record<string, { Type: string; DependsOn?: string[] }>;
    };
    const resource = Object.values(template.Resources).find(({ Type }) => Type === 'Custom::Dashboards')!;
    expect(resource.DependsOn?.some((id) => id.startsWith('DashboardsWorkerRoleDefaultPolicy'))).toBe(true);
  });
});

describe('a stage with Grafana on InfluxDB', () => {
  const { resources, permissionsOf, workspace } = grafanaOf({ store: 'influxdb', grafana: { version: '10.4' } });

  it('stands in the store’s network, where metrics have an endpoint', () => {
    expect(workspace.GrafanaVersion).toBe('10.4');
    const { SecurityGroupIds, SubnetIds } = workspace.VpcConfiguration as Record<string, unknown[]>;
    expect(SecurityGroupIds).toHaveLength(1);
    expect(SubnetIds).toHaveLength(2);
    const [endpoint] = resourcesOf(resources, 'AWS::EC2::VPCEndpoint');
    expect(JSON.stringify(endpoint!.properties.ServiceName)).toContain('.monitoring');
  });

  it('lets the filling function alone read the store’s token', () => {
    expect(Object.keys(permissionsOf('DashboardsReader'))).toEqual([
      'cloudwatch:GetMetricData',
      'cloudwatch:ListMetrics',
    ]);
    expect(Object.keys(permissionsOf('DashboardsWorkerRole'))).toContain('secretsmanager:GetSecretValue');
  });
});

describe('a stage', () => {
  it('signs people in by SAML where it says so', () => {
    const saml = { metadataUrl: 'https://idp.example/metadata', adminRoles: ['platform'] };
    expect(grafanaOf({ grafana: { saml } }).workspace).toMatchObject({
      AuthenticationProviders: ['SAML'],
      SamlConfiguration: {
        IdpMetadata: { Url: 'https://idp.example/metadata' },
        AssertionAttributes: { Role: 'role' },
        RoleValues: { Admin: ['platform'], Editor: [] },
      },
    });
  });

  it('has no workspace unless it wants one, and none on the laptop', () => {
    expect(synthesise('dev').grafana).toBeNull();
    expect(synthesise('local').grafana).toBeNull();
  });
});
