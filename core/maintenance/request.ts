import { z } from 'zod';
import { type Decision, decisions, type Severity, severities } from '../detection/observation.ts';
import { type CaseFile, evidenceOf } from '../incidents/case-file.ts';
import type { Incident } from '../incidents/incident.ts';
import type { MachineType } from '../machine-types/definition.ts';
import { clockHoursOf, type Forecast, type MachineForecast } from '../prognosis/forecast.ts';
import { failure, type Result, success } from '../result.ts';

/**
 * What starts a work order: a severity, a remaining life that runs short, or a person. One event on the bus,
 * `maintenance_request`, whoever asks; the work that it asks for still waits for a person's decision.
 */
export const maintenanceTriggers = ['severity', 'remaining_life', 'person'] as const;

const hours = z.number().nonnegative();
export const remainingLifeSchema = z.object({ component: z.string(), p10: hours, p50: hours, p90: hours });

export const maintenanceRequestSchema = z.object({
  schemaVersion: z.literal(1),
  /** The same for a repetition of the same wish. */
  eventId: z.string().min(1),
  atMs: z.number(),
  trigger: z.enum(maintenanceTriggers),
  /** `twin`, or a person's name. */
  by: z.string().min(1),
  reason: z.string().min(1),
  machine: z.object({
    machineId: z.string().min(1),
    machineType: z.string().min(1),
    name: z.string(),
    site: z.string(),
    line: z.string(),
  }),
  severity: z.enum(severities),
  /** What the twin advised at that moment. */
  gate: z.enum(decisions),
  /** An action of the machine type by its name; null: what the cause calls for. */
  action: z.string().nullable(),
  cause: z.object({ failureMode: z.string(), component: z.string() }).nullable(),
  /** Which of several: the tool in the magazine. Null, and absent in requests of before it was told, means the whole component. */
  part: z.string().min(1).nullable().default(null),
  incident: z.object({ incidentId: z.string(), episodeId: z.string(), code: z.string() }).nullable(),
  /** Hours left of the component, or of that part, where the twin could tell. */
  remainingLife: remainingLifeSchema.nullable(),
});

export type MaintenanceRequest = z.output<typeof maintenanceRequestSchema>;
export type RemainingLife = z.output<typeof remainingLifeSchema>;

/** What a person asks for; who it is comes from the token, the rest from the registry and the twin. */
export const personRequestSchema = z.strictObject({
  action: z.string().trim().min(1).max(100),
  reason: z.string().trim().min(1).max(500),
  part: z.string().trim().min(1).max(64).optional().describe('Which of several: the tool in the magazine; else all'),
});

export type PersonRequest = z.output<typeof personRequestSchema>;

export interface Asking {
  readonly machine: MaintenanceRequest['machine'];
  readonly type: MachineType;
  readonly by: string;
  readonly nowMs: number;
  /** The twin's present state; null where there is none, or none that is fresh. */
  readonly twin: {
    readonly severity: Severity;
    readonly advice: { readonly decision: Decision };
    readonly forecast?: MachineForecast | null;
  } | null;
}

/** A person's wish, which needs an action that the machine type knows. Put it on the bus as it is. */
export function requestByPerson(wish: PersonRequest, asking: Asking): Result<MaintenanceRequest, string> {
  const { machine, type, by, nowMs, twin } = asking;
  const action = type.actions.find(({ name }) => name === wish.action);
  if (action === undefined) {
    const allowed = type.actions.map(({ name }) => name).join(', ') || 'none';
    return failure(`action: got "${wish.action}", allowed for ${type.name} are ${allowed}`);
  }
  const { machineId, machineType, name, site, line } = machine;
  const { part = null } = wish;
  const problem = part === null ? null : findPartProblem(part, action.component, twin?.forecast ?? null);
  if (problem !== null) return failure(problem);
  return success({
    schemaVersion: 1,
    eventId: `${machineId}/request/${[action.name, ...listed(part)].join('/')}/${toSecond(nowMs)}`,
    atMs: nowMs,
    trigger: 'person',
    by,
    reason: wish.reason,
    machine: { machineId, machineType, name, site, line },
    severity: twin?.severity ?? 'normal',
    gate: twin?.advice.decision ?? 'human_review',
    action: action.name,
    cause: null,
    part,
    incident: null,
    remainingLife: lifeOf(twin?.forecast ?? null, action.component, part),
  });
}

/** A part that the twin does not know would be renewed without any effect. */
function findPartProblem(part: string, component: string, forecast: MachineForecast | null): string | null {
  const parts = (forecast?.components ?? []).flatMap((one) => (one.component === component ? listed(one.part) : []));
  if (parts.includes(part)) return null;
  return `part: got "${part}", allowed for ${component} are ${parts.join(', ') || 'none, for the twin knows none now'}`;
}

/** The twin's wish on an incident that `mayRequestMaintenance` lets through. */
export function requestForIncident(incident: Incident, eventId: string, atMs: number): MaintenanceRequest {
  const { caseFile, incidentId, severity } = incident;
  const { advice, causes, forecast, machine, transition } = caseFile;
  const cause = causes[0] ?? null;
  const part = cause === null ? null : partSeen(caseFile, cause.component);
  return {
    schemaVersion: 1,
    eventId,
    atMs,
    trigger: 'severity',
    by: 'twin',
    reason: advice?.rationale ?? 'The twin advises it',
    machine,
    severity,
    gate: advice?.decision ?? 'human_review',
    action: null,
    cause: cause === null ? null : { failureMode: cause.failureMode, component: cause.component },
    part,
    incident: { incidentId, episodeId: transition.episodeId, code: transition.code },
    remainingLife: cause === null ? null : lifeOf(forecast, cause.component, part),
  };
}

/** Which of the component's parts the episode was seen on; null where its evidence names none of them. */
function partSeen(caseFile: CaseFile, component: string): string | null {
  const seen = evidenceOf(caseFile).find(({ part }) => part !== undefined)?.part;
  const parts = (caseFile.forecast?.components ?? []).filter((one) => one.component === component);
  return parts.find(({ part }) => part === seen)?.part ?? null;
}

/** What `rul_crossed` tells, as far as it asks for work. */
const lifeCrossedSchema = z.object({
  eventId: z.string().min(1),
  atMs: z.number(),
  machine: maintenanceRequestSchema.shape.machine,
  severity: z.enum(severities),
  gate: z.enum(decisions),
  remainingLife: remainingLifeSchema.nullable(),
  crossing: z.object({
    to: z.literal('now'),
    due: z.object({
      component: z.string(),
      part: z.string().nullable().default(null),
      failureMode: z.string(),
      action: z.string(),
    }),
  }),
});

/** From either event that starts the workflow. Throws a ZodError where it is neither. */
export function readRequest(detail: unknown): MaintenanceRequest {
  const crossed = lifeCrossedSchema.safeParse(detail);
  return crossed.success ? requestForLife(crossed.data) : maintenanceRequestSchema.parse(detail);
}

function requestForLife(crossed: z.output<typeof lifeCrossedSchema>): MaintenanceRequest {
  const { eventId, atMs, machine, severity, gate, remainingLife, crossing } = crossed;
  const { component, part, failureMode, action } = crossing.due;
  return {
    schemaVersion: 1,
    ...{ eventId, atMs, machine, severity, gate, action, part, remainingLife },
    trigger: 'remaining_life',
    by: 'twin',
    reason: 'Ordered any later, the work comes after one in ten such parts has failed',
    cause: { failureMode, component },
    incident: null,
  };
}

type Told = Pick<Forecast, 'component' | 'status' | 'remainingHours' | 'clockHoursPerHour'> & {
  readonly part?: string | null | undefined;
};

/** On the clock, of that part, or of the component's part with the shortest; null where the twin withholds it, or has seen no wear of this very machine. */
export function lifeOf(
  forecast: { readonly components: readonly Told[] } | null,
  component: string,
  part: string | null = null,
): RemainingLife | null {
  const lives = (forecast?.components ?? []).flatMap(({ component: name, part: one, status, ...told }) => {
    const hours = clockHoursOf(told);
    const isMeant = name === component && (part === null || one === part);
    return isMeant && (status === 'wearing' || status === 'failed') && hours !== null ? [hours] : [];
  });
  const [shortest] = lives.sort((a, b) => a.p50 - b.p50);
  return shortest === undefined ? null : { component, p10: shortest.p10, p50: shortest.p50, p90: shortest.p90 };
}

/** One work order for an incident's component, or that part of it, or a person's wish, whatever asks for it how often. */
export function workOrderIdOf(request: MaintenanceRequest): string {
  const { incident, cause, action, machine, part, atMs } = request;
  const of = listed(part).map((name) => `.${name.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 64)}`);
  if (incident !== null) return `WO.${incident.incidentId}.${cause?.component ?? action}${of}`;
  const what = action ?? cause?.component ?? 'inspect';
  return `WO.${machine.machineId}.${what}${of}.${toSecond(atMs)}`;
}

const listed = (part: string | null): string[] => (part === null ? [] : [part]);

const toSecond = (atMs: number): string => new Date(atMs).toISOString().replace(/[-:]|\.\d+/g, '');
