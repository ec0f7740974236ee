import type { Delivery } from '../run.ts';
import type { Message } from './sink.ts';

/** Turns deliveries into messages; `flush` gives what was held back for a batch. */
export interface Encoder {
  encode(delivery: Delivery): Message | undefined;
  flush(): Message[];
  /** Samples held back. */
  heldSamples(): number;
}

/** A payload that IoT Core takes is at most this long (AWS IoT Core endpoints and quotas). */
export const maxPayloadBytes = 131_072;

/** `{"samples":[` and `]}`; the comma between two samples is counted with each. */
const envelopeBytes = 14;

interface Batch {
  delivery: Delivery;
  texts: string[];
  bytes: number;
}

/** JSON, one sample a message, or `{"samples":[…]}` with up to `batchSize` of one machine and channel. */
export function createJsonEncoder(batchSize: number): Encoder {
  const batches = new Map<string, Batch>();
  let held = 0;
  const release = (key: string, batch: Batch): Message => {
    batches.delete(key);
    held -= batch.texts.length;
    return toMessage(batch.delivery, `{"samples":[${batch.texts.join(',')}]}`, batch.texts.length);
  };
  const encode = (delivery: Delivery): Message | undefined => {
    const text = JSON.stringify(delivery.payload);
    if (batchSize <= 1) return toMessage(delivery, text, 1);
    const key = `${delivery.machineId}/${delivery.channel}`;
    const batch = batches.get(key);
    held++;
    const bytes = Buffer.byteLength(text) + 1;
    // A batch that would pass the limit goes out before this sample joins it.
    const overflowing = batch !== undefined && batch.bytes + bytes + envelopeBytes > maxPayloadBytes;
    const full = overflowing ? release(key, batch) : undefined;
    const open = full === undefined ? batch : undefined;
    if (open === undefined) {
      batches.set(key, { delivery, texts: [text], bytes });
      return full;
    }
    open.texts.push(text);
    open.bytes += bytes;
    return open.texts.length >= batchSize ? release(key, open) : undefined;
  };
  const flush = (): Message[] => [...batches].map(([key, batch]) => release(key, batch));
  return { encode, flush, heldSamples: () => held };
}

function toMessage(delivery: Delivery, text: string, sampleCount: number): Message {
  return { machineId: delivery.machineId, channel: delivery.channel, text, sampleCount };
}
