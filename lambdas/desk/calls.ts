import { type IncidentAct, type IncidentList, type IncidentView, presentIncident } from '../../core/api/desk.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { PersonEvent } from '../../core/incidents/lifecycle.ts';
import type { Result } from '../../core/result.ts';
import { Refusal } from '../http/reply.ts';
import type { Asked, Call } from '../http/server.ts';

export interface DeskDeps {
  readonly listLive: (site: string) => Promise<readonly Incident[]>;
  readonly find: (incidentId: string) => Promise<Incident | undefined>;
  readonly act: (incidentId: string, event: PersonEvent) => Promise<Result<Incident, string>>;
}

export const deskCalls: Readonly<Record<string, Call<DeskDeps>>> = { listIncidents, actOnIncident };

async function listIncidents({ listLive }: DeskDeps, { query }: Asked): Promise<IncidentList> {
  const { site } = query as { site: string };
  return { site, incidents: (await listLive(site)).map(presentIncident) };
}

async function actOnIncident({ find, act }: DeskDeps, { parameters, body, caller }: Asked): Promise<IncidentView> {
  const incidentId = parameters.incidentId!;
  if ((await find(incidentId)) === undefined) {
    throw new Refusal(404, `incidentId: there is no incident "${incidentId}"`);
  }
  const done = await act(incidentId, toEvent(body as IncidentAct, caller?.name ?? 'somebody'));
  if (!done.ok) throw new Refusal(409, done.error);
  return presentIncident(done.value);
}

function toEvent(act: IncidentAct, by: string): PersonEvent {
  if (act.kind !== 'shelve') return { ...act, by };
  return { kind: 'shelve', by, reason: act.reason, untilMs: Date.parse(act.until) };
}
