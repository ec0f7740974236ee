import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { parseTopic } from '../../core/telemetry/topic.ts';

/** A record on its way back to the stream. */
export interface RedrivenRecord {
  readonly machineId: string;
  readonly data: Uint8Array;
}

/** Per request (Kinesis API reference, PutRecords). */
const recordsPerRequest = 500;

/** Puts records on the stream in order; an answer can be a success with failed records in it. */
export async function putBack(
  client: KinesisClient,
  streamName: string,
  records: readonly RedrivenRecord[],
): Promise<void> {
  for (let at = 0; at < records.length; at += recordsPerRequest) {
    const chunk = records.slice(at, at + recordsPerRequest);
    const answer = await client.send(
      new PutRecordsCommand({
        StreamName: streamName,
        Records: chunk.map(({ machineId, data }) => ({ PartitionKey: machineId, Data: data })),
      }),
    );
    if ((answer.FailedRecordCount ?? 0) > 0) {
      throw new Error(`the stream refused ${answer.FailedRecordCount} of ${chunk.length} records; try again later`);
    }
  }
}

/** A message of the quarantine: the record as it came. */
export function readQuarantined(body: string): RedrivenRecord & { readonly reason: string } {
  const { machineId, reason, dataBase64 } = JSON.parse(body) as Record<string, string>;
  return { machineId: machineId!, reason: reason!, data: Buffer.from(dataBase64!, 'base64') };
}

/** What an IoT rule's error action tells: the topic, and the message as the machine sent it. */
export function readIngestError(body: string): RedrivenRecord & { readonly reason: string } {
  const message = JSON.parse(body) as {
    topic: string;
    base64OriginalPayload: string;
    failures?: readonly { readonly errorMessage?: string }[];
  };
  const topic = parseTopic(message.topic);
  if (!topic.ok) throw new Error(topic.error);
  const { machineId, channel } = topic.value;
  const data = Buffer.from(message.base64OriginalPayload, 'base64');
  const reason = message.failures?.[0]?.errorMessage ?? 'no reason given';
  return { machineId, reason, data: channel === 'telemetry' || channel === 'process' ? data : mark(data, channel) };
}

/** As the rule would have marked it on its way; what is no JSON goes to quarantine as it is. */
function mark(data: Buffer, channel: string): Buffer {
  try {
    return Buffer.from(JSON.stringify({ ...JSON.parse(data.toString('utf8')), channel }));
  } catch {
    return data;
  }
}

/** What Lambda keeps of a batch that failed to the last attempt: the whole event, as text. */
export function readFailedBatch(body: string): RedrivenRecord[] {
  const { payload } = JSON.parse(body) as { payload?: string | { Records?: unknown } };
  const event = typeof payload === 'string' ? JSON.parse(payload) : payload;
  const records = (event?.Records ?? []) as { kinesis: { partitionKey: string; data: string } }[];
  return records.map(({ kinesis }) => ({
    machineId: kinesis.partitionKey,
    data: Buffer.from(kinesis.data, 'base64'),
  }));
}
