import type { z } from 'zod';
import {
  type IncidentAct,
  type IncidentDetail,
  type IncidentList,
  type IncidentView,
  type incidentQuery,
  presentIncident,
  presentIncidentInFull,
  wasOpenAt,
} from '../../core/api/desk.ts';
import { formatMoment } from '../../core/api/moment.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { PersonEvent } from '../../core/incidents/lifecycle.ts';
import { takePage } from '../http/page.ts';
import { readPast } from '../http/parameters.ts';
import { Refusal } from '../http/reply.ts';
import type { Asked, Call } from '../http/server.ts';
import type { Desk } from '../incidents/desk.ts';
import { type OrderDeps, orderCalls } from './order-calls.ts';

export interface OpenedIn {
  readonly site: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface DeskDeps extends OrderDeps {
  readonly desk: Desk;
  readonly listLive: (site: string) => Promise<readonly Incident[]>;
  /** Closed or not, by when they were opened; the oldest first. */
  readonly listOpened: (asked: OpenedIn) => Promise<readonly Incident[]>;
  readonly find: (incidentId: string) => Promise<Incident | undefined>;
}

/** What has been open for longer is not looked for. */
const longestOpenMs = 90 * 24 * 3_600_000;

export const deskCalls: Readonly<Record<string, Call<DeskDeps>>> = {
  listIncidents,
  getIncident,
  getShift: async ({ desk }, { query }) => {
    const { site } = query as { site: string };
    const { startedAtMs, endsAtMs, pages, budget } = await desk.shift(site);
    return { site, startedAt: formatMoment(startedAtMs), endsAt: formatMoment(endsAtMs), pages, budget };
  },
  actOnIncident,
  ...orderCalls,
};

type ListDeps = Pick<DeskDeps, 'listLive' | 'listOpened'>;

export async function listIncidents(deps: ListDeps, { query, nowMs }: Asked): Promise<IncidentList> {
  const { site, at, limit, cursor } = query as z.output<typeof incidentQuery>;
  const found = at === undefined ? await deps.listLive(site) : await listOpenAt(deps, site, readPast(at, nowMs));
  const page = takePage(found, ({ incidentId }) => incidentId, { limit, cursor });
  return { site, incidents: page.items.map(presentIncident), next: page.next };
}

async function listOpenAt({ listOpened }: ListDeps, site: string, atMs: number): Promise<readonly Incident[]> {
  const opened = await listOpened({ site, fromMs: atMs - longestOpenMs, toMs: atMs });
  return opened.filter((incident) => wasOpenAt(incident, atMs));
}

async function getIncident({ desk }: DeskDeps, { parameters }: Asked): Promise<IncidentDetail> {
  const found = await desk.show(parameters.incidentId!);
  if (!found.ok) throw new Refusal(404, `incidentId: ${found.error}`);
  return presentIncidentInFull(found.value);
}

async function actOnIncident({ find, desk }: DeskDeps, { parameters, body, caller }: Asked): Promise<IncidentView> {
  const incidentId = parameters.incidentId!;
  if ((await find(incidentId)) === undefined) {
    throw new Refusal(404, `incidentId: there is no incident "${incidentId}"`);
  }
  const done = await desk.act(incidentId, toEvent(body as IncidentAct, caller?.name ?? 'somebody'));
  if (!done.ok) throw new Refusal(409, done.error);
  return presentIncident(done.value);
}

function toEvent(act: IncidentAct, by: string): PersonEvent {
  if (act.kind !== 'shelve') return { ...act, by };
  return { kind: 'shelve', by, reason: act.reason, untilMs: Date.parse(act.until) };
}
