import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundles } from '../bundle.ts';
import { AlertTopics } from '../constructs/alert-topics.ts';
import { Incidents } from '../constructs/incidents.ts';
import type { Stage } from '../stage.ts';
import type { PipelineStack } from './pipeline-stack.ts';

export interface OperationsStackProps extends StackProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly pipeline: PipelineStack;
}

/** What people deal with: incidents, notifications, maintenance. */
export class OperationsStack extends Stack {
  readonly topics: AlertTopics;
  readonly incidents: Incidents;

  constructor(scope: Construct, id: string, props: OperationsStackProps) {
    super(scope, id, props);
    const { stage, bundles, pipeline } = props;
    const { events, alarms } = pipeline;
    this.topics = new AlertTopics(this, 'Alerts', { stage });
    this.incidents = new Incidents(this, 'Incidents', { stage, bundles, events, topics: this.topics });
    alarms.addQueue('IncidentDeadLetters', this.incidents.deadLetters, {
      scope: this,
      meaning: 'Anomaly events could not be made into incidents: nobody was told of them.',
      runbook: 'incident-dead-letters',
    });
  }
}
