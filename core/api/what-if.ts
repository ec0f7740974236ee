/** What would become of a machine's components if work came later, or the machine ran at another pace. */
import { z } from 'zod';
import type { MachineType } from '../machine-types/definition.ts';
import type { Plan, WhatIf } from '../maintenance/what-if.ts';
import { bySoonest } from './life.ts';
import { formatMoment } from './moment.ts';
import { moment, name } from './parameters.ts';

const percent = z.coerce.number().min(10).max(200).default(100);

export const whatIfQuery = z.strictObject({
  component: name.optional(),
  waitHours: z.coerce.number().min(0).max(8760).default(168),
  loadPercent: percent.describe('Of the present load'),
  speedPercent: percent.describe('Of the present speed'),
});

const band = z.object({ p10: z.number(), p50: z.number(), p90: z.number() }).nullable();
const plan = z
  .object({
    doneInHours: z.number().describe('Not before parts and people can be there'),
    failureChance: z.number().describe('0 to 1, that it fails before the work is done'),
    expectedEur: z.number().describe('€, of the work in time and of a failure, each as likely as it is'),
  })
  .nullable();

export const whatIfSchema = z.object({
  machineId: z.string(),
  asOf: moment,
  supposed: z.object({ waitHours: z.number(), loadPercent: z.number(), speedPercent: z.number() }),
  components: z
    .array(
      z.object({
        component: z.string(),
        title: z.string(),
        part: z.string().nullable(),
        failureMode: z.string().nullable(),
        status: z.enum(['none_seen', 'wearing', 'failed', 'withheld']),
        action: z.string().nullable().describe('The work that it needs'),
        toldHours: band.describe('What is left at the present pace; of a tool, hours of cutting'),
        hours: band.describe('What would be left at the pace supposed; null where that cannot be told'),
        soon: plan.describe('The work as soon as it can be done'),
        later: plan.describe('The work after the wait supposed'),
        safeForHours: z.number().nullable().describe('By the clock: one in ten such parts has failed after this'),
        why: z.string(),
      }),
    )
    .describe('The soonest first'),
});

export type WhatIfAnswer = z.output<typeof whatIfSchema>;

interface Answering {
  readonly machineId: string;
  readonly type: MachineType;
  readonly nowMs: number;
  readonly supposed: WhatIfAnswer['supposed'];
}

export function presentWhatIf(all: readonly WhatIf[], { machineId, type, nowMs, supposed }: Answering): WhatIfAnswer {
  const titleOf = (component: string): string =>
    type.components.find(({ name }) => name === component)?.title ?? component;
  const components = all
    .toSorted((left, right) => bySoonest(left.forecast, right.forecast))
    .map(({ forecast, action, remainingHours, soon, later, safeForHours, why }) => ({
      component: forecast.component,
      title: titleOf(forecast.component),
      part: forecast.part,
      failureMode: forecast.failureMode,
      status: forecast.status,
      action: action?.title ?? null,
      toldHours: copy(forecast.remainingHours),
      hours: copy(remainingHours),
      soon: copy<Plan>(soon),
      later: copy<Plan>(later),
      safeForHours,
      why,
    }));
  return { machineId, asOf: formatMoment(nowMs), supposed, components };
}

const copy = <T extends object>(value: T | null): T | null => (value === null ? null : { ...value });
