import { Match, Template } from 'aws-cdk-lib/assertions';
import { buildASTSchema, isObjectType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { graphDepthLimit, graphFields, graphResolverLimit } from '../../core/api/graph.ts';
import { describeGraph } from '../../core/api/graph-schema.ts';
import { scalarsAndDirectives } from '../../local/appsync/scalars.ts';
import { synthesise } from './synthesis.ts';

const prod = Template.fromStack(synthesise('prod').desk);

describe('the graph in CDK', () => {
  it('has a resolver for each field that is asked for, and the schema has each', () => {
    const resolvers = Object.values(prod.findResources('AWS::AppSync::Resolver')).map(({ Properties }) => Properties);
    const places = resolvers.map(({ TypeName, FieldName }) => `${TypeName}.${FieldName}`).sort();
    const wanted = [...graphFields.map(({ type, field }) => `${type}.${field}`), 'Mutation.incidentChanged'];
    expect(places).toEqual(wanted.sort());
    for (const token of ['@aws_cognito_user_pools', '@aws_oidc'] as const) {
      const schema = buildASTSchema(parse(`${scalarsAndDirectives}\n${describeGraph(token)}`));
      for (const place of places) {
        const [type = '', field = ''] = place.split('.');
        const found = schema.getType(type);
        expect(isObjectType(found) && found.getFields()[field], place).toBeTruthy();
      }
    }
  });

  it('bounds each question, tells nobody its schema, and lets people in by their token', () => {
    prod.hasResourceProperties('AWS::AppSync::GraphQLApi', {
      AuthenticationType: 'AMAZON_COGNITO_USER_POOLS',
      AdditionalAuthenticationProviders: [{ AuthenticationType: 'AWS_IAM' }],
      IntrospectionConfig: 'DISABLED',
      QueryDepthLimit: graphDepthLimit,
      ResolverCountLimit: graphResolverLimit,
    });
  });

  it('lets the bus say that an incident changed, and nothing else', () => {
    const policies = Object.values(prod.findResources('AWS::IAM::Policy'));
    const statements = policies.flatMap((policy) => policy.Properties.PolicyDocument.Statement);
    const asks = statements.filter(({ Action }) => Action === 'appsync:GraphQL');
    expect(asks).toHaveLength(1);
    expect(JSON.stringify(asks[0].Resource)).toMatch(/\/types\/Mutation\/fields\/incidentChanged"/);
    prod.hasResourceProperties('AWS::Events::Rule', {
      Targets: [Match.objectLike({ AppSyncParameters: { GraphQLOperation: Match.stringLikeRegexp('machineIds') } })],
    });
  });

  it('takes tokens of the issuer that a stage names', () => {
    const tokens = { issuer: 'https://login.plant.example', audience: ['twin'], roleClaim: 'roles' };
    Template.fromStack(synthesise('prod', { tokens }).desk).hasResourceProperties('AWS::AppSync::GraphQLApi', {
      AuthenticationType: 'OPENID_CONNECT',
      OpenIDConnectConfig: { Issuer: tokens.issuer, ClientId: 'twin' },
      UserPoolConfig: Match.absent(),
    });
  });
});
