/**
 * What becomes of one batch of a shard: the rules of Lambda's event source mapping for streams.
 *
 * A function that fails or names failed items gets the records again from the lowest failed one on, the rest counts as
 * done. With bisection a failed batch is halved; one that failed in part is cut at the named item instead, and the rest
 * comes whole. Neither takes from the retries. Records older than the greatest age, and those whose retries are used up,
 * go to the failure destination, and the shard goes on.
 * Source: Lambda developer guide, "Using Lambda to process records from Amazon Kinesis Data Streams", "Configuring
 * partial batch response with Kinesis Data Streams and Lambda".
 */
import type { StreamRecord } from '../kinesis/shard-log.ts';
import type { Outcome } from '../lambda/function.ts';

export interface BatchRules {
  /** Infinity where none is set. */
  readonly maxRetries: number;
  readonly maxRecordAgeMs: number;
  readonly bisects: boolean;
  readonly reportsItemFailures: boolean;
}

export type GiveUpReason = 'RetryAttemptsExhausted' | 'EventAgeExceeded';

export interface BatchActions {
  invoke(records: readonly StreamRecord[]): Promise<Outcome>;
  /** Finds a record by what the function named. */
  findIndex(itemIdentifier: string): number;
  giveUp(records: readonly StreamRecord[], reason: GiveUpReason, attempts: number): Promise<void>;
  /** Everything before this index is done with. */
  commit(nextIndex: number): void;
  wait(attempt: number): Promise<void>;
  nowMs(): number;
  isStopped(): boolean;
}

interface Part {
  records: readonly StreamRecord[];
  failures: number;
}

/** Ends when every record is done or given up, or when the mapping stops. */
export async function processBatch(
  records: readonly StreamRecord[],
  rules: BatchRules,
  actions: BatchActions,
): Promise<void> {
  const parts: Part[] = [{ records, failures: 0 }];
  while (parts.length > 0 && !actions.isStopped()) {
    const part = parts[0]!;
    if (!(await dropOld(part, rules, actions))) {
      parts.shift();
      continue;
    }
    const failedAt = await runPart(part, rules, actions);
    if (actions.isStopped()) return;
    const done = part.records.slice(0, failedAt);
    if (done.length > 0) actions.commit(done.at(-1)!.index + 1);
    if (failedAt >= part.records.length) {
      parts.shift();
      continue;
    }
    part.records = part.records.slice(failedAt);
    if (rules.bisects && failedAt > 0) await actions.wait(1);
    else await retryLater(parts, rules, actions);
  }
}

/** How many records from the front are done: all of them, or up to the first that failed. */
async function runPart(part: Part, rules: BatchRules, actions: BatchActions): Promise<number> {
  const outcome = await actions.invoke(part.records);
  if (!outcome.ok) return 0;
  if (!rules.reportsItemFailures) return part.records.length;
  const failures = readFailures(outcome.payload);
  if (failures === undefined) return 0;
  const first = part.records[0]!.index;
  const indices = failures.map((id) => actions.findIndex(id) - first);
  // An identifier that is not of this batch fails the whole batch.
  if (indices.some((i) => !(i >= 0 && i < part.records.length))) return 0;
  return Math.min(part.records.length, ...indices);
}

function readFailures(payload: string): string[] | undefined {
  const response = JSON.parse(payload) as { batchItemFailures?: { itemIdentifier?: unknown }[] | null } | null;
  const failures = response?.batchItemFailures ?? [];
  const identifiers = failures.map((failure) => failure.itemIdentifier);
  return identifiers.every((id) => typeof id === 'string' && id !== '') ? (identifiers as string[]) : undefined;
}

async function retryLater(parts: Part[], rules: BatchRules, actions: BatchActions): Promise<void> {
  const part = parts[0]!;
  const { records, failures } = part;
  if (rules.bisects && records.length > 1) {
    const middle = Math.ceil(records.length / 2);
    parts.splice(0, 1, { records: records.slice(0, middle), failures }, { records: records.slice(middle), failures });
    await actions.wait(failures + 1);
    return;
  }
  part.failures += 1;
  if (part.failures > rules.maxRetries) {
    await actions.giveUp(records, 'RetryAttemptsExhausted', part.failures);
    actions.commit(records.at(-1)!.index + 1);
    parts.shift();
  } else await actions.wait(part.failures);
}

/** False when nothing of the part is left. */
async function dropOld(part: Part, rules: BatchRules, actions: BatchActions): Promise<boolean> {
  const oldestMs = actions.nowMs() - rules.maxRecordAgeMs;
  const young = part.records.findIndex((record) => record.arrivalMs >= oldestMs);
  if (young === 0) return true;
  const old = young < 0 ? part.records : part.records.slice(0, young);
  await actions.giveUp(old, 'EventAgeExceeded', part.failures);
  actions.commit(old.at(-1)!.index + 1);
  part.records = young < 0 ? [] : part.records.slice(young);
  return part.records.length > 0;
}
