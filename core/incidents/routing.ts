import { z } from 'zod';
import { severities } from '../detection/observation.ts';
import { type Channel, channels } from './channels/channel.ts';
import type { Notice } from './settle.ts';

/** Which notices a channel takes: a field that is absent takes all. */
export const routeSchema = z.strictObject({
  channel: z.enum(channels),
  atLeast: z.enum(severities).optional(),
  sites: z.array(z.string()).optional(),
  lines: z.array(z.string()).optional(),
  machineTypes: z.array(z.string()).optional(),
  /** From this hour until before that one, UTC; 22 to 6 goes over midnight. */
  hoursUtc: z.strictObject({ from: z.int().min(0).max(23), until: z.int().min(0).max(24) }).optional(),
});

export type Route = z.output<typeof routeSchema>;

/** The channels of a notice, each once. A critical one takes no notice of hours. */
export function routesOf({ incident, atMs }: Notice, routes: readonly Route[]): readonly Channel[] {
  const { machine } = incident.caseFile;
  const has = (allowed: readonly string[] | undefined, value: string): boolean =>
    allowed === undefined || allowed.includes(value);
  const taking = routes.filter(
    (route) =>
      severities.indexOf(incident.severity) >= severities.indexOf(route.atLeast ?? 'normal') &&
      has(route.sites, incident.site) &&
      has(route.lines, machine.line) &&
      has(route.machineTypes, machine.machineType) &&
      (incident.severity === 'critical' || isWithin(new Date(atMs).getUTCHours(), route.hoursUtc)),
  );
  return [...new Set(taking.map(({ channel }) => channel))];
}

function isWithin(hour: number, hours: Route['hoursUtc']): boolean {
  if (hours === undefined) return true;
  const { from, until } = hours;
  return from <= until ? hour >= from && hour < until : hour >= from || hour < until;
}
