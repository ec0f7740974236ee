import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { SilenceEnv } from '../../lambdas/silence/env.ts';
import type { Bundles } from '../bundle.ts';
import type { Stage } from '../stage.ts';
import type { EventBus } from './event-bus.ts';
import type { Incidents } from './incidents.ts';
import { NodeFunction } from './node-function.ts';
import type { Registry } from './registry.ts';
import type { TwinStore } from './twin-store.ts';

export interface SilenceProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly events: EventBus;
  readonly incidents: Incidents;
  readonly registry: Registry;
  readonly twins: TwinStore;
}

/** Each minute, who is not heard any more: a machine that sends nothing makes nobody look at it. */
export class Silence extends Construct {
  readonly worker: NodeFunction;

  constructor(scope: Construct, id: string, props: SilenceProps) {
    super(scope, id);
    const { stage, bundles, events, incidents, registry, twins } = props;
    const environment: SilenceEnv = {
      STAGE: stage.name,
      REGISTRY_TABLE: registry.table.tableName,
      TWIN_TABLE: twins.table.tableName,
      INCIDENT_TABLE: incidents.table.tableName,
      EVENT_BUS: events.bus.eventBusName,
      SILENT_AFTER_S: String(stage.alerting.silentAfterMin * 60),
    };
    this.worker = new NodeFunction(this, 'Worker', {
      stage,
      bundles,
      name: 'silence',
      description: 'Tells which machines have stopped speaking, and which speak again',
      environment,
      memoryMb: 256,
      timeoutS: 50,
    });
    const { role } = this.worker;
    const allow = (resource: string, ...actions: string[]): void =>
      void role.addToPolicy(
        new PolicyStatement({ actions: actions.map((action) => `dynamodb:${action}`), resources: [resource] }),
      );
    allow(registry.table.tableArn, 'Scan');
    allow(twins.table.tableArn, 'BatchGetItem');
    allow(incidents.table.tableArn, 'GetItem', 'PutItem');
    events.grantPut(role);
    new Rule(this, 'EachMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      // The next look comes in a minute anyway.
      targets: [new LambdaFunction(this.worker.function, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
  }
}
