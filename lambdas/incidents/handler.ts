import { type CaseFile, parseCaseFile } from '../../core/incidents/case-file.ts';
import { advance, nextDueMs } from '../../core/incidents/lifecycle.ts';
import { listCandidates, receive } from '../../core/incidents/receive.ts';
import { silenceCode } from '../../core/incidents/silence.ts';
import type { Log, Metrics } from '../ports/telling.ts';
import { type CommitDeps, commit } from './commit.ts';

export interface IncidentsDeps extends CommitDeps {
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface QueueEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly body: string;
  }[];
}

export interface QueueResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Messages of the incident queue: anomaly events from the bus, and checks that time asked for. One fails alone. */
export function createIncidentsHandler(deps: IncidentsDeps) {
  return async (event: QueueEvent): Promise<QueueResponse> => {
    const failed: string[] = [];
    for (const { messageId, body } of event.Records) {
      try {
        await take(deps, body);
      } catch (error) {
        failed.push(messageId);
        deps.metrics.count('IncidentMessagesFailed', 1);
        deps.log.error('a message was not taken and comes again', { messageId, reason: String(error) });
      }
    }
    deps.metrics.flush();
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

async function take(deps: IncidentsDeps, body: string): Promise<void> {
  const message = JSON.parse(body) as { check?: { incidentId: string; dueMs: number }; detail?: unknown };
  if (message.check !== undefined) return check(deps, message.check);
  const caseFile = parseCaseFile(message.detail);
  if (!caseFile.ok) throw new Error(caseFile.error);
  await takeCase(deps, caseFile.value);
}

async function takeCase(deps: IncidentsDeps, caseFile: CaseFile): Promise<void> {
  let isNew = false;
  await commit(deps, caseFile.machine.site, async (board) => {
    const incidents = await deps.store.load(listCandidates(board, caseFile));
    const reception = receive({ board, incidents, caseFile, nowMs: deps.nowMs(), policy: deps.policy });
    isNew = isSeenOnMachine(caseFile) && reception.touched.some(({ step }) => step.isChange);
    return reception;
  });
  const tookMs = Math.max(0, deps.nowMs() - caseFile.atMs);
  deps.metrics.durationMs('SampleToIncident', tookMs);
  if (isNew) {
    deps.metrics.count('EpisodesTold', 1);
    deps.metrics.count('EpisodesToldLate', tookMs > deps.policy.warnWithinMs ? 1 : 0);
  }
}

/** What opens on a sample; silence has none, and is looked for by the minute. */
const isSeenOnMachine = ({ transition }: CaseFile): boolean =>
  transition.kind === 'opened' && transition.code !== silenceCode;

/** A check made for another moment than the incident's present one is out of date: another one is under way. */
async function check(deps: IncidentsDeps, { incidentId, dueMs }: { incidentId: string; dueMs: number }): Promise<void> {
  const read = (await deps.store.load([incidentId])).get(incidentId);
  if (read === undefined || nextDueMs(read, deps.policy) !== dueMs) return;
  if (deps.nowMs() < dueMs) return deps.reminder.checkAt(incidentId, dueMs);
  await commit(deps, read.site, async (board) => {
    const incident = (await deps.store.load([incidentId])).get(incidentId) ?? read;
    const event = { kind: 'tick' } as const;
    const result = advance(incident, event, { nowMs: deps.nowMs(), policy: deps.policy });
    return { board, touched: result.ok ? [{ before: incident, event, step: result.value }] : [] };
  });
}
