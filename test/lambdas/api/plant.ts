import { Buffer } from 'node:buffer';
import type { AnomalyMark } from '../../../core/api/anomalies.ts';
import { briefDue } from '../../../core/api/due.ts';
import type { PastRow } from '../../../core/api/past.ts';
import type { KeptState, KeptSummary, Registered } from '../../../core/api/present.ts';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import type { Forecast } from '../../../core/prognosis/forecast.ts';
import { uuidOf } from '../../../lambdas/adapters/uuid.ts';
import { createApiHandler } from '../../../lambdas/api/handler.ts';
import type { ApiRequest } from '../../../lambdas/http/server.ts';
import type { AnomalyRequest, HistoryRequest, SeriesReader } from '../../../lambdas/ports/series-reader.ts';

export const nowMs = Date.UTC(2026, 0, 1, 12);

/** A plant behind the handler's ports, in memory: two lines, one machine that is silent, one that never spoke. */
export class Plant {
  readonly machines: Registered[] = ['A', 'B', 'C'].map((id, i) => ({
    machineId: `PRESS-${id}`,
    machineType: 'generic',
    name: `Press ${id}`,
    site: 'Ulm',
    line: i < 2 ? 'one' : 'two',
  }));
  readonly states = new Map<string, KeptState>([
    ['PRESS-A', stateAt(nowMs - 800)],
    ['PRESS-B', stateAt(nowMs - 60_000)],
  ]);
  samples: MarkedSample[] = [];
  rows: PastRow[] = [];
  readonly asked: HistoryRequest[] = [];
  readonly audited: Readonly<Record<string, unknown>>[] = [];
  readonly errors: string[] = [];
  fault: Error | null = null;

  readonly handler = createApiHandler({
    directory: {
      list: async ({ limit, after }) => {
        const from = after === null ? 0 : this.machines.findIndex((machine) => machine.machineId === after) + 1;
        const machines = this.machines.slice(from, from + limit);
        return { machines, after: from + limit < this.machines.length ? machines.at(-1)!.machineId : null };
      },
      find: async (machineId) => this.machines.find((machine) => machine.machineId === machineId),
    },
    twins: {
      summaries: async (ids) =>
        new Map(ids.flatMap((id) => (this.states.has(id) ? [[id, briefOf(this.states.get(id)!)] as const] : []))),
      state: async (machineId) => this.states.get(machineId),
      counted: async (ids) => new Map(ids.flatMap((id) => (id === 'PRESS-A' ? [[id, counted] as const] : []))),
    },
    series: this.createSeries(),
    findType: (name) => builtinMachineTypes.find((type) => type.name === name),
    staleAfterMs: 5000,
    downtimeEurPerHour: 100,
    uuidOf,
    nowMs: () => nowMs,
    roleClaim: 'cognito:groups',
    log: {
      info: () => undefined,
      warn: (_, fields = {}) => void this.audited.push(fields),
      error: (message) => void this.errors.push(message),
    },
    metrics: { count: () => undefined, durationMs: () => undefined, flush: () => undefined },
  });

  foretell(machineId: string): void {
    const worn = { p10: 20, p50: 30, p90: 50 };
    const known = { failureMode: null, remainingCycles: null, evidence: null, grewBecause: null, confidence: 0.5 };
    const wearing: Forecast = {
      ...known,
      component: 'machine',
      part: null,
      status: 'wearing',
      remainingHours: worn,
      method: 'wiener',
      why: 'wear is seen',
      withheldBecause: null,
    };
    const withheld: Forecast = {
      ...wearing,
      component: 'bearing',
      status: 'withheld',
      remainingHours: null,
      method: null,
      withheldBecause: 'too few samples',
    };
    const nextMaintenance = {
      component: 'machine',
      part: null,
      failureMode: 'wear',
      action: 'overhaul',
      leadTimeHours: 24,
      orderWithinHours: 0,
      doneWithinHours: 20,
    };
    const forecast = { machineId, atMs: nowMs, components: [withheld, wearing], nextMaintenance };
    this.states.set(machineId, { ...this.states.get(machineId)!, forecast });
  }

  /** As API Gateway calls after its authorizer; without groups there is no token. */
  async call(routeKey: string, rest: Partial<ApiRequest> = {}, groups: string | null = '[viewer]') {
    const claims = { sub: 'somebody', 'cognito:groups': groups };
    const reply = await this.handler({
      routeKey,
      headers: {},
      requestContext: { requestId: 'r-1', ...(groups === null ? {} : { authorizer: { jwt: { claims } } }) },
      ...rest,
    });
    const isJson = reply.headers['content-type']?.includes('json') === true;
    return { ...reply, body: isJson ? JSON.parse(reply.body) : reply.body };
  }

  private createSeries(): SeriesReader {
    return {
      history: async (request) => {
        if (this.fault !== null) throw this.fault;
        this.asked.push(request);
        const stepMs = request.resolutionS * 1000;
        const count = Math.min(request.limit, Math.ceil((request.toMs - request.fromMs) / stepMs), 50);
        const timesMs = Array.from({ length: count }, (_, i) => request.fromMs + i * stepMs);
        const column = timesMs.map(() => 1.5);
        const columns = { mean: column, min: column, max: column, expected: timesMs.map(() => null) };
        return {
          timesMs,
          samples: timesMs.map(() => 1),
          healthPercent: column,
          remainingHours: { p10: column, p50: column, p90: column },
          signals: Object.fromEntries(request.signals.map((name) => [name, columns])),
        };
      },
      anomalyMarks: async (request) => markSamples(this.samples, request),
      rowAt: async ({ atMs }) => this.rows.findLast((row) => row.atMs <= atMs),
    };
  }
}

/** A sample with findings, as a store keeps it. */
export interface MarkedSample {
  readonly machineId: string;
  readonly codes: readonly string[];
  readonly severity: AnomalyMark['severity'];
  readonly atMs: number;
}

/** As the stores do it: a mark for each machine, codes and ten seconds, the newest first. */
function markSamples(samples: readonly MarkedSample[], { fromMs, toMs, limit }: AnomalyRequest): AnomalyMark[] {
  const marks = new Map<string, AnomalyMark>();
  for (const { atMs, ...sample } of samples.filter((one) => one.atMs >= fromMs && one.atMs < toMs)) {
    const key = `${sample.machineId} ${sample.codes} ${Math.floor(atMs / 10_000)}`;
    const known = marks.get(key);
    marks.set(key, {
      ...sample,
      firstMs: Math.min(known?.firstMs ?? atMs, atMs),
      lastMs: Math.max(known?.lastMs ?? atMs, atMs),
      samples: (known?.samples ?? 0) + 1,
      lowestHealthPercent: null,
    });
  }
  return [...marks.values()].sort((a, b) => b.lastMs - a.lastMs).slice(0, limit);
}

const counted = {
  counts: { received: 12, used: 9, late: 1, duplicates: 1, quarantined: 1, missing: 2 },
  untilMs: nowMs - 800,
};

export const toCursor = (text: string): string => Buffer.from(text).toString('base64url');

function stateAt(receivedAtMs: number): KeptState {
  return {
    sampledAtMs: receivedAtMs,
    receivedAtMs,
    sequence: 7,
    phase: null,
    severity: 'normal',
    health: { machine: 98, components: { machine: 98 } },
    advice: {
      decision: 'proceed',
      action: 'Continue',
      requiredCheck: 'None',
      rationale: 'All values are trusted and as expected',
      confidence: 0.97,
      wouldChange: [],
    },
    findings: [],
    causes: [],
    values: { temperature: { value: 41.5, expected: 40, unit: '°C', quality: 'good' } },
  };
}

const briefOf = ({ sampledAtMs, receivedAtMs, severity, advice, health, forecast }: KeptState): KeptSummary => ({
  sampledAtMs,
  receivedAtMs,
  severity,
  decision: advice.decision,
  healthPercent: health.machine,
  due: briefDue(forecast ?? null),
});
