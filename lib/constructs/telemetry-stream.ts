import { Duration } from 'aws-cdk-lib';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import { streamName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/** Every message of every machine, in the machine's own order, for as long as a consumer may need to be mended. */
export class TelemetryStream extends Construct {
  readonly stream: Stream;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    const { capacity, retention } = props.stage;
    this.stream = new Stream(this, 'Stream', {
      ...(capacity.mode === 'provisioned'
        ? { streamMode: StreamMode.PROVISIONED, shardCount: capacity.shards }
        : { streamMode: StreamMode.ON_DEMAND }),
      streamName: streamName(props.stage.name),
      encryption: StreamEncryption.MANAGED,
      retentionPeriod: Duration.hours(retention.streamHours),
      removalPolicy: removalPolicyOf(props.stage),
    });
  }
}
