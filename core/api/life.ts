/** What is known of one machine’s remaining lives, in full; its history tells how they were told over time. */
import { z } from 'zod';
import type { MachineType } from '../machine-types/definition.ts';
import { type Forecast, forecastMethods, type MachineForecast } from '../prognosis/forecast.ts';
import type { Quantiles } from '../prognosis/spread.ts';
import { formatMoment } from './moment.ts';
import { moment } from './parameters.ts';

const hours = z.object({ p10: z.number(), p50: z.number(), p90: z.number() });

export const nextMaintenanceSchema = z.object({
  title: z.string(),
  component: z.string(),
  part: z.string().nullable().describe('Which of several: the tool in the magazine'),
  orderWithinHours: z.number().describe('Until it must be ordered to be done in time; 0 means now'),
  doneWithinHours: z.number(),
});

export const remainingLifeSchema = z.object({
  machineId: z.string(),
  asOf: moment,
  nextMaintenance: nextMaintenanceSchema.nullable(),
  components: z
    .array(
      z.object({
        component: z.string(),
        title: z.string(),
        part: z.string().nullable().describe('Which of several: the tool in the magazine'),
        failureMode: z.string().nullable(),
        status: z.enum(['none_seen', 'wearing', 'failed', 'withheld']),
        hours: hours
          .nullable()
          .describe('One in ten ends before p10, one in two before p50; of a tool, hours of cutting'),
        cycles: hours.nullable(),
        method: z.enum(forecastMethods).nullable(),
        why: z.string(),
        confidence: z.number(),
        evidence: z
          .object({
            signal: z.string(),
            unit: z.string(),
            healthIndex: z.number().describe('0 healthy, 1 failed'),
            ageHours: z.number(),
            hoursSinceOnset: z.number().nullable(),
            points: z.number(),
          })
          .nullable(),
        grewBecause: z.string().nullable().describe('Why more is left than was told before'),
        withheldBecause: z.string().nullable(),
      }),
    )
    .describe('The soonest first'),
});

type NextMaintenance = z.output<typeof nextMaintenanceSchema>;
export type RemainingLives = z.output<typeof remainingLifeSchema>;

/** The soonest first; without a forecast nothing is told. */
export function presentLives(
  machineId: string,
  forecast: MachineForecast | null,
  { type, nowMs }: { readonly type: MachineType | undefined; readonly nowMs: number },
): RemainingLives {
  const titleOf = (component: string): string =>
    type?.components.find(({ name }) => name === component)?.title ?? component;
  const components = [...(forecast?.components ?? [])].sort(bySoonest).map((life) => ({
    component: life.component,
    title: titleOf(life.component),
    part: life.part,
    failureMode: life.failureMode,
    status: life.status,
    hours: bandOf(life.remainingHours),
    cycles: bandOf(life.remainingCycles),
    method: life.method,
    why: life.why,
    confidence: life.confidence,
    evidence: life.evidence,
    grewBecause: life.grewBecause,
    withheldBecause: life.withheldBecause,
  }));
  return { machineId, asOf: formatMoment(nowMs), nextMaintenance: presentDue(forecast, type), components };
}

export function presentDue(forecast: MachineForecast | null, type: MachineType | undefined): NextMaintenance | null {
  const due = forecast?.nextMaintenance ?? null;
  if (due === null) return null;
  const { component, part, action, orderWithinHours, doneWithinHours } = due;
  const title = type?.actions.find(({ name }) => name === action)?.title ?? action;
  return { title, component, part, orderWithinHours, doneWithinHours };
}

export function bySoonest(left: Forecast, right: Forecast): number {
  const leftHours = left.remainingHours?.p50 ?? Number.POSITIVE_INFINITY;
  const rightHours = right.remainingHours?.p50 ?? Number.POSITIVE_INFINITY;
  return leftHours === rightHours ? 0 : leftHours - rightHours;
}

const bandOf = (band: Quantiles | null): { p10: number; p50: number; p90: number } | null =>
  band === null ? null : { p10: band.p10, p50: band.p50, p90: band.p90 };
