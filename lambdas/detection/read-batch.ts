import type { Result } from '../../core/result.ts';
import { type ParseContext, parseMessage, type Rejection } from '../../core/telemetry/parse.ts';
import type { Sample } from '../../core/telemetry/sample.ts';
import type { StreamRecord } from '../ports/shard-state.ts';

export interface ReadRecord {
  readonly record: StreamRecord;
  readonly machineId: string;
  readonly receivedAtMs: number;
  readonly samples: readonly Result<Sample, Rejection>[];
}

export type Catalogue = Pick<ParseContext, 'findType' | 'types'>;

/** The rule keys a record by the machine in its topic: whoever published, the payload must name the same. */
export function readRecord(record: StreamRecord, catalogue: Catalogue): ReadRecord {
  const machineId = record.partitionKey;
  const text = Buffer.from(record.data, 'base64').toString('utf8');
  return {
    record,
    machineId,
    receivedAtMs: Math.round(record.approximateArrivalTimestamp * 1000),
    samples: parseMessage(text, { ...catalogue, topicMachineId: machineId }),
  };
}
