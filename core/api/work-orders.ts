/** Maintenance over the API: what is to be decided, what is planned, what it costs, what was found. */
import { z } from 'zod';
import { decisions } from '../detection/observation.ts';
import { maintenanceTriggers, personRequestSchema } from '../maintenance/request.ts';
import { findingResults, workOrderStates } from '../maintenance/work-order.ts';
import { get, json, post } from './operation.ts';
import { cursor, line, machineIdSchema, moment, name, next, ofMachine, pageSize, thingId } from './parameters.ts';

export const verdicts = ['approve', 'defer', 'reject'] as const;

const eur = z.number().describe('€');

const costSchema = z.object({
  actingEur: eur,
  waitingEur: eur.describe('Expected of waiting for the next planned standstill'),
  avoidedEur: eur,
  failureChance: z.number().describe('0 to 1, before the next planned standstill'),
  partsEur: eur,
  downtimeEurPerHour: eur,
  plannedHours: z.number(),
  unplannedHours: z.number(),
});

export const workOrderSchema = z.object({
  workOrderId: z.string(),
  incidentId: z.string().nullable(),
  trigger: z.enum(maintenanceTriggers),
  site: z.string(),
  machineId: z.string(),
  machineType: z.string(),
  component: z.string(),
  part: z.string().nullable().describe('Which of several: the tool in the magazine; null: the whole component'),
  failureMode: z.string().nullable(),
  action: z.object({
    name: z.string(),
    title: z.string(),
    durationHours: z.number(),
    leadTimeHours: z.number(),
    parts: z.array(z.object({ name: z.string(), quantity: z.number(), priceEur: z.number() })),
  }),
  gate: z
    .enum(decisions)
    .describe('The strictest that the twin advised since it was asked for, until somebody decided'),
  rationale: z.string(),
  remainingLife: z.object({ component: z.string(), p10: z.number(), p50: z.number(), p90: z.number() }).nullable(),
  cost: costSchema,
  reckonedAt: moment.describe('When cost and remaining life were reckoned: anew where things have become worse'),
  state: z.enum(workOrderStates),
  requestedBy: z.string(),
  requestedAt: moment,
  decideBy: moment,
  voicesNeeded: z.record(z.enum(verdicts), z.number()).describe('How many people have to say so'),
  voices: z.array(
    z.object({ by: z.string(), verdict: z.enum(verdicts), reason: z.string(), until: moment.nullable(), at: moment }),
  ),
  scheduledAt: moment.nullable(),
  findings: z
    .object({
      result: z.enum(findingResults),
      text: z.string(),
      partsReplaced: z.array(z.string()),
      by: z.string(),
      at: moment,
    })
    .nullable(),
});

export const workOrderDetailSchema = workOrderSchema.extend({
  history: z
    .array(z.object({ at: moment, by: z.string(), what: z.string(), text: z.string() }))
    .describe('The oldest first'),
  earlier: z
    .array(z.object({ workOrderId: z.string(), title: z.string(), result: z.enum(findingResults), doneAt: moment }))
    .describe('What was done to this component before, the newest first'),
});

export const workOrderPageSchema = z.object({ site: z.string(), workOrders: z.array(workOrderSchema), next });

export const scheduleSchema = z.object({
  site: z.string(),
  asOf: moment,
  upcoming: z.array(workOrderSchema).describe('Decided and not done, the next first'),
  undecided: z.array(workOrderSchema).describe('Waiting for somebody to decide'),
  costs: z.object({
    plannedEur: eur.describe('Of the upcoming work'),
    plannedHours: z.number().describe('The upcoming work stops machines for so long'),
    waitingEur: eur.describe('Expected of leaving what is undecided until the next planned standstill'),
    unplannedHours: z.number().describe('Standstill, were all undecided components to fail'),
    avoidedEur: eur.describe('By work that was done against faults that were there'),
    avoidedHours: z.number().describe('Standstill that this work avoided'),
    done: z.number(),
    noFaultFound: z.number(),
  }),
  parts: z
    .array(z.object({ name: z.string(), quantity: z.number(), eur }))
    .describe('What the upcoming work takes from the store'),
});

export const decisionSchema = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('approve'), reason: z.string().trim().max(500).default('') }),
  z.strictObject({ verdict: z.literal('defer'), reason: line, until: moment }),
  z.strictObject({ verdict: z.literal('reject'), reason: line }),
]);

export const findingsSchema = z.strictObject({
  result: z.enum(findingResults),
  text: line,
  partsReplaced: z.array(z.string().trim().min(1).max(200)).max(50).default([]),
});

export const requestedSchema = z.object({
  eventId: z.string(),
  workOrderId: z.string().describe('The work order that comes of it within seconds'),
});

export const rulesSchema = z.object({
  machineType: z.string(),
  rules: z.array(
    z.object({
      code: z.string(),
      title: z.string(),
      confirmed: z.number(),
      otherCause: z.number(),
      noFaultFound: z.number(),
      precision: z.number().nullable().describe('0 to 1: how much of what it asked for was a fault'),
      isToTune: z.boolean().describe('Three times in a row no fault was found'),
    }),
  ),
});

const ofOrder = z.strictObject({ workOrderId: thingId });

export const workOrderQuery = z.strictObject({
  site: name,
  state: z.enum(workOrderStates).optional(),
  machineId: machineIdSchema.optional(),
  limit: pageSize(200, 50),
  cursor: cursor.optional(),
});

export const workOrderOperations = [
  get('listWorkOrders', '/api/work-orders', {
    summary: 'The work orders of a site of the last year, the newest first',
    query: workOrderQuery,
    answer: json(workOrderPageSchema),
  }),
  get('getWorkOrder', '/api/work-orders/{workOrderId}', {
    summary: 'One work order with what happened to it',
    parameters: ofOrder,
    answer: json(workOrderDetailSchema),
  }),
  post('decideWorkOrder', '/api/work-orders/{workOrderId}/decisions', {
    summary: 'Approves, defers or rejects; where the twin said do_not_proceed, to defer or reject takes two people',
    parameters: ofOrder,
    body: decisionSchema,
    answer: json(workOrderDetailSchema),
  }),
  post('reportFindings', '/api/work-orders/{workOrderId}/findings', {
    summary:
      'Reports approved work done, with what was found: the component or its part starts anew, and training has a label',
    forPrograms: true,
    parameters: ofOrder,
    body: findingsSchema,
    answer: json(workOrderDetailSchema),
  }),
  get('getMaintenanceSchedule', '/api/maintenance/schedule', {
    summary: 'What maintenance a site has before it, what it costs, and what it was worth in the last year',
    query: z.strictObject({ site: name }),
    answer: json(scheduleSchema),
  }),
  get('getRules', '/api/machine-types/{typeName}/rules', {
    summary: 'What the rules of a machine type were worth, as people found at the machines',
    parameters: z.strictObject({ typeName: name }),
    answer: json(rulesSchema),
  }),
  post('requestMaintenance', '/api/machines/{machineId}/maintenance-requests', {
    summary: 'Asks for an action of the machine’s type; the work waits for a decision as any other',
    forPrograms: true,
    parameters: ofMachine,
    body: personRequestSchema,
    answer: json(requestedSchema),
  }),
] as const;

export type WorkOrderView = z.output<typeof workOrderSchema>;
export type WorkOrderDetail = z.output<typeof workOrderDetailSchema>;
export type WorkOrderPage = z.output<typeof workOrderPageSchema>;
export type Rules = z.output<typeof rulesSchema>;
export type Schedule = z.output<typeof scheduleSchema>;
export type DecisionBody = z.output<typeof decisionSchema>;
export type FindingsBody = z.output<typeof findingsSchema>;
