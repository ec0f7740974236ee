import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { requestActions } from '../../core/api/live.ts';
import { synthesise } from './synthesis.ts';

const prod = Template.fromStack(synthesise('prod').api);

function actionsOf(rolePrefix: string): string[] {
  const policies = prod.findResources('AWS::IAM::Policy', {
    Properties: { Roles: [{ Ref: Match.stringLikeRegexp(`^${rolePrefix}`) }] },
  });
  const statements = Object.values(policies).flatMap((policy) => policy.Properties.PolicyDocument.Statement);
  return statements.flatMap(({ Action }: { Action: string | string[] }) => Action).sort();
}

describe('the live feed in CDK', () => {
  it('has a route for each thing a client may say, and asks for a token when a connection is opened', () => {
    const [api] = Object.keys(
      prod.findResources('AWS::ApiGatewayV2::Api', { Properties: { ProtocolType: 'WEBSOCKET' } }),
    );
    const routes = prod.findResources('AWS::ApiGatewayV2::Route', { Properties: { ApiId: { Ref: api } } });
    const kinds = Object.values(routes).map(({ Properties }) => [Properties.RouteKey, Properties.AuthorizationType]);
    const open = ['$disconnect', '$default', ...requestActions].map((key) => [key, 'NONE']);
    expect(Object.fromEntries(kinds)).toEqual(Object.fromEntries([['$connect', 'CUSTOM'], ...open]));
  });

  it('gives each of its functions what it uses and nothing else', () => {
    const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    expect(actionsOf('LiveToken')).toEqual(logs);
    const table = ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];
    const rest = ['execute-api:ManageConnections', 'lambda:InvokeFunction', ...logs];
    expect(actionsOf('LiveWorker')).toEqual([...table, ...rest]);
    const reads = ['BatchGetItem', 'DeleteItem', 'GetItem', 'GetItem', 'Query', 'Query', 'Scan', 'UpdateItem'];
    expect(actionsOf('LiveFeeder')).toEqual([...reads.map((name) => `dynamodb:${name}`), ...rest]);
  });

  it('lets the feeder start itself, and no other function', () => {
    prod.hasResourceProperties('AWS::Lambda::Function', {
      Description: Match.stringLikeRegexp('what is watched'),
      RecursiveLoop: 'Allow',
    });
    const invokes = Object.values(prod.findResources('AWS::IAM::Policy'))
      .flatMap((policy) => policy.Properties.PolicyDocument.Statement)
      .filter(({ Action }: { Action: string }) => Action === 'lambda:InvokeFunction');
    for (const { Resource } of invokes) expect(JSON.stringify(Resource)).toMatch(/LiveFeederFunction/);
  });

  it('forgets connections by themselves, and beats every two seconds where a stage says nothing', () => {
    prod.hasResourceProperties('AWS::DynamoDB::Table', {
      TimeToLiveSpecification: { AttributeName: 'expiresAtS', Enabled: true },
    });
    prod.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ LIVE_EVERY_S: '2' }) },
    });
  });
});
