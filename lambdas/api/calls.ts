import type { z } from 'zod';
import { presentLives, type RemainingLives } from '../../core/api/life.ts';
import { formatMoment } from '../../core/api/moment.ts';
import { describeApi } from '../../core/api/openapi.ts';
import type { machineQuery, twinQuery } from '../../core/api/operations.ts';
import { presentPast } from '../../core/api/past.ts';
import { forecastOf, present, type Registered, summarise } from '../../core/api/present.ts';
import type { MachinePage, MachineSummary, MachineTypeSummary, Twin } from '../../core/api/schemas.ts';
import { titleOfSignal } from '../../core/api/titles.ts';
import { presentWhatIf, type WhatIfAnswer, type whatIfQuery } from '../../core/api/what-if.ts';
import { describeCode } from '../../core/detection/findings.ts';
import { supposeAll } from '../../core/maintenance/what-if.ts';
import { describeShell, type Environment } from '../../core/standards/shell.ts';
import { fromCursor, toCursor } from '../http/page.ts';
import { readPast } from '../http/parameters.ts';
import { Refusal } from '../http/reply.ts';
import type { Asked, Call } from '../http/server.ts';
import { historyCalls } from './history-calls.ts';
import { type CallDeps, clockOf, findMachine, findTypeOf } from './machines.ts';
import { plantCalls } from './plant-calls.ts';

export type { CallDeps } from './machines.ts';

/** By the id of their operation. */
export const calls: Readonly<Record<string, Call<CallDeps>>> = {
  listMachines,
  getTwin,
  getRemainingLife,
  supposeWork,
  getShell,
  getMachineType,
  getDocument: async () => describeApi(),
  ...historyCalls,
  ...plantCalls,
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

async function getTwin(deps: CallDeps, asked: Asked): Promise<Twin> {
  const { at } = asked.query as z.output<typeof twinQuery>;
  const machine = await findMachine(deps, asked);
  if (at !== undefined) return getPastTwin(deps, machine, readPast(at, asked.nowMs));
  const kept = await deps.twins.state(machine.machineId);
  return present(machine, kept, { type: deps.findType(machine.machineType), clock: clockOf(deps, asked.nowMs) });
}

async function getPastTwin(deps: CallDeps, machine: Registered, atMs: number): Promise<Twin> {
  const type = findTypeOf(deps, machine);
  const row = await deps.series.rowAt({ machineId: machine.machineId, type, atMs });
  return presentPast(machine, row, { type, atMs, staleAfterMs: deps.staleAfterMs });
}

async function getRemainingLife(deps: CallDeps, asked: Asked): Promise<RemainingLives> {
  const { machineId, machineType } = await findMachine(deps, asked);
  const kept = await deps.twins.state(machineId);
  return presentLives(machineId, forecastOf(kept, asked.nowMs), {
    type: deps.findType(machineType),
    nowMs: asked.nowMs,
  });
}

async function supposeWork(deps: CallDeps, asked: Asked): Promise<WhatIfAnswer> {
  const { component, ...supposed } = asked.query as z.output<typeof whatIfQuery>;
  const machine = await findMachine(deps, asked);
  const type = findTypeOf(deps, machine);
  if (component !== undefined && !type.components.some(({ name }) => name === component)) {
    const allowed = type.components.map(({ name }) => name).join(', ');
    throw new Refusal(400, `component: got "${component}"; allowed for ${type.name} are ${allowed}`);
  }
  const { machineId } = machine;
  const forecast = forecastOf(await deps.twins.state(machineId), asked.nowMs);
  const all = supposeAll(forecast, {
    type,
    downtimeEurPerHour: machine.downtimeEurPerHour ?? deps.downtimeEurPerHour,
    supposed: {
      waitHours: supposed.waitHours,
      load: supposed.loadPercent / 100,
      speed: supposed.speedPercent / 100,
    },
  });
  const wanted = all.filter((one) => component === undefined || one.forecast.component === component);
  return presentWhatIf(wanted, { machineId, type, nowMs: asked.nowMs, supposed });
}

async function getShell(deps: CallDeps, asked: Asked): Promise<Environment> {
  const machine = await findMachine(deps, asked);
  const forecast = forecastOf(await deps.twins.state(machine.machineId), asked.nowMs);
  return describeShell({ machine, type: findTypeOf(deps, machine), forecast, uuidOf: deps.uuidOf });
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
    actions: type.actions.map(({ name, title, component, durationHours }) => ({
      name,
      title,
      component,
      durationHours,
    })),
    codes: Object.fromEntries([...codes].map((code) => [code, describeCode(type.detection, code).title])),
    drawings: type.drawings,
  };
}
