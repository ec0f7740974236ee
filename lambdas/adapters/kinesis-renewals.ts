import { type KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import type { Renewals } from '../ports/workflow.ts';

/** On the machine's own stream, so that the renewal takes its place among the samples before and after the repair. */
export class KinesisRenewals implements Renewals {
  private readonly client: KinesisClient;
  private readonly streamName: string;

  constructor(client: KinesisClient, streamName: string) {
    this.client = client;
    this.streamName = streamName;
  }

  async renew(...[machineId, renewed, report]: Parameters<Renewals['renew']>): Promise<void> {
    const message = { channel: 'lifecycle', event: 'maintenance_done', ...renewed, ...report };
    const Data = new TextEncoder().encode(JSON.stringify(message));
    await this.client.send(new PutRecordCommand({ StreamName: this.streamName, PartitionKey: machineId, Data }));
  }
}
