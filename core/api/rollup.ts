/** The plant in numbers: what machines of a line, a site and the whole plant come to. */
import { z } from 'zod';
import { severities } from '../detection/observation.ts';
import type { DueWork } from './due.ts';
import { formatMoment } from './moment.ts';
import { moment } from './parameters.ts';
import type { MachineSummary } from './schemas.ts';

const number = z.number().nullable();

const countsSchema = z.object({
  machines: z.number(),
  live: z.number(),
  stale: z.number(),
  never: z.number(),
  bySeverity: z.record(z.enum(severities), z.number()).describe('Of live machines'),
  meanHealthPercent: number.describe('Of live machines'),
  due: z.number().describe('Machines whose next maintenance has to be done within a week'),
  orderNow: z.number().describe('Of these, whose work has to be ordered now to be done in time'),
  waitingEur: z.number().describe('What another week of waiting costs where work is due, as expected'),
  actingEur: z.number().describe('What the same work costs now'),
});

const lineSchema = countsSchema.extend({ site: z.string(), line: z.string() });

export const fleetSchema = z.object({
  asOf: moment,
  plant: countsSchema,
  sites: z.array(countsSchema.extend({ site: z.string() })),
  lines: z.array(lineSchema),
});

export type Fleet = z.output<typeof fleetSchema>;
export type FleetCounts = z.output<typeof countsSchema>;

export interface Member {
  readonly summary: MachineSummary;
  /** Null where nothing is due. */
  readonly work: DueWork | null;
}

/** Sites and lines in the order of their names. */
export function rollUp(members: readonly Member[], nowMs: number): Fleet {
  const lines = groupBy(members, ({ summary: { site, line } }) => JSON.stringify([site, line]))
    .map((group) => ({ site: group[0].summary.site, line: group[0].summary.line, ...countUp(group) }))
    .sort((a, b) => a.site.localeCompare(b.site) || a.line.localeCompare(b.line));
  const sites = groupBy(members, ({ summary }) => summary.site)
    .map((group) => ({ site: group[0].summary.site, ...countUp(group) }))
    .sort((a, b) => a.site.localeCompare(b.site));
  return { asOf: formatMoment(nowMs), plant: countUp(members), sites, lines };
}

function countUp(members: readonly Member[]): FleetCounts {
  const summaries = members.map(({ summary }) => summary);
  const live = summaries.filter(({ freshness }) => freshness === 'live');
  const count = (wanted: MachineSummary['freshness']): number =>
    summaries.filter(({ freshness }) => freshness === wanted).length;
  const bySeverity = { normal: 0, watch: 0, warning: 0, critical: 0 };
  for (const { severity } of live) if (severity !== null) bySeverity[severity]++;
  const health = live.reduce((sum, { healthPercent }) => sum + (healthPercent ?? 0), 0) / live.length;
  const work = members.flatMap((member) => (member.work === null ? [] : [member.work]));
  return {
    machines: members.length,
    live: live.length,
    stale: count('stale'),
    never: count('never'),
    bySeverity,
    meanHealthPercent: live.length === 0 ? null : Math.round(health * 10) / 10,
    due: work.length,
    orderNow: work.filter(({ isToOrderNow }) => isToOrderNow).length,
    waitingEur: work.reduce((sum, { waitingEur }) => sum + waitingEur, 0),
    actingEur: work.reduce((sum, { actingEur }) => sum + actingEur, 0),
  };
}

type Group = readonly [Member, ...Member[]];

function groupBy(members: readonly Member[], keyOf: (member: Member) => string): Group[] {
  const groups = new Map<string, [Member, ...Member[]]>();
  for (const member of members) {
    const group = groups.get(keyOf(member));
    if (group === undefined) groups.set(keyOf(member), [member]);
    else group.push(member);
  }
  return [...groups.values()];
}
