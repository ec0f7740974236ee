import { EventBus as Bus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { nameInStage } from '../names.ts';
import type { Stage } from '../stage.ts';

/** Where the twin tells the rest of the house what it found: case files, for alerting and maintenance to act on. */
export class EventBus extends Construct {
  readonly bus: Bus;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    this.bus = new Bus(this, 'Bus', { eventBusName: nameInStage(props.stage.name, 'events') });
  }

  grantPut(role: Role): void {
    role.addToPolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [this.bus.eventBusArn] }));
  }
}
