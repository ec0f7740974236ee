import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Quarantine, QuarantinedMessage } from '../ports/quarantine.ts';

/** Per request: ten messages and 256 KiB in all (SQS developer guide, "Message quotas"). */
const messagesPerRequest = 10;
const bytesPerRequest = 256 * 1024;

/** Keeps what cannot be used in a queue, whole, for a person to look at and `npm run redrive` to put back. */
export class SqsQuarantine implements Quarantine {
  private readonly client: SQSClient;
  private readonly queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.client = client;
    this.queueUrl = queueUrl;
  }

  async keep(messages: readonly QuarantinedMessage[]): Promise<void> {
    for (const bodies of packBySize(messages.map((message) => JSON.stringify(message)))) {
      const entries = bodies.map((MessageBody, i) => ({ Id: String(i), MessageBody }));
      const answer = await this.client.send(new SendMessageBatchCommand({ QueueUrl: this.queueUrl, Entries: entries }));
      const [failed] = answer.Failed ?? [];
      if (failed !== undefined) throw new Error(`quarantine refused a message: ${failed.Code} ${failed.Message ?? ''}`);
    }
  }
}

function packBySize(bodies: readonly string[]): string[][] {
  const packs: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const body of bodies) {
    const size = Buffer.byteLength(body);
    if (bytes + size > bytesPerRequest || packs.at(-1)!.length === messagesPerRequest) {
      packs.push([]);
      bytes = 0;
    }
    packs.at(-1)!.push(body);
    bytes += size;
  }
  return packs;
}
