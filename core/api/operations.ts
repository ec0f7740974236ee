import { z } from 'zod';
import { severities } from '../detection/observation.ts';
import { ledgerQuery, ledgerSchema } from './ledger.ts';
import { remainingLifeSchema } from './life.ts';
import { get, json, type Operation } from './operation.ts';
import { cursor, moment, name, ofMachine, pageSize, range } from './parameters.ts';
import { fleetSchema } from './rollup.ts';
import {
  anomaliesSchema,
  freshnesses,
  historySchema,
  machinePageSchema,
  machineTypeSummarySchema,
  twinSchema,
} from './schemas.ts';
import { shellSchema } from './shell.ts';
import { whatIfQuery, whatIfSchema } from './what-if.ts';

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

export const anomalyQuery = z.strictObject({
  ...range,
  limit: pageSize(1000, 200),
  cursor: cursor.optional(),
});

export const twinQuery = z.strictObject({ at: moment.optional() });

export const machineQuery = z.strictObject({
  site: name.optional(),
  line: name.optional(),
  type: name.optional(),
  freshness: z.enum(freshnesses).optional(),
  severity: z.enum(severities).optional(),
  limit: pageSize(1000, 200),
  cursor: cursor.optional(),
});

export const operations: readonly Operation[] = [
  get('listMachines', '/api/machines', {
    summary: 'The registered machines with their present state in brief',
    query: machineQuery,
    answer: json(machinePageSchema),
  }),
  get('getTwin', '/api/machines/{machineId}', {
    summary:
      'One machine’s twin: every value with unit, age and quality; evidence, causes, advice, health; with `at` as far as the history tells how it was then',
    parameters: ofMachine,
    query: twinQuery,
    answer: json(twinSchema),
  }),
  get('getHistory', '/api/machines/{machineId}/history', {
    summary: 'Signals and expectations over time, downsampled in the store; the last 15 minutes when no range is given',
    parameters: ofMachine,
    query: historyQuery,
    answer: json(historySchema),
  }),
  get('exportHistory', '/api/machines/{machineId}/history.csv', {
    summary: 'The same as CSV: a row for each interval, times in UTC; the header Link leads to the next page',
    parameters: ofMachine,
    query: historyQuery,
    answer: { contentType: 'text/csv', schema: z.string() },
  }),
  get('exportHistoryAsParquet', '/api/machines/{machineId}/history.parquet', {
    summary: 'The same as Apache Parquet, units in the file’s metadata; the header Link leads to the next page',
    parameters: ofMachine,
    query: historyQuery,
    answer: { contentType: 'application/vnd.apache.parquet', schema: z.unknown() },
  }),
  get('getRemainingLife', '/api/machines/{machineId}/remaining-life', {
    summary: 'How long each component has left, as a band, with method, evidence and what is due next',
    parameters: ofMachine,
    answer: json(remainingLifeSchema),
  }),
  get('supposeWork', '/api/machines/{machineId}/what-if', {
    summary:
      'What if work is done later, or the machine runs at another load or speed until then: risk and expected cost',
    parameters: ofMachine,
    query: whatIfQuery,
    answer: json(whatIfSchema),
  }),
  get('getShell', '/api/machines/{machineId}/aas', {
    summary: 'The twin as an Asset Administration Shell: nameplate, technical data, time series, maintenance',
    parameters: ofMachine,
    answer: json(shellSchema),
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
  get('getFleet', '/api/fleet', {
    summary: 'Counts, health, due work and its cost for each line, each site and the plant',
    answer: json(fleetSchema),
  }),
  get('getLedger', '/api/ledger', {
    summary: 'What became of each machine’s samples since its twin began',
    query: ledgerQuery,
    answer: json(ledgerSchema),
  }),
  get('getMachineType', '/api/machine-types/{typeName}', {
    summary: 'A machine type’s signals, components and titles',
    parameters: z.strictObject({ typeName: name }),
    answer: json(machineTypeSummarySchema),
  }),
  get('getDocument', '/api/openapi.json', {
    summary: 'This document',
    role: null,
    answer: json(z.looseObject({ openapi: z.string() })),
  }),
];
