/**
 * Managed Grafana: the workspace exists, with an address that nobody answers; its role is worn by nobody. What the
 * template puts into it is left out, and that is said: there is no Grafana here to take it.
 */
import type { Cloud, Engine } from '../engine.ts';

const fields = ['ServiceToken', 'ServiceTimeout', 'Code', 'REGION', 'STAGE', 'PAGE_URL', 'RUNBOOK_URL']
  .concat(['STORE', 'STORE_DATABASE', 'STORE_TABLE', 'STORE_ROLLUPS'])
  .concat(['WORKSPACE_ID', 'WORKSPACE_ENDPOINT', 'DOWNTIME_EUR_PER_HOUR']);

export function createGrafana(cloud: Cloud): Engine {
  const workspaces = new Set<string>();
  return {
    name: 'grafana',
    operations: {},
    resources: {
      'AWS::Grafana::Workspace': {
        properties: [
          ...['Name', 'Description', 'AccountAccessType', 'PermissionType', 'GrafanaVersion', 'PluginAdminEnabled'],
          ...['RoleArn', 'AuthenticationProviders', 'SamlConfiguration.*', 'Tags.*'],
        ],
        create: ({ physicalName }) => {
          const id = `g-${physicalName.slice(-8)}`;
          workspaces.add(id);
          cloud.tell('grafana', 'there is no Grafana here: its dashboards are left out (ui/grafana holds them)');
          return { ref: id, attributes: { Id: id, Endpoint: `${id}.grafana-workspace.${cloud.region}.amazonaws.com` } };
        },
      },
      'Custom::Dashboards': {
        properties: fields,
        create: ({ properties, physicalName }) => {
          if (!workspaces.has(String(properties.WORKSPACE_ID)))
            throw new Error(`WORKSPACE_ID: there is no workspace "${String(properties.WORKSPACE_ID)}"`);
          return { ref: physicalName };
        },
      },
    },
  };
}
