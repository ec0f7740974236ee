import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { type Resource, resourcesOf, synthesise } from './synthesis.ts';

const { templates, api } = synthesise('dev', { store: 'influxdb' });
const all = { templates: [...templates, Template.fromStack(api)] };
const find = (type: string, idPrefix: string): Resource['properties'] =>
  resourcesOf(all, type).find(({ id }) => id.startsWith(idPrefix))!.properties;
const actionsOf = (rolePrefix: string): string[] => {
  const { Statement } = find('AWS::IAM::Policy', rolePrefix).PolicyDocument as {
    Statement: { Action: string | string[] }[];
  };
  return Statement.flatMap(({ Action }) => Action);
};

describe('a stage on InfluxDB', () => {
  it('keeps the store inside of its VPC and lets in the functions only, on its one port', () => {
    expect(find('AWS::Timestream::InfluxDBCluster', '')).toMatchObject({
      PubliclyAccessible: false,
      Port: 8181,
      DbParameterGroupIdentifier: 'InfluxDBV3Core',
    });
    const { SecurityGroupIngress: ingress } = find('AWS::EC2::SecurityGroup', 'TimeSeriesStore');
    expect(ingress).toMatchObject([{ FromPort: 8181, ToPort: 8181, IpProtocol: 'tcp' }]);
    expect(JSON.stringify(ingress)).toContain('TimeSeriesNetworkFunctions');
  });

  it('has no way to the internet, in or out', () => {
    for (const type of ['AWS::EC2::InternetGateway', 'AWS::EC2::NatGateway', 'AWS::EC2::EIP']) {
      expect(resourcesOf(all, type), type).toEqual([]);
    }
  });

  it('gives the functions an endpoint of each service they call and no other', () => {
    const services = resourcesOf(all, 'AWS::EC2::VPCEndpoint').map(
      ({ properties }) => /[.](\w[\w-]*)"/.exec(JSON.stringify(properties.ServiceName))?.[1],
    );
    expect(services.toSorted()).toEqual(['dynamodb', 'events', 'kinesis-streams', 's3', 'secretsmanager', 'sqs']);
    const called = new Set(
      [...actionsOf('DetectionWorkerRole'), ...actionsOf('ApiWorkerRole')].map((action) => action.split(':')[0]),
    );
    // Network interfaces and log streams are Lambda's own business, outside of the VPC.
    expect([...called].toSorted()).toEqual([
      'dynamodb',
      'ec2',
      'events',
      'kinesis',
      'logs',
      's3',
      'secretsmanager',
      'sqs',
    ]);
  });

  it.each(['Detection', 'Api'])('tells %s where the store is, by TLS only, and lets it read the token', (role) => {
    const { Environment, VpcConfig } = find('AWS::Lambda::Function', `${role}Worker`);
    const { Variables } = Environment as { Variables: Record<string, unknown> };
    expect(Variables).toMatchObject({ STORE: 'influxdb', STORE_DATABASE: 'factory', STORE_RETENTION_DAYS: '30' });
    expect(JSON.stringify(Variables.STORE_URL)).toMatch(/"https:\/\/".*":8181"/);
    expect(VpcConfig).toBeDefined();
    expect(actionsOf(`${role}WorkerRole`)).toContain('secretsmanager:GetSecretValue');
    expect(actionsOf(`${role}WorkerRole`).filter((action) => action.startsWith('timestream'))).toEqual([]);
  });

  it('asks no account for anything while it is synthesised, even when the stage names one', () => {
    const named = synthesise('dev', { store: 'influxdb', account: '123456789012' });
    expect((named.api.node.root as App).synth().manifest.missing).toBeUndefined();
  });

  it('makes no LiveAnalytics resource', () => {
    expect(resourcesOf(all, 'AWS::Timestream::Table')).toEqual([]);
  });

  it('keeps what the network refused as long as other logs', () => {
    expect(find('AWS::Logs::LogGroup', 'TimeSeriesNetworkRefused')).toMatchObject({ RetentionInDays: 14 });
  });
});
