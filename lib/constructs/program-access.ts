import { CfnOutput } from 'aws-cdk-lib';
import type { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { deskOperations } from '../../core/api/desk.ts';
import { type Operation, programRouteOf } from '../../core/api/operation.ts';
import { operations } from '../../core/api/operations.ts';
import { acknowledgeWildcard } from './acknowledge.ts';

/** API Gateway's name for the stage that has none in its address. */
const stageName = '$default';

/** For programs: policies to attach to roles of this account, one to read everything, one to ask and report. */
export class ProgramAccess extends Construct {
  constructor(scope: Construct, id: string, { http }: { readonly http: HttpApi }) {
    super(scope, id);
    const offered = [...operations, ...deskOperations].filter(({ forPrograms, role }) => forPrograms && role !== null);
    const readings = offered.filter(({ method }) => method === 'GET');
    const changes = offered.filter(({ method }) => method !== 'GET');
    this.offer('Read', 'May read whatever the API tells', readings, http);
    this.offer('Report', 'May ask for maintenance and report what was found', changes, http);
  }

  private offer(id: string, description: string, allowed: readonly Operation[], http: HttpApi): void {
    const resources = allowed.map(({ method, path }) => {
      const route = programRouteOf({ path }).path.replaceAll(/\{\w+\}/g, '*');
      return http.arnForExecuteApi(method satisfies keyof typeof HttpMethod, route, stageName);
    });
    const policy = new ManagedPolicy(this, id, {
      description,
      statements: [new PolicyStatement({ actions: ['execute-api:Invoke'], resources })],
    });
    for (const resource of resources.filter((arn) => arn.includes('*'))) {
      acknowledgeWildcard(policy, resource, 'A route with a machine’s or an order’s id in it.');
    }
    new CfnOutput(this, `${id}PolicyArn`, { value: policy.managedPolicyArn });
  }
}
