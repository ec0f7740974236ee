import { z } from 'zod';
import { severities } from '../detection/observation.ts';
import type { Role } from './roles.ts';
import {
  anomaliesSchema,
  fleetSchema,
  freshnesses,
  historySchema,
  machineIdSchema,
  machinePageSchema,
  machineTypeSummarySchema,
  twinSchema,
} from './schemas.ts';

/**
 * Every call there is. The document, the gateway's routes and the handler's choice are made from this list, so that none
 * can know a call that the others do not.
 */
export interface Operation {
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** Parameters in braces, as OpenAPI and API Gateway both write them. */
  readonly path: string;
  readonly summary: string;
  /** Null: without a token. */
  readonly role: Role | null;
  readonly parameters: z.ZodObject;
  readonly query: z.ZodObject;
  /** Null: none is read. */
  readonly body: z.ZodType | null;
  readonly answer: { readonly contentType: string; readonly schema: z.ZodType };
}

const none = z.strictObject({});
const ofMachine = z.strictObject({ machineId: machineIdSchema });
const text = z.string().min(1).max(100);
const moment = z.iso.datetime({ offset: true, message: 'use ISO 8601 with a zone, like 2026-01-31T12:00:00Z' });
const cursor = z.string().regex(/^[A-Za-z0-9_-]{1,400}$/, 'use `next` of the page before');
const pageSize = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
const range = { from: moment.optional(), to: moment.optional() };
const json = (schema: z.ZodType): Operation['answer'] => ({ contentType: 'application/json', schema });

const signalList = z
  .string()
  .regex(/^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$/, 'use signal names with commas between')
  .transform((names) => names.split(','));

export const historyQuery = z.strictObject({
  ...range,
  resolutionS: z.coerce.number().int().min(1).max(86_400).optional(),
  signals: signalList.optional(),
  limit: pageSize(5000, 1000),
  cursor: cursor.optional(),
});

export const anomalyQuery = z.strictObject({ ...range, limit: pageSize(1000, 200) });

export const machineQuery = z.strictObject({
  site: text.optional(),
  line: text.optional(),
  type: text.optional(),
  freshness: z.enum(freshnesses).optional(),
  severity: z.enum(severities).optional(),
  limit: pageSize(1000, 200),
  cursor: cursor.optional(),
});

const get = (
  id: string,
  path: string,
  rest: Partial<Omit<Operation, 'id' | 'path'>> & Pick<Operation, 'summary' | 'answer'>,
): Operation => ({ id, method: 'GET', path, role: 'viewer', parameters: none, query: none, body: null, ...rest });

export const operations: readonly Operation[] = [
  get('listMachines', '/api/machines', {
    summary: 'The registered machines with their present state in brief',
    query: machineQuery,
    answer: json(machinePageSchema),
  }),
  get('getTwin', '/api/machines/{machineId}', {
    summary: 'One machine’s twin: every value with unit, age and quality; evidence, causes, advice, health',
    parameters: ofMachine,
    answer: json(twinSchema),
  }),
  get('getHistory', '/api/machines/{machineId}/history', {
    summary: 'Signals and expectations over time, downsampled in the store; the last 15 minutes when no range is given',
    parameters: ofMachine,
    query: historyQuery,
    answer: json(historySchema),
  }),
  get('exportHistory', '/api/machines/{machineId}/history.csv', {
    summary: 'The same as CSV: a row for each interval, times in UTC',
    parameters: ofMachine,
    query: historyQuery,
    answer: { contentType: 'text/csv', schema: z.string() },
  }),
  get('listAnomaliesOfMachine', '/api/machines/{machineId}/anomalies', {
    summary: 'What stood out on one machine, newest first; the last 24 hours when no range is given',
    parameters: ofMachine,
    query: anomalyQuery,
    answer: json(anomaliesSchema),
  }),
  get('listAnomalies', '/api/anomalies', {
    summary: 'What stood out on any machine, newest first; the last 24 hours when no range is given',
    query: anomalyQuery,
    answer: json(anomaliesSchema),
  }),
  get('getFleet', '/api/fleet', { summary: 'Counts and health for each site and line', answer: json(fleetSchema) }),
  get('getMachineType', '/api/machine-types/{typeName}', {
    summary: 'A machine type’s signals, components and titles',
    parameters: z.strictObject({ typeName: text }),
    answer: json(machineTypeSummarySchema),
  }),
  get('getDocument', '/api/openapi.json', {
    summary: 'This document',
    role: null,
    answer: json(z.looseObject({ openapi: z.string() })),
  }),
];

/** As API Gateway names a route, and tells it to the function. */
export const routeKeyOf = ({ method, path }: Pick<Operation, 'method' | 'path'>): string => `${method} ${path}`;
