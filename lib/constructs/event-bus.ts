import { EventBus as Bus, CfnArchive } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { eventSource } from '../../core/events/event-types.ts';
import { nameInStage } from '../names.ts';
import type { Stage } from '../stage.ts';

/** A quarter: what a receiver that was mended, or is new, may want to hear again. */
const archivedDays = 90;

/** Where the twin tells the rest of the house what it found: case files, for alerting and maintenance to act on. */
export class EventBus extends Construct {
  readonly bus: Bus;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    const { stage } = props;
    this.bus = new Bus(this, 'Bus', { eventBusName: nameInStage(stage.name, 'events') });
    new CfnArchive(this, 'Archive', {
      sourceArn: this.bus.eventBusArn,
      archiveName: nameInStage(stage.name, 'events'),
      description: 'What the twins told, to replay (docs/runbook.md#replay-events)',
      eventPattern: { source: [eventSource] },
      retentionDays: archivedDays,
    });
  }

  grantPut(role: Role): void {
    role.addToPolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [this.bus.eventBusArn] }));
  }
}
