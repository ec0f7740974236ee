import type { Incident } from '../../core/incidents/incident.ts';
import { advance, type PersonEvent } from '../../core/incidents/lifecycle.ts';
import { failure, type Result, success } from '../../core/result.ts';
import { type CommitDeps, commit } from './commit.ts';

/** A person does something about an incident: on what is stored now, or refused with a sentence. */
export async function actOnIncident(
  deps: CommitDeps,
  incidentId: string,
  event: PersonEvent,
): Promise<Result<Incident, string>> {
  const read = (await deps.store.load([incidentId])).get(incidentId);
  if (read === undefined) return failure(`there is no incident "${incidentId}"`);
  let refusal: string | null = null;
  const [after] = await commit(deps, read.site, async (board) => {
    const incident = (await deps.store.load([incidentId])).get(incidentId) ?? read;
    const result = advance(incident, event, { nowMs: deps.nowMs(), policy: deps.policy });
    refusal = result.ok ? null : result.error;
    return { board, touched: result.ok ? [{ before: incident, event, step: result.value }] : [] };
  });
  return refusal === null && after !== undefined ? success(after) : failure(refusal ?? `${incidentId}: not changed`);
}
