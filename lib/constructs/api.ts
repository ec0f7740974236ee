import { CfnOutput } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { programRouteOf } from '../../core/api/operation.ts';
import { operations } from '../../core/api/operations.ts';
import type { ApiEnv } from '../../lambdas/api/env.ts';
import type { Bundles } from '../bundle.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import { ApiTokens } from './api-tokens.ts';
import { NodeFunction } from './node-function.ts';
import type { Registry } from './registry.ts';
import type { SeriesStore } from './series-store.ts';
import { removalPolicyOf } from './stage-defaults.ts';
import type { TwinStore } from './twin-store.ts';

export interface ApiProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly timeSeries: SeriesStore;
  readonly twins: TwinStore;
  readonly registry: Registry;
}

/** A person's page asks some times a second; beyond this a caller waits (429) and the bill stays bounded. */
const throttle = { rateLimit: 100, burstLimit: 200 };
/** A whole vCPU's half: JSON of a thousand machines within the second. */
const memoryMb = 512;
/** CDK's own format asks for $context.resourcePath, which only REST APIs know, and for nobody who comes with a token. */
const accessLogLine = {
  requestId: '$context.requestId',
  at: '$context.requestTime',
  from: '$context.identity.sourceIp',
  person: '$context.authorizer.claims.sub',
  program: '$context.identity.userArn',
  route: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  bytes: '$context.responseLength',
  tookMs: '$context.responseLatency',
};
/** API Gateway itself gives up after 30 s. */
const timeoutS = 29;

/** The twins to read, over HTTP: one route for each operation, a token or a signature checked before the function runs. */
export class Api extends Construct {
  readonly worker: NodeFunction;
  /** Where its answers come from. */
  readonly environment: ApiEnv;
  readonly http: HttpApi;
  readonly tokens: ApiTokens;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    this.tokens = new ApiTokens(this, 'Tokens', props);
    const { tokens } = this;
    this.environment = describeEnvironment(props, tokens);
    this.worker = this.createWorker(props);
    this.http = new HttpApi(this, 'Http', {
      description: 'Factory Twin: the twins, to read',
      createDefaultStage: false,
    });
    const authorizer = new HttpJwtAuthorizer('Token', tokens.issuer, { jwtAudience: tokens.audience });
    const integration = new HttpLambdaIntegration('Worker', this.worker.function, { scopePermissionToRoute: false });
    const signature = new HttpIamAuthorizer();
    for (const operation of operations) {
      const { method, path, role, forPrograms } = operation;
      const methods = [HttpMethod[method]];
      const person = role === null ? new HttpNoneAuthorizer() : authorizer;
      const [route] = this.http.addRoutes({ path, methods, integration, authorizer: person });
      if (role === null)
        acknowledge(route!, 'APIG4', 'The description of the API is public: it says nothing of the plant.');
      else if (forPrograms) {
        this.http.addRoutes({ path: programRouteOf(operation).path, methods, integration, authorizer: signature });
      }
    }
    this.publish(props.stage);
    new CfnOutput(this, 'Url', { value: this.http.apiEndpoint });
  }

  private createWorker(props: ApiProps): NodeFunction {
    const { stage, bundles, timeSeries, twins, registry } = props;
    const { environment } = this;
    const worker = new NodeFunction(this, 'Worker', {
      stage,
      bundles,
      name: 'api',
      description: 'Answers the HTTP API from twin table, registry and time-series store',
      environment,
      memoryMb,
      timeoutS,
      network: timeSeries.network,
    });
    timeSeries.grantQuery(worker.role);
    twins.grantRead(worker.role);
    const { tableArn } = registry.table;
    worker.role.addToPolicy(
      new PolicyStatement({ actions: ['dynamodb:GetItem', 'dynamodb:Scan'], resources: [tableArn] }),
    );
    return worker;
  }

  private publish(stage: Stage): void {
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: stage.retention.logDays,
      removalPolicy: removalPolicyOf(stage),
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.http,
      autoDeploy: true,
      throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(JSON.stringify(accessLogLine)),
      },
    });
  }
}

function describeEnvironment({ stage, timeSeries, twins, registry }: ApiProps, { roleClaim }: ApiTokens): ApiEnv {
  return {
    STAGE: stage.name,
    ...timeSeries.environment,
    TWIN_TABLE: twins.table.tableName,
    REGISTRY_TABLE: registry.table.tableName,
    ROLE_CLAIM: roleClaim,
    STALE_AFTER_S: String(staleAfterS(stage)),
    DOWNTIME_EUR_PER_HOUR: String(stage.maintenance.downtimeEurPerHour),
  };
}

/** Three tellings missed, and never less than five seconds: one late message is no silence. */
export function staleAfterS({ fleet, detection }: Stage): number {
  const everyS = Math.max(detection.twinEveryS, fleet.samplesPerMessage / fleet.samplesPerMachinePerS);
  return Math.max(5, Math.ceil(3 * everyS + detection.batchWindowS));
}
