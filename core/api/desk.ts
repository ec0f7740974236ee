/** What people see and do about incidents: the calls of the desk, beside those that only read twins. */
import { z } from 'zod';
import { evidenceSchema } from '../detection/evidence-schema.ts';
import { severities } from '../detection/observation.ts';
import { evidenceOf } from '../incidents/case-file.ts';
import type { HistoryEntry } from '../incidents/history.ts';
import { type Incident, incidentStates, machinesOf, titleOfEpisode } from '../incidents/incident.ts';
import { titleOf, whereOf } from '../incidents/wording.ts';
import { formatMoment } from './moment.ts';
import { get, json, type Operation, post } from './operation.ts';
import { cursor, line, moment, name, next, pageSize, thingId } from './parameters.ts';
import { workOrderOperations } from './work-orders.ts';

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

export const incidentListSchema = z.object({ site: z.string(), incidents: z.array(incidentSchema), next });

export const incidentDetailSchema = incidentSchema.extend({
  commonCause: z.string().nullable().describe('What the machines of a group have in common'),
  level: z.number().describe('Who is asked: 1 is on-call, each above it after the one below kept silent'),
  escalateAt: moment.nullable(),
  resolvedAt: moment.nullable(),
  shelf: z.object({ reason: z.string(), until: moment }).nullable(),
  mergedInto: z.string().nullable(),
  flaps: z.number(),
  episodes: z.array(
    z.object({
      machineId: z.string(),
      code: z.string(),
      title: z.string(),
      severity: z.enum(severities),
      isOpen: z.boolean(),
    }),
  ),
  evidence: z.array(evidenceSchema).describe('Of the newest case file'),
  causes: z.array(z.object({ failureMode: z.string(), component: z.string(), weight: z.number() })),
  history: z.array(
    z.object({
      sequence: z.number(),
      at: moment,
      by: z.string(),
      kind: z.string(),
      detail: z.record(z.string(), z.unknown()),
      seal: z.string(),
    }),
  ),
  historyBreak: z.string().nullable().describe('Null where every entry is sealed to the one before it'),
});

/** One thing a person does; who it is comes from the token. */
export const incidentActSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['acknowledge', 'start_work', 'resolve', 'close', 'reopen', 'unshelve']) }),
  z.strictObject({ kind: z.literal('comment'), text: line }),
  z.strictObject({ kind: z.literal('assign'), to: line }),
  z.strictObject({ kind: z.literal('shelve'), reason: line, until: moment }),
]);

export const shiftSchema = z.object({
  site: z.string(),
  startedAt: moment,
  endsAt: moment,
  pages: z.number().describe('Calls to people so far'),
  budget: z.number().describe('Beyond it, only what is critical calls'),
});

const ofIncident = z.strictObject({ incidentId: thingId });

export const incidentQuery = z.strictObject({
  site: name,
  at: moment.optional(),
  limit: pageSize(500, 200),
  cursor: cursor.optional(),
});

export const incidentOperations = [
  get('listIncidents', '/api/incidents', {
    summary: 'The incidents of a site that are not closed, or with `at` those that stood open then, the oldest first',
    query: incidentQuery,
    answer: json(incidentListSchema),
  }),
  get('getIncident', '/api/incidents/{incidentId}', {
    summary: 'One incident, closed or not, with its evidence and its sealed history',
    parameters: ofIncident,
    answer: json(incidentDetailSchema),
  }),
  get('getShift', '/api/shift', {
    summary: 'How many calls the present shift of a site had, of how many it may have',
    query: z.strictObject({ site: name }),
    answer: json(shiftSchema),
  }),
  post('actOnIncident', '/api/incidents/{incidentId}/acts', {
    summary: 'Acknowledges an incident, or does with it what else a person may; kept in its history with the name',
    parameters: ofIncident,
    body: incidentActSchema,
    answer: json(incidentSchema),
  }),
] as const;

export const deskOperations: readonly Operation[] = [...incidentOperations, ...workOrderOperations];

export type IncidentView = z.output<typeof incidentSchema>;
export type Shift = z.output<typeof shiftSchema>;
export type IncidentList = z.output<typeof incidentListSchema>;
export type IncidentDetail = z.output<typeof incidentDetailSchema>;
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

/** Until it came to rest; what was merged into another counts there. Nothing is closed before it rests. */
export function wasOpenAt({ openedAtMs, resolvedAtMs, mergedInto }: Incident, atMs: number): boolean {
  return openedAtMs <= atMs && mergedInto === null && (resolvedAtMs === null || resolvedAtMs > atMs);
}

export interface IncidentRecord {
  readonly incident: Incident;
  readonly history: readonly HistoryEntry[];
  readonly historyBreak: string | null;
}

const momentOf = (atMs: number | null): string | null => (atMs === null ? null : formatMoment(atMs));

export function presentIncidentInFull({ incident, history, historyBreak }: IncidentRecord): IncidentDetail {
  const { commonCause, level, escalateAtMs, resolvedAtMs, shelf, mergedInto, flaps, episodes, caseFile } = incident;
  return {
    ...presentIncident(incident),
    commonCause,
    level,
    escalateAt: momentOf(escalateAtMs),
    resolvedAt: momentOf(resolvedAtMs),
    shelf: shelf === null ? null : { reason: shelf.reason, until: formatMoment(shelf.untilMs) },
    mergedInto,
    flaps,
    episodes: Object.values(episodes).map((episode) => ({ ...episode, title: titleOfEpisode(episode) })),
    evidence: [...evidenceOf(caseFile)],
    causes: [...caseFile.causes],
    history: history.map(({ sequence, atMs, by, kind, detail, seal }) => {
      return { sequence, at: formatMoment(atMs), by, kind, detail, seal };
    }),
    historyBreak,
  };
}
