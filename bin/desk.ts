import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Incident } from '../core/incidents/incident.ts';
import type { Shift } from '../core/incidents/settle.ts';
import { describeEntry } from '../core/incidents/story.ts';
import { titleOf } from '../core/incidents/wording.ts';
import type { RuleWorth } from '../core/maintenance/feedback.ts';
import type { SiteSchedule } from '../core/maintenance/schedule.ts';
import { titleOfWork, type WorkOrder } from '../core/maintenance/work-order.ts';
import { success } from '../core/result.ts';
import { connectDesk } from '../lambdas/adapters/connect-desk.ts';
import { listLiveIncidents } from '../lambdas/adapters/dynamodb-incident-lists.ts';
import { createDesk, type Desk, type IncidentView } from '../lambdas/incidents/desk.ts';
import { incidentTableName } from '../lib/names.ts';
import type { Stage } from '../lib/stage.ts';
import { connectionFor, quote, Refusal, requireStage, runCommand } from './command/run-command.ts';
import { describeOutcome } from './desk/outcome.ts';
import { findPlaces } from './desk/places.ts';
import { type DeskRequest, deskActions, isDeskAction, readRequest } from './desk/request.ts';
import { findSiteProblem } from './desk/site-problem.ts';
import { RegistryTable } from './fleet/registry-table.ts';

const help = `npm run desk -- <stage> <action> <incident or work order> --by <name>
  show <incident>                    its state, its evidence and its history; says whether the history was tampered with
  list <site>                        incidents that are not closed, and the calls of the shift
  rules <machine type>               what each rule's orders turned out to be, and which one waits to be tuned
  labels <site>                      what the year's findings teach, a line of JSON each: for training
  schedule <site>                    work decided and waiting, with dates, parts and money
  acknowledge | start-work | resolve | close | reopen | unshelve <incident>
  assign <incident> --to <name>      comment <incident> --text <words>
  shelve <incident> --reason <why> --until <time>    it comes back at that time, or when it gets worse
  approve <work order>               defer <work order> --reason <why> --until <time>
  reject <work order> --reason <why>                 two people where the twin says do_not_proceed
  done <work order> --result confirmed|other-cause|no-fault-found [--text <what>] [--part <name>]…
  --json   the answer as JSON
Times are ISO 8601 with zone: 2026-12-01T06:00:00Z.`;

await runCommand('desk', help, async (args) => {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      by: text,
      to: text,
      reason: text,
      until: text,
      text,
      result: text,
      part: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
    },
  });
  const [stageName, action, id] = positionals;
  const stage = requireStage(stageName);
  if (!isDeskAction(action)) {
    throw new Refusal(`action: got ${quote(action)}, allowed are ${deskActions.join(', ')}`);
  }
  if (id === undefined)
    throw new Refusal(
      `${action}: got nothing, allowed is what --help says: an incident, a work order, a site or a machine type`,
    );
  const request = readRequest(action, id, values, Date.now());
  if (!request.ok) throw new Refusal(request.error);
  const connection = connectionFor(stage);
  process.env.AWS_REGION ??= connection.region;
  const links = { incident: null, acknowledge: null, runbook: 'docs/runbook.md#incidents' };
  const desk = createDesk({ ...connectDesk(await findPlaces(stage, connection)), linksFor: async () => links });
  const answer =
    request.value.on === 'list' ? await listSite(desk, stage, connection, id) : await carryOut(desk, request.value);
  if (isOfNothing(answer)) await requireSite(new RegistryTable(stage.name, connection), id);
  process.stdout.write(`${values.json ? JSON.stringify(answer) : describe(answer)}\n`);
  return 0;
});

async function requireSite(registry: RegistryTable, site: string): Promise<void> {
  const problem = findSiteProblem(site, await registry.list());
  if (problem !== null) throw new Refusal(problem);
}

/** Of a site: either all is well there, or there is no such site. */
function isOfNothing(answer: object): boolean {
  if ('shift' in answer) return (answer as SiteList).incidents.length === 0;
  if ('labels' in answer) return (answer.labels as readonly object[]).length === 0;
  if (!('upcoming' in answer)) return false;
  const { upcoming, undecided, costs } = answer as SiteSchedule;
  return upcoming.length + undecided.length + costs.done === 0;
}

interface SiteList {
  readonly site: string;
  readonly incidents: readonly Incident[];
  readonly shift: Shift;
}

async function listSite(
  desk: Desk,
  stage: Stage,
  connection: { readonly region: string },
  site: string,
): Promise<SiteList> {
  const incidents = await listLiveIncidents(new DynamoDBClient(connection), incidentTableName(stage.name), site);
  return { site, incidents, shift: await desk.shift(site) };
}

type Asked = Exclude<DeskRequest, { readonly on: 'list' }>;

async function carryOut(desk: Desk, request: Asked): Promise<object> {
  const result = await ask(desk, request);
  if (!result.ok) throw new Refusal(result.error, 1);
  return result.value;
}

async function ask(desk: Desk, request: Asked) {
  switch (request.on) {
    case 'schedule':
      return success(await desk.schedule(request.id));
    case 'labels':
      return success({ labels: await desk.labels(request.id) });
    case 'rules':
      return success({ rules: await desk.rules(request.id) });
    case 'decision':
      return desk.decide(request.id, request.voice);
    case 'findings':
      return desk.report(request.id, request.findings);
    case 'incident':
      return request.event === null ? desk.show(request.id) : desk.act(request.id, request.event);
  }
}

function describe(answer: object): string {
  if ('shift' in answer) return describeSite(answer as SiteList);
  if ('labels' in answer) return (answer.labels as readonly object[]).map((label) => JSON.stringify(label)).join('\n');
  if ('rules' in answer) return describeRules((answer as { rules: readonly RuleWorth[] }).rules);
  if ('upcoming' in answer) return describeSchedule(answer as SiteSchedule);
  if ('history' in answer) return describeView(answer as IncidentView);
  return describeOutcome(answer as Parameters<typeof describeOutcome>[0]);
}

function describeSite({ site, incidents, shift }: SiteList): string {
  const lines = incidents.map((incident) => {
    const { incidentId, severity, state, assignee, openedAtMs } = incident;
    const who = assignee === null ? '' : `, ${assignee}`;
    return `${new Date(openedAtMs).toISOString()}  ${severity}  ${state}${who}  ${titleOf(incident)}  ${incidentId}`;
  });
  const ends = new Date(shift.endsAtMs).toISOString();
  return [`${site}: ${incidents.length} open, ${shift.pages} of ${shift.budget} calls until ${ends}`, ...lines].join(
    '\n',
  );
}

function describeRules(rules: readonly RuleWorth[]): string {
  if (rules.length === 0) return 'Nothing was reported yet.';
  const lines = rules.map(({ code, counts, precision, isToTune }) => {
    const worth = precision === null ? 'no finding' : `${Math.round(precision * 100)} % right`;
    const { confirmed, other_cause, no_fault_found } = counts;
    const found = `${confirmed} confirmed, ${other_cause} another cause, ${no_fault_found} no fault`;
    return `${code}: ${worth} (${found})${isToTune ? '  TUNE: no fault found three times in a row' : ''}`;
  });
  return lines.join('\n');
}

function describeSchedule({ upcoming, undecided, costs }: SiteSchedule): string {
  const line = (order: WorkOrder): string => {
    const { machineId, cost, workOrderId, scheduledAtMs, decideByMs, state } = order;
    const at = new Date(scheduledAtMs ?? decideByMs).toISOString();
    return `${at}  ${state}  ${machineId}: ${titleOfWork(order)}, ${cost.actingEur} € (waiting ${cost.waitingEur} €)  ${workOrderId}`;
  };
  const parts = Object.entries(costs.parts).map(([name, quantity]) => `${quantity} × ${name}`);
  return [
    `To do: ${upcoming.length}, ${costs.plannedHours} h, ${costs.plannedEur} €${parts.length > 0 ? `, parts ${parts.join(', ')}` : ''}`,
    ...upcoming.map(line),
    `To decide: ${undecided.length}; waiting with them costs ${costs.waitingEur} € expected`,
    ...undecided.map(line),
    `Done in a year: ${costs.done}, no fault found ${costs.noFaultFound}, avoided ${costs.avoidedEur} € and ${Math.round(costs.avoidedHours)} h of standstill`,
  ].join('\n');
}

function describeView({ incident, history, historyBreak }: IncidentView): string {
  const entries = history.map(({ sequence, atMs, by, kind, detail }) => {
    return `${String(sequence).padStart(3)}  ${new Date(atMs).toISOString()}  ${by}: ${describeEntry({ kind, detail })}`;
  });
  const { state, severity, level, flaps } = incident;
  return [
    `${incident.incidentId}: ${titleOf(incident)}`,
    `${state}, ${severity}, level ${level}, ${flaps} flaps`,
    ...entries,
    historyBreak === null ? 'The chain of seals holds.' : `TAMPERED WITH: ${historyBreak}`,
  ].join('\n');
}
