import { CfnOutput, Duration, Fn, Stack } from 'aws-cdk-lib';
import {
  type AuthorizationMode,
  AuthorizationType,
  Definition,
  GraphqlApi,
  IntrospectionConfig,
  LambdaDataSource,
  UserPoolDefaultAction,
} from 'aws-cdk-lib/aws-appsync';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { AppSync } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { graphDepthLimit, graphFields, graphResolverLimit, incidentChanged } from '../../core/api/graph.ts';
import { describeGraph, incidentFields } from '../../core/api/graph-schema.ts';
import { eventSource } from '../../core/events/event-types.ts';
import type { GraphEnv } from '../../lambdas/graph/env.ts';
import type { Bundles } from '../bundle.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import type { Api } from './api.ts';
import type { ApiTokens } from './api-tokens.ts';
import type { EventBus } from './event-bus.ts';
import type { Incidents } from './incidents.ts';
import { NodeFunction } from './node-function.ts';
import type { Registry } from './registry.ts';
import type { SeriesStore } from './series-store.ts';
import type { TwinStore } from './twin-store.ts';

export interface GraphProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly api: Api;
  readonly incidents: Incidents;
  readonly events: EventBus;
  readonly timeSeries: SeriesStore;
  readonly registry: Registry;
  readonly twins: TwinStore;
}

const memoryMb = 512;
/** AppSync itself gives up after 30 s. */
const timeoutS = 29;

/** The same answers as a graph: one function resolves every field; the bus tells subscribers of incidents. */
export class Graph extends Construct {
  readonly worker: NodeFunction;
  private readonly graph: GraphqlApi;

  constructor(scope: Construct, id: string, props: GraphProps) {
    super(scope, id);
    const { api, stage, events } = props;
    this.worker = this.createWorker(props);
    this.graph = this.createApi(stage, api.tokens);
    const source = this.connectWorker();
    const places = [...graphFields.map(({ type, field }) => ({ type, field })), incidentChanged];
    for (const { type, field } of places) {
      source.createResolver(`${type}${field}`, { typeName: type, fieldName: field });
    }
    this.tellIncidents(events);
    new CfnOutput(this, 'Url', { value: this.graph.graphqlUrl });
  }

  private createApi(stage: Stage, tokens: ApiTokens): GraphqlApi {
    const isOwnPool = stage.tokens === undefined;
    const graph = new GraphqlApi(this, 'Api', {
      name: `factory-${stage.name}`,
      definition: Definition.fromSchema({
        bind: (graph) => ({
          apiId: (graph as GraphqlApi).apiId,
          definition: describeGraph(isOwnPool ? '@aws_cognito_user_pools' : '@aws_oidc'),
        }),
      }),
      authorizationConfig: {
        defaultAuthorization: isOwnPool ? this.byPool(tokens) : byIssuer(tokens),
        additionalAuthorizationModes: [{ authorizationType: AuthorizationType.IAM }],
      },
      introspectionConfig: IntrospectionConfig.DISABLED,
      queryDepthLimit: graphDepthLimit,
      resolverCountLimit: graphResolverLimit,
    });
    acknowledge(graph, 'ASC3', 'The function logs what failed and who was refused; field logs would double each read.');
    return graph;
  }

  private byPool({ issuer, audience: [clientId = ''] }: ApiTokens): AuthorizationMode {
    const userPool = UserPool.fromUserPoolId(this, 'Users', Fn.select(3, Fn.split('/', issuer)));
    return {
      authorizationType: AuthorizationType.USER_POOL,
      userPoolConfig: { userPool, appIdClientRegex: clientId, defaultAction: UserPoolDefaultAction.ALLOW },
    };
  }

  private createWorker(props: GraphProps): NodeFunction {
    const { stage, bundles, api, incidents, timeSeries, registry, twins } = props;
    const environment: GraphEnv = { ...api.environment, INCIDENT_TABLE: incidents.table.tableName };
    const worker = new NodeFunction(this, 'Worker', {
      stage,
      bundles,
      name: 'graph',
      description: 'Resolves the fields of the graph by the operations of the HTTP API',
      environment,
      memoryMb,
      timeoutS,
      network: timeSeries.network,
    });
    timeSeries.grantQuery(worker.role);
    twins.grantRead(worker.role);
    const grant = (actions: string[], resource: string): void => {
      worker.role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
    };
    grant(['dynamodb:GetItem', 'dynamodb:Scan'], registry.table.tableArn);
    grant(['dynamodb:BatchGetItem'], incidents.table.tableArn);
    for (const index of ['live', 'site']) grant(['dynamodb:Query'], `${incidents.table.tableArn}/index/${index}`);
    return worker;
  }

  /** AppSync calls the function by a role of its own, which may do that and nothing else. */
  private connectWorker(): LambdaDataSource {
    const role = new Role(this, 'SourceRole', { assumedBy: new ServicePrincipal('appsync.amazonaws.com') });
    const { functionArn } = this.worker.function;
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
    return new LambdaDataSource(this, 'Source', {
      api: this.graph,
      name: 'worker',
      lambdaFunction: this.worker.function,
      serviceRole: role.withoutPolicyUpdates(),
    });
  }

  private tellIncidents({ bus }: EventBus): void {
    const eventRole = new Role(this, 'TellRole', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
    const { type, field } = incidentChanged;
    const told = Stack.of(this).formatArn({
      service: 'appsync',
      resource: 'apis',
      resourceName: `${this.graph.apiId}/types/${type}/fields/${field}`,
    });
    eventRole.addToPolicy(new PolicyStatement({ actions: ['appsync:GraphQL'], resources: [told] }));
    const target = new AppSync(this.graph, {
      graphQLOperation: `mutation Tell($incidentId: ID!) { ${field}(incidentId: $incidentId) ${incidentFields()} }`,
      variables: RuleTargetInput.fromObject({ incidentId: EventField.fromPath('$.detail.incident.incidentId') }),
      eventRole,
      // News for who looks at this moment: later it is in the list of incidents, and no news.
      maxEventAge: Duration.minutes(1),
      retryAttempts: 3,
    });
    new Rule(this, 'Tell', {
      eventBus: bus,
      eventPattern: { source: [eventSource], detailType: ['incident'] },
      targets: [target],
    });
  }
}

function byIssuer({ issuer, audience }: ApiTokens): AuthorizationMode {
  return {
    authorizationType: AuthorizationType.OIDC,
    openIdConnectConfig: { oidcProvider: issuer, clientId: audience.join('|') },
  };
}
