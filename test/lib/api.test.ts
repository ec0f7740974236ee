import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { programRouteOf, routeKeyOf } from '../../core/api/operation.ts';
import { operations } from '../../core/api/operations.ts';
import type { Bundle } from '../../lib/bundle.ts';
import { createFactoryTwin } from '../../lib/factory-twin.ts';
import { parseStage, type StageInput } from '../../lib/stage.ts';
import { suppliedStages } from '../../lib/stages.ts';

process.env.CDK_VALIDATION = 'false';

const folder = mkdtempSync(join(tmpdir(), 'factory-twin-'));
writeFileSync(join(folder, 'index.mjs'), 'export const handler = () => undefined;\n');
const anyBundle: Bundle = { folder, bytes: 0, parts: [] };

/** Every function's code and the page are the same empty file. */
function synthesiseApi(overrides: Partial<StageInput> = {}, hasPage = true): Template {
  const stage = parseStage({ ...suppliedStages.prod, ...overrides });
  if (!stage.ok) throw new Error(stage.error.join('\n'));
  const app = new App({ analyticsReporting: false, context: cdkJson.context });
  const bundles = new Map<string, Bundle>();
  const asked = { get: (name: string) => (name === 'page' && !hasPage ? undefined : anyBundle) };
  const { api } = createFactoryTwin(app, stage.value, Object.assign(bundles, asked));
  return Template.fromStack(api!);
}

const prod = synthesiseApi();

describe('the API in CDK', () => {
  it('has a route for each operation, with a token wherever the operation needs a role', () => {
    const [api] = Object.keys(prod.findResources('AWS::ApiGatewayV2::Api', { Properties: { ProtocolType: 'HTTP' } }));
    const ofApi = prod.findResources('AWS::ApiGatewayV2::Route', { Properties: { ApiId: { Ref: api } } });
    const routes = Object.values(ofApi).map(({ Properties }) => Properties);
    const kinds = Object.fromEntries(routes.map((route) => [route.RouteKey, route.AuthorizationType]));
    const wanted = operations.flatMap((operation) => {
      const person = [routeKeyOf(operation), operation.role === null ? 'NONE' : 'JWT'];
      return operation.role === null ? [person] : [person, [routeKeyOf(programRouteOf(operation)), 'AWS_IAM']];
    });
    expect(kinds).toEqual(Object.fromEntries(wanted));
  });

  it('offers programs a policy to read and one to report, each for its routes alone', () => {
    const policies = Object.values(prod.findResources('AWS::IAM::ManagedPolicy')).map(({ Properties }) => Properties);
    const granted = policies.map(({ PolicyDocument }) => {
      const [{ Action, Resource }] = PolicyDocument.Statement;
      return [Action, [Resource].flat().map((arn) => arn['Fn::Join'][1].at(-1))];
    });
    const [read, report] = granted.toSorted((left, right) => right[1].length - left[1].length);
    expect(read?.[0]).toBe('execute-api:Invoke');
    expect(read?.[1]).toContain('/$default/GET/iam/api/machines/*/history');
    expect(read?.[1].filter((path: string) => !path.startsWith('/$default/GET/iam/api/'))).toEqual([]);
    expect(report?.[1].toSorted()).toEqual([
      '/$default/POST/iam/api/machines/*/maintenance-requests',
      '/$default/POST/iam/api/work-orders/*/findings',
    ]);
  });

  it('may read what it answers from, and nothing else', () => {
    const policies = prod.findResources('AWS::IAM::Policy', {
      Properties: { PolicyName: Match.stringLikeRegexp('^ApiWorker') },
    });
    const [policy] = Object.values(policies);
    const actions = policy?.Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: unknown }) => Action);
    expect([...new Set(actions)].sort()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:Scan',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'timestream:DescribeEndpoints',
      'timestream:Select',
    ]);
  });

  it('bounds its calls and logs each', () => {
    prod.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
    });
    const [stage] = Object.values(
      prod.findResources('AWS::ApiGatewayV2::Stage', { Properties: { StageName: '$default' } }),
    );
    // Variables of REST APIs, like $context.resourcePath, stay a dash here (developer guide, "Customize HTTP API access logs").
    expect(JSON.parse(stage!.Properties.AccessLogSettings.Format)).toMatchObject({
      requestId: '$context.requestId',
      person: '$context.authorizer.claims.sub',
      program: '$context.identity.userArn',
      route: '$context.routeKey',
      path: '$context.path',
      status: '$context.status',
    });
  });

  it('takes tokens of the issuer that a stage names, and then has no user pool', () => {
    const tokens = { issuer: 'https://login.plant.example', audience: ['twin'], roleClaim: 'roles' };
    const template = synthesiseApi({ tokens });
    template.resourceCountIs('AWS::Cognito::UserPool', 0);
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      JwtConfiguration: { Issuer: tokens.issuer, Audience: ['twin'] },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ ROLE_CLAIM: 'roles' }) },
    });
  });

  it('waits three tellings before a machine is stale', () => {
    prod.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ STALE_AFTER_S: '30' }) },
    });
  });

  it('serves the page over TLS only, from a closed bucket, with a policy for what it may load', () => {
    prod.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https' },
        CacheBehaviors: [{ PathPattern: '/api/*', ViewerProtocolPolicy: 'https-only' }],
      },
    });
    const [headers] = Object.values(prod.findResources('AWS::CloudFront::ResponseHeadersPolicy'));
    expect(JSON.stringify(headers)).toContain("frame-ancestors 'none'");
    synthesiseApi({}, false).resourceCountIs('AWS::CloudFront::Distribution', 0);
  });

  it('lets people sign in on the user pool’s own page by code alone, and come back to the operator page', () => {
    const client = Match.objectLike({
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid'],
      GenerateSecret: Match.absent(),
      CallbackURLs: [{ 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [Match.anyValue(), 'DomainName'] }, '/']] }],
    });
    prod.hasResourceProperties('AWS::Cognito::UserPoolClient', client);
    prod.resourceCountIs('AWS::Cognito::UserPoolDomain', 1);
    const [policy] = Object.values(prod.findResources('AWS::CloudFront::ResponseHeadersPolicy'));
    expect(JSON.stringify(policy)).toMatch(/connect-src 'self' https:.*amazoncognito\.com/);
  });

  it('leaves signing in to the stage’s own issuer where it has one', () => {
    const tokens = { issuer: 'https://login.example.org', audience: ['page'], roleClaim: 'groups' };
    const template = synthesiseApi({ tokens });
    template.resourceCountIs('AWS::Cognito::UserPoolDomain', 0);
    expect(JSON.stringify(template.toJSON())).toContain('login.example.org');
  });
});
