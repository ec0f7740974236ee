/** What people see and do about incidents: the calls of the desk, beside those that only read twins. */
import { z } from 'zod';
import { severities } from '../detection/observation.ts';
import { type Incident, incidentStates, machinesOf } from '../incidents/incident.ts';
import { titleOf, whereOf } from '../incidents/wording.ts';
import { formatMoment } from './moment.ts';
import type { Operation } from './operations.ts';

const moment = z.iso.datetime({ offset: true });
const by = z.object({ by: z.string(), at: moment });

export const incidentSchema = z.object({
  incidentId: z.string(),
  title: z.string(),
  where: z.string(),
  site: z.string(),
  state: z.enum(incidentStates),
  severity: z.enum(severities).describe('The worst it ever was'),
  openedAt: moment,
  machineIds: z.array(z.string()),
  acknowledged: by.nullable(),
  assignee: z.string().nullable(),
  action: z.string().nullable().describe('What the newest case file advises'),
  requiredCheck: z.string().nullable(),
});

export const incidentListSchema = z.object({ site: z.string(), incidents: z.array(incidentSchema) });

const line = z.string().trim().min(1).max(500);

/** One thing a person does; who it is comes from the token. */
export const incidentActSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['acknowledge', 'start_work', 'resolve', 'close', 'reopen', 'unshelve']) }),
  z.strictObject({ kind: z.literal('comment'), text: line }),
  z.strictObject({ kind: z.literal('assign'), to: line }),
  z.strictObject({ kind: z.literal('shelve'), reason: line, until: moment }),
]);

const ofIncident = z.strictObject({ incidentId: z.string().regex(/^[A-Za-z0-9:_.-]{1,200}$/, 'use an incident’s id') });
const none = z.strictObject({});
const json = (schema: z.ZodType): Operation['answer'] => ({ contentType: 'application/json', schema });

export const deskOperations: readonly Operation[] = [
  {
    id: 'listIncidents',
    method: 'GET',
    path: '/api/incidents',
    summary: 'The incidents of a site that are not closed, the oldest first',
    role: 'viewer',
    parameters: none,
    query: z.strictObject({ site: z.string().min(1).max(100) }),
    body: null,
    answer: json(incidentListSchema),
  },
  {
    id: 'actOnIncident',
    method: 'POST',
    path: '/api/incidents/{incidentId}/acts',
    summary: 'Acknowledges an incident, or does with it what else a person may; kept in its history with the name',
    role: 'operator',
    parameters: ofIncident,
    query: none,
    body: incidentActSchema,
    answer: json(incidentSchema),
  },
];

export type IncidentView = z.output<typeof incidentSchema>;
export type IncidentList = z.output<typeof incidentListSchema>;
export type IncidentAct = z.output<typeof incidentActSchema>;

export function presentIncident(incident: Incident): IncidentView {
  const { incidentId, site, state, severity, openedAtMs, acknowledged, assignee, caseFile } = incident;
  return {
    incidentId,
    title: titleOf(incident),
    where: whereOf(incident),
    site,
    state,
    severity,
    openedAt: formatMoment(openedAtMs),
    machineIds: [...machinesOf(incident)],
    acknowledged: acknowledged === null ? null : { by: acknowledged.by, at: formatMoment(acknowledged.atMs) },
    assignee,
    action: caseFile.advice?.action ?? null,
    requiredCheck: caseFile.advice?.requiredCheck ?? null,
  };
}
