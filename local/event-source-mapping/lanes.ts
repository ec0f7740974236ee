import type { StreamRecord } from '../kinesis/shard-log.ts';

/** A machine's records stay in one lane, in order. */
export function splitByKey(records: readonly StreamRecord[], laneCount: number): StreamRecord[][] {
  const lanes: StreamRecord[][] = Array.from({ length: laneCount }, () => []);
  for (const record of records) {
    let sum = 0;
    for (let i = 0; i < record.partitionKey.length; i++) sum = (sum * 31 + record.partitionKey.charCodeAt(i)) >>> 0;
    lanes[sum % laneCount]!.push(record);
  }
  return lanes.filter((lane) => lane.length > 0);
}
