import { spaced } from '../api/titles.ts';
import { formatHours } from '../prognosis/format-hours.ts';
import { type CaseEvidence, type CaseFile, evidenceOf } from './case-file.ts';
import { type Incident, machinesOf, titleOfEpisode } from './incident.ts';
import type { NoticeKind } from './lifecycle.ts';
import type { Notice } from './settle.ts';
import { toSubject } from './subject.ts';

/** What a person reads: what, where, since when, how bad, what to do, where to look. */
export interface Wording {
  /** As SNS takes it (subject.ts). */
  readonly subject: string;
  readonly body: string;
}

export interface Links {
  readonly incident: string | null;
  /** The machine as it was when it began. */
  readonly replay?: string;
  readonly acknowledge: string | null;
  readonly runbook: string;
  /** Whether Slack's buttons come back to this stage. */
  readonly slackButtons?: boolean;
}

const verbs: Readonly<Record<NoticeKind, string>> = {
  opened: 'New',
  worsened: 'Worse',
  grouped: 'Common cause',
  acknowledged: 'Acknowledged',
  escalated: 'Nobody acknowledged',
  shelf_ended: 'Shelf ended',
  closed: 'Closed',
};

const mostMachinesNamed = 8;

export function wordNotice(notice: Notice, links: Links): Wording {
  const { incident, kind, page } = notice;
  const subject = toSubject(`[${incident.severity.toUpperCase()}] ${verbs[kind]}: ${titleOf(incident)}`);
  const { advice, causes } = incident.caseFile;
  const lines = [
    titleOf(incident),
    '',
    `Where:      ${whereOf(incident)}`,
    `Since:      ${new Date(incident.openedAtMs).toISOString()}`,
    `How bad:    ${incident.severity}${wordFlaps(incident.flaps)}`,
    ...evidenceOf(incident.caseFile)
      .slice(0, 4)
      .map((evidence) => `Evidence:   ${wordEvidence(evidence)}`),
    ...workLines(incident.caseFile),
    ...causes.slice(0, 2).map((c) => `Maybe:      ${spaced(c.failureMode)} (${Math.round(c.weight * 100)} %)`),
    ...(advice === null
      ? []
      : [
          `Decision:   ${spaced(advice.decision)} (confidence ${Math.round(advice.confidence * 100)} %)`,
          `Do:         ${advice.action}`,
          `Check:      ${advice.requiredCheck}`,
          `Because:    ${advice.rationale}`,
        ]),
    '',
    ...(links.acknowledge === null ? [] : [`Acknowledge: ${links.acknowledge}`]),
    ...(links.incident === null ? [] : [`Page:        ${links.incident}`]),
    ...replayLines(incident.caseFile, links),
    `Runbook:     ${links.runbook}`,
    `Incident id: ${incident.incidentId}, level ${incident.level}, page ${page.number} of ${page.budget} this shift`,
  ];
  return { subject, body: lines.join('\n') };
}

/** What the machine was at, and how long its parts are thought to last. */
function workLines({ phase, context, forecast, causes }: CaseFile): string[] {
  const work = Object.entries(context).map(([name, value]) => `${spaced(name)} ${value}`);
  const life = forecast?.components.find(({ component }) => component === causes[0]?.component);
  return [
    ...(phase === null ? [] : [`Phase:      ${phase}`]),
    ...(work.length === 0 ? [] : [`Work:       ${work.join(', ')}`]),
    ...(life === undefined ? [] : [`Life left:  ${wordLife(life)}`]),
  ];
}

function wordLife({
  component,
  remainingHours,
  withheldBecause,
}: NonNullable<CaseFile['forecast']>['components'][number]) {
  if (remainingHours === null) return `${spaced(component)}: not told, ${withheldBecause ?? 'nothing seen yet'}`;
  const { p10, p50, p90 } = remainingHours;
  return `${spaced(component)} ${formatHours(p50)} (${formatHours(p10)} to ${formatHours(p90)})`;
}

const wordFlaps = (flaps: number): string =>
  flaps === 0 ? '' : `, came and went ${flaps === 1 ? 'once' : `${flaps} times`}`;

function replayLines({ replay: span }: CaseFile, { replay }: Links): string[] {
  if (span === null) return [];
  const [from, to] = [span.fromMs, span.toMs].map((ms) => new Date(ms).toISOString());
  return [`Look again:  ${from} to ${to}${replay === undefined ? '' : `\n             ${replay}`}`];
}

export function titleOf(incident: Incident): string {
  const machines = machinesOf(incident);
  const titles = [...new Set(Object.values(incident.episodes).map(titleOfEpisode))].join('; ');
  const { machine, transition } = incident.caseFile;
  if (incident.kind === 'group')
    return `${machines.length} machines at ${incident.site}, ${incident.commonCause}: ${titles}`;
  return `${machine.name || machine.machineId}: ${titles || titleOfEpisode(transition)}`;
}

export function whereOf(incident: Incident): string {
  const { machine } = incident.caseFile;
  if (incident.kind === 'machine') {
    // Where nobody named lines, the type stands for one.
    const line = machine.line === machine.machineType ? '' : machine.line;
    return [machine.site, line, `${machine.machineId} (${machine.machineType})`].filter(Boolean).join(', ');
  }
  const machines = machinesOf(incident);
  const more = machines.length > mostMachinesNamed ? ` and ${machines.length - mostMachinesNamed} more` : '';
  return `${incident.site}: ${machines.slice(0, mostMachinesNamed).join(', ')}${more}`;
}

function wordEvidence({ signal, unit, observed, expected, limit, quality }: CaseEvidence): string {
  const withUnit = (value: number | null): string => (value === null ? 'no value' : `${round(value)} ${unit}`.trim());
  const expectation = expected === null ? '' : `, expected ${withUnit(expected)}`;
  const poor = quality === 'good' ? '' : ` [${quality}]`;
  return `${spaced(signal)} ${withUnit(observed)}${expectation}${wordLimit(limit, withUnit)}${poor}`;
}

function wordLimit(limit: CaseEvidence['limit'], withUnit: (value: number) => string): string {
  const { min, max } = limit ?? {};
  if (min === undefined) return max === undefined ? '' : `, at most ${withUnit(max)}`;
  return max === undefined ? `, at least ${withUnit(min)}` : `, from ${withUnit(min)} to ${withUnit(max)}`;
}

const round = (value: number): number => Number(value.toPrecision(4));
