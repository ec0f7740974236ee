import type { z } from 'zod';
import { type AnomalyPlace, mergeGapMs, pageAnomalies, type UntitledAnomaly } from '../../core/api/anomalies.ts';
import { planHistory, readRange } from '../../core/api/history.ts';
import { formatMoment } from '../../core/api/moment.ts';
import type { anomalyQuery, historyQuery } from '../../core/api/operations.ts';
import type { Anomalies, Anomaly, History } from '../../core/api/schemas.ts';
import { spell } from '../../core/api/titles.ts';
import { describeCode } from '../../core/detection/findings.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import { fromCursor, toCursor } from '../http/page.ts';
import { Document, Refusal } from '../http/reply.ts';
import type { Asked, Call } from '../http/server.ts';
import type { AnomalyRequest } from '../ports/series-reader.ts';
import { toCsv } from './csv.ts';
import { type CallDeps, findMachine, findTypeOf, take } from './machines.ts';
import { toParquet } from './parquet.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const longestHistoryMs = 366 * dayMs;
const longestAnomaliesMs = 31 * dayMs;

export const historyCalls = {
  getHistory,
  exportHistory: async (deps, asked) => exportAs(toCsv, 'csv', await getHistory(deps, asked), asked),
  exportHistoryAsParquet: async (deps, asked) => exportAs(toParquet, 'parquet', await getHistory(deps, asked), asked),
  listAnomaliesOfMachine: async (deps, asked) => {
    const machine = await findMachine(deps, asked);
    return listAnomalies(deps, asked, machine.machineId);
  },
  listAnomalies: (deps, asked) => listAnomalies(deps, asked, null),
} satisfies Record<string, Call<CallDeps>>;

async function getHistory(deps: CallDeps, asked: Asked): Promise<History> {
  const query = asked.query as z.output<typeof historyQuery>;
  const machine = await findMachine(deps, asked);
  const signals = chooseSignals(findTypeOf(deps, machine), query.signals);
  const range = take(readRange(query, { nowMs: asked.nowMs, usualMs: 15 * minuteMs, longestMs: longestHistoryMs }));
  const begun = query.cursor === undefined ? range : { ...range, fromMs: readMoment(query.cursor, range.toMs) };
  const plan = take(planHistory(begun, query.resolutionS ?? take(planHistory(range)).resolutionS));
  const { machineId, machineType } = machine;
  const columns = await deps.series.history({
    ...plan,
    machineId,
    machineType,
    signals: signals.map((s) => s.name),
    limit: query.limit,
  });
  const restMs = (columns.timesMs.at(-1) ?? plan.toMs) + plan.resolutionS * 1000;
  const hasMore = columns.timesMs.length >= query.limit && restMs < plan.toMs;
  return {
    machineId,
    from: formatMoment(plan.fromMs),
    to: formatMoment(plan.toMs),
    resolutionS: plan.resolutionS,
    ...columns,
    signals: Object.fromEntries(signals.map(({ name, unit }) => [name, { unit, ...columns.signals[name]! }])),
    next: hasMore ? toCursor(String(restMs)) : null,
  };
}

/** A file has no place for `next`: it stands in the header (RFC 8288), with the range that this page was of. */
function exportAs(
  write: (history: History) => string | Uint8Array,
  ending: string,
  history: History,
  { query }: Asked,
): Document {
  const { machineId, from, to, resolutionS, next } = history;
  const { limit, signals } = query as z.output<typeof historyQuery>;
  const filename = `${machineId}-${from.replaceAll(':', '')}.${ending}`;
  const headers = { 'content-disposition': `attachment; filename="${filename}"` };
  if (next === null) return new Document(write(history), headers);
  const rest = new URLSearchParams({ from, to, resolutionS: String(resolutionS), limit: String(limit), cursor: next });
  if (signals !== undefined) rest.set('signals', signals.join(','));
  const link = `</api/machines/${machineId}/history.${ending}?${rest}>; rel="next"`;
  return new Document(write(history), { ...headers, link });
}

function chooseSignals(type: MachineType, names: readonly string[] | undefined): MachineType['signals'] {
  if (names === undefined) return type.signals;
  return names.map((name) => {
    const signal = type.signals.find((one) => one.name === name);
    if (signal !== undefined) return signal;
    throw new Refusal(400, `signals: got "${name}", allowed are ${type.signals.map((s) => s.name).join(', ')}`);
  });
}

function readMoment(cursor: string, toMs: number): number {
  const atMs = Number(fromCursor(cursor));
  if (!Number.isInteger(atMs) || atMs >= toMs || atMs < 0)
    throw new Refusal(400, 'cursor: use `next` of the page before');
  return atMs;
}

async function listAnomalies(deps: CallDeps, asked: Asked, machineId: string | null): Promise<Anomalies> {
  const query = asked.query as z.output<typeof anomalyQuery>;
  const range = take(readRange(query, { nowMs: asked.nowMs, usualMs: dayMs, longestMs: longestAnomaliesMs }));
  const after = query.cursor === undefined ? null : readPlace(query.cursor);
  const toMs = after === null ? range.toMs : Math.min(range.toMs, after.lastMs + mergeGapMs + 1);
  const { marks, isCut } = await readMarks(deps, { fromMs: range.fromMs, toMs, machineId }, { query, after });
  const { anomalies, next } = pageAnomalies(marks, { limit: query.limit, after, isCut });
  return {
    from: formatMoment(range.fromMs),
    to: formatMoment(range.toMs),
    anomalies: await titleAll(deps, anomalies),
    next: next === null ? null : toCursor(`${next.lastMs}/${next.machineId}/${next.code}`),
  };
}

async function titleAll({ directory, findType }: CallDeps, anomalies: readonly UntitledAnomaly[]): Promise<Anomaly[]> {
  const ids = [...new Set(anomalies.map(({ machineId }) => machineId))];
  const machines = await Promise.all(ids.map((id) => directory.find(id)));
  const types = new Map(ids.map((id, i) => [id, findType(machines[i]?.machineType ?? '')]));
  return anomalies.map((anomaly) => {
    const type = types.get(anomaly.machineId);
    const title = type === undefined ? spell(anomaly.code) : describeCode(type.detection, anomaly.code).title;
    return { ...anomaly, title };
  });
}

interface Wanted {
  readonly query: { readonly limit: number };
  readonly after: AnomalyPlace | null;
}

/** An anomaly of some minutes has many marks; more are asked for where all of them lie after the page before. */
async function readMarks(deps: CallDeps, range: Omit<AnomalyRequest, 'limit'>, { query, after }: Wanted) {
  if (range.toMs <= range.fromMs) return { marks: [], isCut: false };
  for (let limit = query.limit * 25; ; limit *= 4) {
    const marks = await deps.series.anomalyMarks({ ...range, limit });
    const isCut = marks.length >= limit;
    const oldest = marks.at(-1);
    const isFurther = oldest !== undefined && oldest.lastMs < (after?.lastMs ?? marks[0]!.lastMs);
    if (!isCut || isFurther) return { marks, isCut };
  }
}

function readPlace(cursor: string): AnomalyPlace {
  const place = /^(?<lastMs>\d{1,15})\/(?<machineId>[^/]*)\/(?<code>[^/]*)$/.exec(fromCursor(cursor))?.groups;
  if (place === undefined) throw new Refusal(400, 'cursor: use `next` of the page before');
  return { lastMs: Number(place.lastMs), machineId: place.machineId!, code: place.code! };
}
