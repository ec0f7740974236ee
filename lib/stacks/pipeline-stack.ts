import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundles } from '../bundle.ts';
import { Alarms, sumPerMinute } from '../constructs/alarms.ts';
import { Budget } from '../constructs/budget.ts';
import { Detection } from '../constructs/detection.ts';
import { EventBus } from '../constructs/event-bus.ts';
import { Ingest } from '../constructs/ingest.ts';
import { MachineAccess } from '../constructs/machine-access.ts';
import { PipelineAlarms } from '../constructs/pipeline-alarms.ts';
import { Provisioning } from '../constructs/provisioning.ts';
import { Rollups } from '../constructs/rollups.ts';
import { TimeSeriesStore } from '../constructs/time-series-store.ts';
import type { Stage } from '../stage.ts';
import type { DataStack } from './data-stack.ts';

export interface PipelineStackProps extends StackProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly data: DataStack;
}

/** What moves data: rules, functions, the bus. It can be thrown away and deployed again. */
export class PipelineStack extends Stack {
  readonly events: EventBus;
  readonly alarms: Alarms;

  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, props);
    const { stage, bundles, data } = props;
    const { stream } = data.telemetry;
    this.events = new EventBus(this, 'Events', { stage });
    this.alarms = new Alarms(this, 'Alarms', { stage });
    new MachineAccess(this, 'MachineAccess', { stage });
    const ingest = new Ingest(this, 'Ingest', { stage, stream });
    const detection = new Detection(this, 'Detection', {
      stage,
      bundles,
      stream,
      timeSeries: data.timeSeries,
      twins: data.twins,
      registry: data.registry,
      shardState: data.shardState,
      learned: data.learned,
      events: this.events,
      failures: data.failures,
    });
    if (data.timeSeries instanceof TimeSeriesStore) {
      const { failures } = new Rollups(this, 'Rollups', {
        ...{ stage, bundles },
        ...{ store: data.timeSeries, reports: data.failures },
      });
      this.alarms.addQueue('RollupFailures', failures, {
        meaning: 'Samples could not be rolled up: long histories take long, and show gaps when samples expire.',
        runbook: 'rollup-failed',
      });
    }
    if (!stage.laptop) {
      new Provisioning(this, 'Provisioning', { stage, bundles, registry: data.registry });
      this.alarms.add('ProvisioningRefused', {
        metric: sumPerMinute('FactoryTwin', 'ProvisioningRefused', { service: 'provisioning', stage: stage.name }),
        threshold: 0,
        meaning:
          'A machine asked for a certificate by the claim and was refused: it is unknown, or somebody has the claim.',
        runbook: 'provisioning-refused',
      });
      new Budget(this, 'Budget', { stage });
    }
    new PipelineAlarms(this, 'PipelineAlarms', {
      stage,
      alarms: this.alarms,
      telemetry: data.telemetry,
      archive: data.archive,
      ingest,
      detection,
    });
  }
}
