import { describe, expect, it } from 'vitest';
import { permissionsOnInfluxDb, permissionsOnTimestream } from './expected-permissions.ts';
import { everything, openWholeStage, permissionsByRole, type WholeStage } from './whole-stage.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const stages = {
  timestream: openWholeStage('prod', { ...everything, store: 'timestream' }),
  influxdb: openWholeStage('prod', { ...everything, store: 'influxdb' }),
};
const statementsOf = ({ resources }: WholeStage): Statement[] =>
  resources
    .filter(({ type }) => /IAM::(Managed)?Policy$/.test(type))
    .flatMap(({ properties }) => (properties.PolicyDocument as { Statement: Statement[] }).Statement);

/** AWS knows no resource for these (Service Authorization Reference). */
const withoutResource = {
  timestream: [
    'cloudwatch:GetMetricData',
    'cloudwatch:ListMetrics',
    'timestream:DescribeEndpoints',
    'timestream:SelectValues',
  ],
  influxdb: [
    'cloudwatch:GetMetricData',
    'cloudwatch:ListMetrics',
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ],
};

describe.each(['timestream', 'influxdb'] as const)('permissions on %s', (store) => {
  const stage = stages[store];

  it('are exactly what each role uses', () => {
    const expected = store === 'timestream' ? permissionsOnTimestream : permissionsOnInfluxDb;
    const { 'people and programs': _, ...roles } = permissionsByRole(stage);
    expect(roles).toEqual(expected);
  });

  it('belong to a role of its own for each function', () => {
    const roles = stage.of('AWS::Lambda::Function').map(({ properties }) => JSON.stringify(properties.Role));
    expect(new Set(roles).size).toBe(roles.length);
  });

  it('hold no action by wildcard, and the resource * only where AWS knows no other', () => {
    const statements = statementsOf(stage);
    expect(statements.every(({ Effect }) => Effect === 'Allow')).toBe(true);
    expect(statements.flatMap(({ Action }) => [Action].flat()).filter((action) => action.includes('*'))).toEqual([]);
    const everywhere = statements.filter(({ Resource }) => [Resource].flat().includes('*'));
    expect([...new Set(everywhere.flatMap(({ Action }) => [Action].flat()))].sort()).toEqual(withoutResource[store]);
  });

  it('come from no managed policy', () => {
    expect(stage.of('AWS::IAM::Role').filter(({ properties }) => properties.ManagedPolicyArns)).toEqual([]);
  });

  it('let a program read and report over the API, and decide nothing', () => {
    const routes = permissionsByRole(stage)
      ['people and programs']!.join(', ')
      .match(/(GET|POST|PUT|DELETE)\/[^,]+/g)!;
    expect(routes.filter((route) => !route.startsWith('GET/'))).toEqual([
      'POST/iam/api/machines/*/maintenance-requests',
      'POST/iam/api/work-orders/*/findings',
    ]);
  });
});

describe('the policy of a machine', () => {
  const policy = openWholeStage('dev', {}).of('AWS::IoT::Policy')[0]!;
  const document = policy.properties.PolicyDocument as { Statement: Statement[] };

  it('lets it connect under its own name only while its certificate is attached', () => {
    expect(document.Statement[0]).toMatchObject({
      Action: 'iot:Connect',
      Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
    });
    expect(JSON.stringify(document.Statement[0])).toContain('client/${iot:Connection.Thing.ThingName}');
  });

  it('lets it publish on its own topics, plain and by Basic Ingest, and hear nothing', () => {
    const actions = document.Statement.flatMap(({ Action }) => [Action].flat());
    expect(actions).toEqual(['iot:Connect', 'iot:Publish']);
    const topics = [document.Statement[1]!.Resource]
      .flat()
      .map((resource) => /topic\/([^"]+)/.exec(JSON.stringify(resource))?.[1]);
    expect(topics).toHaveLength(8);
    expect(topics.every((topic) => topic?.includes('factory/${iot:Connection.Thing.ThingName}/'))).toBe(true);
    expect(topics).toContain('$aws/rules/factory_dev_telemetry/factory/${iot:Connection.Thing.ThingName}/telemetry');
  });

  it('stays below the 2,048 characters that IoT Core allows', () => {
    const resolved = JSON.stringify(document, (_, value) =>
      typeof value === 'object' && value !== null && 'Fn::Join' in value
        ? value['Fn::Join'][1].map((part: unknown) => (typeof part === 'string' ? part : '123456789012')).join('')
        : value,
    );
    expect(resolved).not.toContain('Fn::');
    expect(resolved.length).toBeLessThan(2048);
  });
});
