import type { z } from 'zod';
import { mergeAnomalies, planHistory, readRange } from '../../core/api/history.ts';
import { formatMoment } from '../../core/api/moment.ts';
import { describeApi } from '../../core/api/openapi.ts';
import type { anomalyQuery, historyQuery, machineQuery } from '../../core/api/operations.ts';
import { type Clock, present, type Registered, rollUp, summarise } from '../../core/api/present.ts';
import type {
  Anomalies,
  Fleet,
  History,
  MachinePage,
  MachineSummary,
  MachineTypeSummary,
  Twin,
} from '../../core/api/schemas.ts';
import { titleOfSignal } from '../../core/api/titles.ts';
import { describeCode } from '../../core/detection/findings.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import type { Result } from '../../core/result.ts';
import { Refusal } from '../http/reply.ts';
import type { Asked, Call } from '../http/server.ts';
import type { SeriesReader } from '../ports/series-reader.ts';
import type { MachineDirectory, TwinReader } from '../ports/twin-reader.ts';
import { toCsv } from './csv.ts';

export interface CallDeps {
  readonly directory: MachineDirectory;
  readonly twins: TwinReader;
  readonly series: SeriesReader;
  readonly findType: (name: string) => MachineType | undefined;
  readonly staleAfterMs: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const longestHistoryMs = 366 * dayMs;
const longestAnomaliesMs = 31 * dayMs;
/** The registry is read in pages of this many machines for what needs all of them. */
const directoryPage = 1000;

/** By the id of their operation. */
export const calls: Readonly<Record<string, Call<CallDeps>>> = {
  listMachines,
  getTwin,
  getHistory,
  exportHistory: async (deps, asked) => toCsv(await getHistory(deps, asked)),
  listAnomaliesOfMachine: async (deps, asked) => {
    const machine = await findMachine(deps, asked);
    return listAnomalies(deps, asked, machine.machineId);
  },
  listAnomalies: (deps, asked) => listAnomalies(deps, asked, null),
  getFleet,
  getMachineType,
  getDocument: async () => describeApi(),
};

async function listMachines(deps: CallDeps, { query, nowMs }: Asked): Promise<MachinePage> {
  const { limit, cursor, ...wanted } = query as z.output<typeof machineQuery>;
  const page = await deps.directory.list({ limit, after: cursor === undefined ? null : fromCursor(cursor) });
  const summaries = await summariseAll(deps, page.machines, nowMs);
  const machines = summaries.filter(
    (machine) =>
      (wanted.site === undefined || machine.site === wanted.site) &&
      (wanted.line === undefined || machine.line === wanted.line) &&
      (wanted.type === undefined || machine.machineType === wanted.type) &&
      (wanted.freshness === undefined || machine.freshness === wanted.freshness) &&
      (wanted.severity === undefined || machine.severity === wanted.severity),
  );
  return { asOf: formatMoment(nowMs), machines, next: page.after === null ? null : toCursor(page.after) };
}

async function summariseAll(deps: CallDeps, machines: readonly Registered[], nowMs: number): Promise<MachineSummary[]> {
  const kept = await deps.twins.summaries(machines.map((machine) => machine.machineId));
  return machines.map((machine) => summarise(machine, kept.get(machine.machineId), clockOf(deps, nowMs)));
}

const clockOf = ({ staleAfterMs }: CallDeps, nowMs: number): Clock => ({ nowMs, staleAfterMs });

async function findMachine({ directory }: CallDeps, { parameters }: Asked): Promise<Registered> {
  const machine = await directory.find(parameters.machineId!);
  if (machine === undefined) throw new Refusal(404, `machineId: "${parameters.machineId}" is not registered`);
  return machine;
}

async function getTwin(deps: CallDeps, asked: Asked): Promise<Twin> {
  const machine = await findMachine(deps, asked);
  const kept = await deps.twins.state(machine.machineId);
  return present(machine, kept, { type: deps.findType(machine.machineType), clock: clockOf(deps, asked.nowMs) });
}

async function getHistory(deps: CallDeps, asked: Asked): Promise<History> {
  const query = asked.query as z.output<typeof historyQuery>;
  const machine = await findMachine(deps, asked);
  const type = deps.findType(machine.machineType);
  if (type === undefined) throw new Refusal(404, `machineType: nothing is known of "${machine.machineType}"`);
  const signals = chooseSignals(type, query.signals);
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
  const lastMs = columns.timesMs.at(-1);
  const isFull = columns.timesMs.length >= query.limit && lastMs !== undefined;
  return {
    machineId,
    from: formatMoment(plan.fromMs),
    to: formatMoment(plan.toMs),
    resolutionS: plan.resolutionS,
    ...columns,
    signals: Object.fromEntries(signals.map(({ name, unit }) => [name, { unit, ...columns.signals[name]! }])),
    next: isFull ? toCursor(String(lastMs + plan.resolutionS * 1000)) : null,
  };
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
  /** An anomaly of some minutes has many marks. */
  const limit = query.limit * 25;
  const marks = await deps.series.anomalyMarks({ ...range, machineId, limit });
  const anomalies = mergeAnomalies(marks);
  return {
    from: formatMoment(range.fromMs),
    to: formatMoment(range.toMs),
    anomalies: anomalies.slice(0, query.limit),
    isComplete: marks.length < limit && anomalies.length <= query.limit,
  };
}

async function getFleet(deps: CallDeps, { nowMs }: Asked): Promise<Fleet> {
  const summaries: MachineSummary[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<MachineDirectory['list']>> = await deps.directory.list({
      limit: directoryPage,
      after,
    });
    summaries.push(...(await summariseAll(deps, page.machines, nowMs)));
    after = page.after;
  } while (after !== null);
  return rollUp(summaries, nowMs);
}

async function getMachineType(deps: CallDeps, { parameters }: Asked): Promise<MachineTypeSummary> {
  const type = deps.findType(parameters.typeName!);
  if (type === undefined) throw new Refusal(404, `typeName: nothing is known of "${parameters.typeName}"`);
  const codes = new Set([...Object.keys(type.detection.codes), 'sensor_dropout', 'clock_skew']);
  return {
    name: type.name,
    title: type.title,
    signals: type.signals.map(({ name, title, unit, component, required, normalLimits }) => ({
      name,
      title: titleOfSignal({ name, title, unit }),
      unit,
      component: component ?? null,
      required,
      normalLimits: normalLimits ?? null,
    })),
    components: type.components.map(({ name, title }) => ({ name, title })),
    failureModes: type.failureModes.map(({ name, title, component }) => ({ name, title, component })),
    codes: Object.fromEntries([...codes].map((code) => [code, describeCode(type.detection, code).title])),
    drawings: type.drawings,
  };
}

function take<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Refusal(400, result.error);
  return result.value;
}

const toCursor = (text: string): string => Buffer.from(text).toString('base64url');
const fromCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();
