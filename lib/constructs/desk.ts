import { HttpMethod, HttpRoute, HttpRouteKey, type IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { deskOperations } from '../../core/api/desk.ts';
import { type Operation, programRouteOf } from '../../core/api/operation.ts';
import type { DeskEnv } from '../../lambdas/desk/env.ts';
import type { Bundles } from '../bundle.ts';
import type { Stage } from '../stage.ts';
import { type Api, staleAfterS } from './api.ts';
import type { EventBus } from './event-bus.ts';
import type { Incidents } from './incidents.ts';
import type { Maintenance } from './maintenance.ts';
import { NodeFunction } from './node-function.ts';
import type { Registry } from './registry.ts';
import type { TwinStore } from './twin-store.ts';

export interface DeskProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly api: Api;
  readonly incidents: Incidents;
  readonly maintenance: Maintenance;
  readonly registry: Registry;
  readonly twins: TwinStore;
  readonly events: EventBus;
}

/** Incidents and work orders over the same API: to see for who may look, to act on for operators and above. */
export class Desk extends Construct {
  readonly worker: NodeFunction;

  constructor(scope: Construct, id: string, props: DeskProps) {
    super(scope, id);
    const { stage, bundles, api, incidents, maintenance, events } = props;
    this.worker = new NodeFunction(this, 'Worker', {
      stage,
      bundles,
      name: 'desk',
      description: 'Shows incidents and work orders, and takes what people do about them',
      environment: describeEnvironment(props),
      memoryMb: 256,
      timeoutS: 10,
    });
    const { role } = this.worker;
    incidents.grantTable(role);
    incidents.grantRemind(role);
    maintenance.grantTable(role);
    maintenance.grantList(role);
    maintenance.grantAnswer(role);
    const records = { actions: ['dynamodb:Query'], resources: [maintenance.table.tableArn] };
    role.addToPolicy(new PolicyStatement(records));
    events.grantPut(role);
    const indexes = ['live', 'site'].map((index) => `${incidents.table.tableArn}/index/${index}`);
    role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:Query'], resources: indexes }));
    const machines = [props.registry.table.tableArn, props.twins.table.tableArn];
    role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:GetItem'], resources: machines }));
    this.addRoutes(api);
  }

  private addRoutes({ http, tokens }: Api): void {
    const authorizer = new HttpJwtAuthorizer('DeskToken', tokens.issuer, { jwtAudience: tokens.audience });
    const integration = new HttpLambdaIntegration('Desk', this.worker.function, { scopePermissionToRoute: false });
    const signature = new HttpIamAuthorizer();
    const route = (id: string, { method, path }: Operation, guard: IHttpRouteAuthorizer): void => {
      const routeKey = HttpRouteKey.with(path, HttpMethod[method]);
      new HttpRoute(this, id, { httpApi: http, routeKey, integration, authorizer: guard });
    };
    for (const operation of deskOperations) {
      route(operation.id, operation, authorizer);
      if (operation.forPrograms) route(`${operation.id}ByProgram`, programRouteOf(operation), signature);
    }
  }
}

function describeEnvironment({ stage, api, incidents, maintenance, registry, twins }: DeskProps): DeskEnv {
  return {
    ...incidents.environment,
    WORK_ORDER_TABLE: maintenance.table.tableName,
    REGISTRY_TABLE: registry.table.tableName,
    TWIN_TABLE: twins.table.tableName,
    STALE_AFTER_S: String(staleAfterS(stage)),
    ROLE_CLAIM: api.tokens.roleClaim,
  };
}
