/** What calls have in common in their paths and queries. */
import { z } from 'zod';
import { machineIdPattern, machineIdRule } from '../telemetry/topic.ts';

export const machineIdSchema = z.string().regex(machineIdPattern, `use ${machineIdRule}`);
export const ofMachine = z.strictObject({ machineId: machineIdSchema });
export const name = z.string().min(1).max(100);
export const moment = z.iso.datetime({ offset: true, message: 'use ISO 8601 with a zone, like 2026-01-31T12:00:00Z' });
export const cursor = z.string().regex(/^[A-Za-z0-9_-]{1,400}$/, 'use `next` of the page before');
export const pageSize = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
export const range = { from: moment.optional(), to: moment.optional() };
export const thingId = z.string().regex(/^[A-Za-z0-9:_.-]{1,250}$/, 'use an id as a list of this API tells it');
/** A line that a person writes. */
export const line = z.string().trim().min(1).max(500);
export const next = z.string().nullable().describe('Pass as `cursor` for the next page; null on the last');
