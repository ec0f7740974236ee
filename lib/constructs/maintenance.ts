import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { type EventPattern, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { eventSource } from '../../core/events/event-types.ts';
import type { MaintenanceEnv } from '../../lambdas/maintenance/env.ts';
import type { Bundles } from '../bundle.ts';
import { deadLettersName, maintenanceMachineName, workOrderTableName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import { runbookLink } from './alarms.ts';
import type { AlertTopics } from './alert-topics.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import type { EventBus } from './event-bus.ts';
import { maintenanceDefinition } from './maintenance-definition.ts';
import { NodeFunction } from './node-function.ts';
import type { Registry } from './registry.ts';
import { removalPolicyOf } from './stage-defaults.ts';
import type { TwinStore } from './twin-store.ts';

export interface MaintenanceProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly events: EventBus;
  readonly topics: AlertTopics;
  readonly stream: IStream;
  readonly registry: Registry;
  readonly twins: TwinStore;
  /** The operator page. */
  readonly pageUrl: string;
}

const machineArnParts = { service: 'states', resource: 'stateMachine', arnFormat: ArnFormat.COLON_RESOURCE_NAME };

/** From a request to a label: a work order, a person's decision, the work, what was found. */
export class Maintenance extends Construct {
  readonly machineName: string;
  readonly table: Table;
  readonly worker: NodeFunction;
  readonly machine: StateMachine;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: MaintenanceProps) {
    super(scope, id);
    const { stage, events, topics, stream } = props;
    this.machineName = maintenanceMachineName(stage.name);
    this.table = this.createTable(stage);
    this.worker = new NodeFunction(this, 'Worker', {
      stage,
      bundles: props.bundles,
      name: 'maintenance',
      description: 'The steps of a work order, asked for by its workflow',
      environment: this.describeEnvironment(props),
      memoryMb: 512,
      timeoutS: 30,
    });
    const { role } = this.worker;
    this.grantTable(role);
    this.grantFacts(role, props);
    events.grantPut(role);
    topics.grantPublish(role, ['maintenance', 'escalation']);
    role.addToPolicy(new PolicyStatement({ actions: ['kinesis:PutRecord'], resources: [stream.streamArn] }));
    // By name: the machine knows the function, so the function cannot know the machine.
    this.grantAnswer(role);
    this.machine = this.createMachine(stage);
    this.deadLetters = createDeadLetterQueue(this, 'DeadLetters', deadLettersName(this.machineName));
    this.startOn(events, 'Requests', { detailType: ['maintenance_request'] });
    const isNow = { crossing: { to: ['now'] }, gate: [{ 'anything-but': 'do_not_proceed' }] };
    this.startOn(events, 'LivesRunShort', { detailType: ['rul_crossed'], detail: isNow });
  }

  private startOn(events: EventBus, id: string, pattern: Pick<EventPattern, 'detailType' | 'detail'>): void {
    const target = new SfnStateMachine(this.machine, {
      input: RuleTargetInput.fromEventPath('$.detail'),
      deadLetterQueue: this.deadLetters,
    });
    new Rule(this, id, {
      eventBus: events.bus,
      eventPattern: { source: [eventSource], ...pattern },
      targets: [target],
    });
  }

  grantTable(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
        resources: [this.table.tableArn],
      }),
    );
  }

  /** To list a site's work orders. */
  grantList(role: Role): void {
    const resources = [`${this.table.tableArn}/index/site`];
    role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:Query'], resources }));
  }

  private grantFacts(role: Role, { registry, twins }: MaintenanceProps): void {
    this.grantList(role);
    const resources = [registry.table.tableArn, twins.table.tableArn];
    role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:GetItem'], resources }));
  }

  grantAnswer(role: Role): void {
    const resources = [Stack.of(this).formatArn({ ...machineArnParts, resourceName: this.machineName })];
    role.addToPolicy(new PolicyStatement({ actions: ['states:SendTaskSuccess'], resources }));
  }

  private createTable(stage: Stage): Table {
    const table = new Table(this, 'WorkOrders', {
      tableName: workOrderTableName(stage.name),
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: removalPolicyOf(stage),
    });
    table.addGlobalSecondaryIndex({
      indexName: 'site',
      partitionKey: { name: 'site', type: AttributeType.STRING },
      sortKey: { name: 'requestedAtMs', type: AttributeType.NUMBER },
      projectionType: ProjectionType.ALL,
    });
    return table;
  }

  private createMachine(stage: Stage): StateMachine {
    const role = new Role(this, 'MachineRole', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    const invoke = { actions: ['lambda:InvokeFunction'], resources: [this.worker.function.functionArn] };
    role.addToPolicy(new PolicyStatement(invoke));
    const machine = new StateMachine(this, 'Machine', {
      stateMachineName: this.machineName,
      definitionBody: maintenanceDefinition(this, {
        worker: this.worker.function,
        decideWithin: Duration.minutes(stage.maintenance.decideWithinMin),
      }),
      role: role.withoutPolicyUpdates(),
      removalPolicy: removalPolicyOf(stage),
    });
    acknowledge(machine, 'SF1', 'A Standard workflow keeps every step for 90 days by itself; the function logs too.');
    acknowledge(machine, 'SF2', 'Some workflows a day, each days long: a trace of their seconds tells nothing.');
    return machine;
  }

  private describeEnvironment(props: MaintenanceProps): MaintenanceEnv {
    const { stage, events, topics, stream, registry, twins, pageUrl } = props;
    const { decideWithinMin, remindEveryHours, downtimeEurPerHour } = stage.maintenance;
    return {
      STAGE: stage.name,
      WORK_ORDER_TABLE: this.table.tableName,
      REGISTRY_TABLE: registry.table.tableName,
      TWIN_TABLE: twins.table.tableName,
      EVENT_BUS: events.bus.eventBusName,
      STREAM_NAME: stream.streamName,
      TOPIC_MAINTENANCE: topics.arnOf('maintenance'),
      TOPIC_ESCALATION: topics.arnOf('escalation'),
      PAGE_URL: pageUrl,
      RUNBOOK_URL: runbookLink('').replace(/#$/, ''),
      DECIDE_WITHIN_S: String(decideWithinMin * 60),
      REMIND_EVERY_S: String(remindEveryHours * 3600),
      DOWNTIME_EUR_PER_HOUR: String(downtimeEurPerHour),
    };
  }
}
