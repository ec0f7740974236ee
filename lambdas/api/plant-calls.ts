import type { z } from 'zod';
import { priceDue } from '../../core/api/due.ts';
import { addCounts, type Ledger, type ledgerQuery, noCounts } from '../../core/api/ledger.ts';
import { formatMoment } from '../../core/api/moment.ts';
import { type KeptSummary, type Registered, summarise } from '../../core/api/present.ts';
import { type Fleet, type Member, rollUp } from '../../core/api/rollup.ts';
import { fromCursor, toCursor } from '../http/page.ts';
import type { Asked, Call } from '../http/server.ts';
import { type CallDeps, clockOf, readDirectory } from './machines.ts';

/** The calls that look at all machines at once. */
export const plantCalls = { getFleet, getLedger } satisfies Record<string, Call<CallDeps>>;

async function getFleet(deps: CallDeps, { nowMs }: Asked): Promise<Fleet> {
  const members: Member[] = [];
  for await (const machines of readDirectory(deps)) {
    const kept = await deps.twins.summaries(machines.map(({ machineId }) => machineId));
    members.push(...machines.map((machine) => describeMember(deps, machine, kept.get(machine.machineId), nowMs)));
  }
  return rollUp(members, nowMs);
}

function describeMember(deps: CallDeps, machine: Registered, kept: KeptSummary | undefined, nowMs: number): Member {
  const summary = summarise(machine, kept, clockOf(deps, nowMs));
  const type = deps.findType(machine.machineType);
  const due = kept?.due ?? null;
  if (kept === undefined || due === null || type === undefined) return { summary, work: null };
  const downtimeEurPerHour = machine.downtimeEurPerHour ?? deps.downtimeEurPerHour;
  return { summary, work: priceDue(due, { type, severity: kept.severity, downtimeEurPerHour, nowMs }) };
}

async function getLedger({ directory, twins }: CallDeps, { query, nowMs }: Asked): Promise<Ledger> {
  const { limit, cursor } = query as z.output<typeof ledgerQuery>;
  const page = await directory.list({ limit, after: cursor === undefined ? null : fromCursor(cursor) });
  const counted = await twins.counted(page.machines.map(({ machineId }) => machineId));
  const machines = page.machines.map(({ machineId }) => {
    const found = counted.get(machineId);
    const countedUntil = found === undefined ? null : formatMoment(found.untilMs);
    return { machineId, ...(found?.counts ?? noCounts), countedUntil };
  });
  return {
    asOf: formatMoment(nowMs),
    totals: machines.reduce(addCounts, noCounts),
    machines,
    next: page.after === null ? null : toCursor(page.after),
  };
}
