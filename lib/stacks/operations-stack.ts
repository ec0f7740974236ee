import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundles } from '../bundle.ts';
import { AcknowledgeLinks } from '../constructs/acknowledge-links.ts';
import { sumPerMinute } from '../constructs/alarms.ts';
import { AlertTopics } from '../constructs/alert-topics.ts';
import { Channels } from '../constructs/channels.ts';
import { Cmms } from '../constructs/cmms.ts';
import { Incidents } from '../constructs/incidents.ts';
import { Maintenance } from '../constructs/maintenance.ts';
import { Silence } from '../constructs/silence.ts';
import type { Stage } from '../stage.ts';
import type { DataStack } from './data-stack.ts';
import type { PipelineStack } from './pipeline-stack.ts';

export interface OperationsStackProps extends StackProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly data: DataStack;
  readonly pipeline: PipelineStack;
  readonly pageUrl: string;
}

/** What people deal with: incidents, notifications, maintenance. */
export class OperationsStack extends Stack {
  readonly topics: AlertTopics;
  readonly incidents: Incidents;
  readonly maintenance: Maintenance;

  constructor(scope: Construct, id: string, props: OperationsStackProps) {
    super(scope, id, props);
    const { stage, bundles, data, pipeline, pageUrl } = props;
    const { events, alarms } = pipeline;
    this.topics = new AlertTopics(this, 'Alerts', { stage });
    this.incidents = new Incidents(this, 'Incidents', { stage, bundles, events, topics: this.topics, pageUrl });
    const links = new AcknowledgeLinks(this, 'AcknowledgeLinks', {
      stage,
      bundles,
      events,
      incidents: this.incidents,
    });
    const channels = new Channels(this, 'Channels', { stage, bundles, events, links, pageUrl });
    channels.deadLetters.forEach((queue, i) => {
      alarms.addQueue(`ChannelDeadLetters${i + 1}`, queue, {
        scope: this,
        meaning: 'Notices did not get through to a channel; mail still works.',
        runbook: 'channel-down',
      });
    });
    this.maintenance = new Maintenance(this, 'Maintenance', {
      ...{ stage, bundles, events, topics: this.topics },
      ...{ stream: data.telemetry.stream, registry: data.registry, twins: data.twins, pageUrl },
    });
    const { cmms } = stage.maintenance;
    if (cmms !== undefined) {
      const { deadLetters } = new Cmms(this, 'Cmms', { stage, events, cmms });
      alarms.addQueue('CmmsDeadLetters', deadLetters, {
        scope: this,
        meaning: 'The maintenance system did not take work orders for a day; here they go on.',
        runbook: 'cmms-down',
      });
    }
    const silence = new Silence(this, 'Silence', {
      ...{ stage, bundles, events, incidents: this.incidents },
      ...{ registry: data.registry, twins: data.twins },
    });
    alarms.add('SilenceFailed', {
      scope: this,
      metric: silence.worker.function.metricErrors({ period: Duration.minutes(1), statistic: 'Sum' }),
      threshold: 0,
      evaluationPeriods: 3,
      meaning: 'Nobody looks for silent machines: one that stops sending is noticed by nobody.',
      runbook: 'silence-failed',
    });
    alarms.addQueue('IncidentDeadLetters', this.incidents.deadLetters, {
      scope: this,
      meaning: 'Anomaly events could not be made into incidents: nobody was told of them.',
      runbook: 'incident-dead-letters',
    });
    alarms.addQueue('MaintenanceDeadLetters', this.maintenance.deadLetters, {
      scope: this,
      meaning: 'Requests for maintenance could not start a workflow: no work order was made of them.',
      runbook: 'maintenance-failed',
    });
    alarms.add('MaintenanceFailed', {
      scope: this,
      metric: sumPerMinute('AWS/States', 'ExecutionsFailed', {
        StateMachineArn: this.maintenance.machine.stateMachineArn,
      }),
      threshold: 0,
      meaning: 'A maintenance workflow failed: its work order stands still, whatever people decide.',
      runbook: 'maintenance-failed',
    });
  }
}
