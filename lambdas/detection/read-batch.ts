import { type Result, success } from '../../core/result.ts';
import { type ParseContext, parseMessage, parsePayload, type Rejection } from '../../core/telemetry/parse.ts';
import type { Sample } from '../../core/telemetry/sample.ts';
import type { StreamRecord } from '../ports/shard-state.ts';
import { type LifecycleEvent, parseLifecycle } from './lifecycle.ts';

export type Message = Sample | LifecycleEvent;

export interface ReadRecord {
  readonly record: StreamRecord;
  readonly machineId: string;
  readonly receivedAtMs: number;
  readonly messages: readonly Result<Message, Rejection>[];
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
    messages: readMessages(text, { ...catalogue, topicMachineId: machineId }),
  };
}

function readMessages(text: string, context: ParseContext): readonly Result<Message, Rejection>[] {
  const parsed = parseJson(text);
  if (!parsed.ok) return parseMessage(text, context); // says in its own words what is no JSON
  switch (channelOf(parsed.value)) {
    case 'lifecycle':
      return [parseLifecycle(parsed.value as Json)];
    case 'training_data':
      return []; // labelled runs are for the archive, where training finds them
    default:
      return parsePayload(parsed.value, context);
  }
}

type Json = Readonly<Record<string, unknown>>;

/** The rules mark what is no sample, because the topic is gone behind them. */
const channelOf = (payload: unknown): unknown =>
  typeof payload === 'object' && payload !== null ? (payload as Json).channel : undefined;

function parseJson(text: string): Result<unknown, null> {
  try {
    return success(JSON.parse(text));
  } catch {
    return { ok: false, error: null };
  }
}
