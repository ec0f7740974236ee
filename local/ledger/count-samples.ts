/** Topics whose messages carry samples that the pipeline stores. */
const sampleChannels = new Set(['telemetry', 'process']);

/** The machine of `factory/<machineId>/<channel>`, null for a topic that carries no samples. */
export function readTopicMachine(topic: string): string | null {
  const [, machineId, channel] = topic.replace(/^\$aws\/rules\/[^/]+\//, '').split('/');
  return machineId !== undefined && channel !== undefined && sampleChannels.has(channel) ? machineId : null;
}

const timestampKey = Buffer.from('"timestamp"');
const samplesKey = Buffer.from('"samples"');
/** What rules mark the messages of other channels with. */
const otherChannels = ['lifecycle', 'training_data'].map((channel) => Buffer.from(`"channel":"${channel}"`));

/**
 * How many samples a message holds, without parsing it: each sample of a batch has one timestamp. A message that is no
 * batch, poison too, is one; a lifecycle event and a labelled run are none.
 */
export function countSamples(payload: Uint8Array): number {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (otherChannels.some((mark) => bytes.includes(mark))) return 0;
  if (!bytes.includes(samplesKey)) return 1;
  let count = 0;
  for (let at = bytes.indexOf(timestampKey); at >= 0; at = bytes.indexOf(timestampKey, at + timestampKey.length))
    count += 1;
  return Math.max(1, count);
}
