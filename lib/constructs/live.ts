import { CfnOutput, Fn, Stack } from 'aws-cdk-lib';
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { type CfnFunction, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { requestActions } from '../../core/api/live.ts';
import type { LiveEnv } from '../../lambdas/live/env.ts';
import type { LiveFeedEnv } from '../../lambdas/live-feed/env.ts';
import type { LiveTokenEnv } from '../../lambdas/live-token/env.ts';
import type { Bundles } from '../bundle.ts';
import { incidentTableName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { acknowledge, acknowledgeWildcard } from './acknowledge.ts';
import { staleAfterS } from './api.ts';
import type { ApiTokens } from './api-tokens.ts';
import { NodeFunction } from './node-function.ts';
import type { Registry } from './registry.ts';
import { removalPolicyOf } from './stage-defaults.ts';
import type { TwinStore } from './twin-store.ts';

export interface LiveProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly twins: TwinStore;
  readonly registry: Registry;
  readonly tokens: ApiTokens;
}

const stageName = 'live';
/** A page speaks when it opens, and then keeps itself alive: beyond this it waits. */
const throttle = { rateLimit: 500, burstLimit: 1000 };
/** Half a vCPU and more: a beat signs and sends to some hundred clients within its second. */
const feederMemoryMb = 1024;
/** A feeder hands over to the next shortly before this. */
const feederTimeoutS = 60;

/** The twins as they change, over a WebSocket: who watches what in a table, one function that reads and sends. */
export class Live extends Construct {
  /** `wss://…/live` */
  readonly url: string;
  readonly feeder: NodeFunction;
  readonly table: Table;
  private readonly api: WebSocketApi;

  constructor(scope: Construct, id: string, props: LiveProps) {
    super(scope, id);
    const { stage } = props;
    this.table = this.createTable(stage);
    this.api = new WebSocketApi(this, 'Socket', {
      description: 'Factory Twin: the twins as they change',
      routeSelectionExpression: '$request.body.action',
    });
    // The endpoint names the scheme and the host; a client and PostToConnection use the same place.
    this.url = `${this.api.apiEndpoint}/${stageName}`;
    this.feeder = this.createFeeder(props);
    // A policy of its own: the function must not wait for one that names it.
    this.grantStart(this.feeder.role, 'HandOver');
    const worker = this.createWorker(props);
    this.addRoutes(worker, this.createAuthorizer(props));
    this.publish();
    new CfnOutput(this, 'Url', { value: this.url });
  }

  private createTable(stage: Stage): Table {
    const table = new Table(this, 'Connections', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAtS',
      removalPolicy: removalPolicyOf(stage),
    });
    acknowledge(table, 'DDB3', 'Who is connected at the moment: who is not, connects again.');
    return table;
  }

  private createFeeder(props: LiveProps): NodeFunction {
    const { stage, bundles, twins, registry } = props;
    const environment: LiveFeedEnv = {
      STAGE: stage.name,
      LIVE_TABLE: this.table.tableName,
      LIVE_URL: this.url,
      TWIN_TABLE: twins.table.tableName,
      REGISTRY_TABLE: registry.table.tableName,
      INCIDENT_TABLE: incidentTableName(stage.name),
      STALE_AFTER_S: String(staleAfterS(stage)),
      LIVE_EVERY_S: String(stage.live.everyS),
    };
    const feeder = new NodeFunction(this, 'Feeder', {
      stage,
      bundles,
      name: 'live-feed',
      description: 'Reads what is watched, and sends each client what changed',
      environment,
      memoryMb: feederMemoryMb,
      timeoutS: feederTimeoutS,
    });
    this.grantUse(feeder.role, ['GetItem', 'UpdateItem', 'DeleteItem', 'Query']);
    this.grantSend(feeder.role);
    twins.grantRead(feeder.role);
    const incidents = Stack.of(this).formatArn({
      service: 'dynamodb',
      resource: 'table',
      resourceName: `${incidentTableName(stage.name)}/index/live`,
    });
    feeder.role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:Scan'], resources: [registry.table.tableArn] }));
    feeder.role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:Query'], resources: [incidents] }));
    // It starts its own next run as long as somebody watches, which Lambda would stop after sixteen.
    (feeder.function.node.defaultChild as CfnFunction).recursiveLoop = RecursiveLoop.ALLOW;
    return feeder;
  }

  private createWorker({ stage, bundles }: LiveProps): NodeFunction {
    const environment: LiveEnv = {
      STAGE: stage.name,
      LIVE_TABLE: this.table.tableName,
      LIVE_URL: this.url,
      FEEDER: this.feeder.function.functionName,
    };
    const worker = new NodeFunction(this, 'Worker', {
      stage,
      bundles,
      name: 'live',
      description: 'Notes who is connected to the live feed and what each watches',
      environment,
      memoryMb: 256,
      timeoutS: 10,
    });
    this.grantUse(worker.role, ['PutItem', 'UpdateItem', 'DeleteItem']);
    this.grantSend(worker.role);
    this.grantStart(worker.role, 'Start');
    return worker;
  }

  private createAuthorizer({ stage, bundles, tokens }: LiveProps): NodeFunction {
    const environment: LiveTokenEnv = {
      STAGE: stage.name,
      ISSUER: tokens.issuer,
      ISSUER_URL: tokens.issuerUrl,
      AUDIENCE: Fn.join(',', tokens.audience),
      ROLE_CLAIM: tokens.roleClaim,
    };
    return new NodeFunction(this, 'Token', {
      stage,
      bundles,
      name: 'live-token',
      description: 'Checks the token of who opens the live feed',
      environment,
      memoryMb: 256,
      timeoutS: 10,
    });
  }

  private addRoutes(worker: NodeFunction, token: NodeFunction): void {
    // Wherever the token is: the function looks.
    const authorizer = new WebSocketLambdaAuthorizer('Token', token.function, { identitySource: [] });
    const integration = new WebSocketLambdaIntegration('Worker', worker.function);
    this.api.addRoute('$connect', { integration, authorizer });
    for (const routeKey of ['$disconnect', '$default', ...requestActions]) {
      const route = this.api.addRoute(routeKey, { integration });
      acknowledge(route, 'APIG4', 'Whoever says something on a connection was admitted when it was opened.');
    }
  }

  private publish(): void {
    const published = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName,
      autoDeploy: true,
      throttle,
    });
    acknowledge(
      published,
      'APIG1',
      'A WebSocket stage logs by a role that is the account’s, not ours to set; the function logs who connects.',
    );
  }

  private grantUse(role: Role, operations: readonly string[]): void {
    const actions = operations.map((name) => `dynamodb:${name}`);
    role.addToPolicy(new PolicyStatement({ actions, resources: [this.table.tableArn] }));
  }

  private grantSend(role: Role): void {
    const resource = Stack.of(this).formatArn({
      service: 'execute-api',
      resource: this.api.apiId,
      resourceName: `${stageName}/POST/@connections/*`,
    });
    role.addToPolicy(new PolicyStatement({ actions: ['execute-api:ManageConnections'], resources: [resource] }));
    acknowledgeWildcard(role, resource, 'Connections come and go; these are of this API and stage alone.');
  }

  private grantStart(role: Role, id: string): void {
    const { functionArn } = this.feeder.function;
    const statements = [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] })];
    new Policy(this, id, { roles: [role], statements });
  }
}
