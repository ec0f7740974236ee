/** What became of each machine's samples, counted by its twin. */
import { z } from 'zod';
import { cursor, moment, next, pageSize } from './parameters.ts';

const count = z.number().int().nonnegative();

export const countsSchema = z.object({
  received: count.describe('Samples that came in on the stream: used + late + duplicates + quarantined'),
  used: count.describe('Stored, and concluded from'),
  late: count.describe('Stored; too late or out of order to conclude from'),
  duplicates: count,
  quarantined: count.describe('Refused, and kept with the reason until a person decides'),
  missing: count.describe('Left out in the machine’s own sequence numbers: sent or lost before the stream'),
});

export const ledgerQuery = z.strictObject({ limit: pageSize(1000, 200), cursor: cursor.optional() });

export const ledgerSchema = z.object({
  asOf: moment,
  totals: countsSchema.describe('Of this page'),
  machines: z.array(countsSchema.extend({ machineId: z.string(), countedUntil: moment.nullable() })),
  next,
});

export type Counts = z.output<typeof countsSchema>;
export type Ledger = z.output<typeof ledgerSchema>;

export interface Counted {
  readonly counts: Counts;
  readonly untilMs: number;
}

export const noCounts: Counts = { received: 0, used: 0, late: 0, duplicates: 0, quarantined: 0, missing: 0 };

export function addCounts(left: Counts, right: Counts): Counts {
  return {
    received: left.received + right.received,
    used: left.used + right.used,
    late: left.late + right.late,
    duplicates: left.duplicates + right.duplicates,
    quarantined: left.quarantined + right.quarantined,
    missing: left.missing + right.missing,
  };
}
