import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Anomaly, History, MachineTypeSummary, Twin } from '../../../../core/api/schemas.ts';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { Problem } from '../problem.tsx';
import { formatTime } from '../wording.ts';
import { Chart } from './chart.tsx';
import { Exports } from './exports.tsx';
import { chooseSignals, prepareSeries, toMarks } from './series.ts';

interface Props {
  readonly twin: Twin;
  readonly type: MachineTypeSummary | null;
  readonly anomalies: readonly Anomaly[];
  /** The moment looked at; null for now. */
  readonly atMs: number | null;
  readonly nowMs: number;
  /** Drawings of the type’s own, before the charts. */
  readonly children?: ComponentChildren;
}

const ranges = [
  { title: '5 min', ms: 300_000 },
  { title: '15 min', ms: 900_000 },
  { title: '1 h', ms: 3_600_000 },
  { title: '6 h', ms: 21_600_000 },
  { title: '24 h', ms: 86_400_000 },
  { title: '7 days', ms: 604_800_000 },
] as const;

const usualCharts = 6;
/** A long range moves slowly; its question is the heavier. */
const refreshShare = 1 / 300;
const leastRefreshMs = 2000;
/** Of the range, what lies behind the moment looked at: how it went on. */
const afterShare = 0.25;

export function Charts({ twin, type, anomalies, atMs, nowMs, children }: Props) {
  const [rangeMs, setRangeMs] = useState<number>(ranges[0].ms);
  /** Null: the page chooses. */
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const named = twin.findings.flatMap((finding) => finding.evidence.map((evidence) => evidence.signal));
  const signals = chosen ?? chooseSignals(named, twin.values, usualCharts);
  const toMs = atMs === null ? nowMs : Math.min(nowMs, atMs + rangeMs * afterShare);
  const history = useHistory({ twin, signals, rangeMs, toMs, isLive: atMs === null });
  if (twin.values.length === 0) return null;
  const shown = history.value;
  return (
    <section class="view charts-section" aria-labelledby="charts">
      <div class="row spread">
        <h2 id="charts">Expected and actual</h2>
        <Legend resolutionS={shown?.resolutionS ?? null} />
      </div>
      <div class="row">
        <fieldset class="chips">
          <legend class="hidden">Range</legend>
          {ranges.map(({ title, ms }) => (
            <button key={ms} type="button" class="chip" aria-pressed={rangeMs === ms} onClick={() => setRangeMs(ms)}>
              {title}
            </button>
          ))}
        </fieldset>
        <SignalChoice twin={twin} signals={signals} onChoose={setChosen} />
        <Exports machineId={twin.machineId} signals={signals} history={shown} />
      </div>
      <Problem what="The history is not here" text={history.problem?.message ?? null} />
      {shown === null && history.problem === null && <div class="loading" role="status" aria-label="Loading" />}
      <div class="charts">
        {children}
        {shown !== null && <ChartOfEach {...{ twin, type, anomalies, signals, history: shown, atMs }} />}
      </div>
      {shown !== null && (
        <p class="quiet small">
          From {formatTime(shown.from)} to {formatTime(shown.to)}.
        </p>
      )}
    </section>
  );
}

interface EachProps extends Pick<Props, 'twin' | 'type' | 'anomalies' | 'atMs'> {
  readonly signals: readonly string[];
  readonly history: History;
}

function ChartOfEach({ twin, type, anomalies, signals, history, atMs }: EachProps) {
  const known = new Map(twin.values.map((value) => [value.signal, value]));
  const limits = new Map(type?.signals.map(({ name, normalLimits }) => [name, normalLimits]));
  const marks = toMarks(anomalies);
  return (
    <>
      {signals.map((signal) => (
        <Chart
          key={signal}
          title={known.get(signal)?.title ?? signal}
          unit={known.get(signal)?.unit ?? ''}
          series={prepareSeries(history, signal)}
          marks={marks}
          limits={limits.get(signal) ?? null}
          fromS={Date.parse(history.from) / 1000}
          toS={Date.parse(history.to) / 1000}
          atS={atMs === null ? null : atMs / 1000}
        />
      ))}
    </>
  );
}

function Legend({ resolutionS }: { readonly resolutionS: number | null }) {
  return (
    <p class="legend small quiet">
      <span>
        <i class="swatch actual" /> actual
      </span>
      <span>
        <i class="swatch band" /> least to greatest{resolutionS !== null && ` in each ${resolutionS} s`}
      </span>
      <span>
        <i class="swatch expected" /> expected
      </span>
      <span>
        <i class="swatch limit" /> limit
      </span>
      <span>
        <i class="swatch anomaly" /> anomaly
      </span>
    </p>
  );
}

interface Wanted {
  readonly twin: Twin;
  readonly signals: readonly string[];
  readonly rangeMs: number;
  readonly toMs: number;
  readonly isLive: boolean;
}

function useHistory({ twin, signals, rangeMs, toMs, isLive }: Wanted) {
  const client = useClient();
  const key = `${twin.machineId} ${rangeMs} ${isLive ? '' : toMs} ${signals.join(',')}`;
  const everyMs = Math.max(leastRefreshMs, client.config.refreshEveryMs, rangeMs * refreshShare);
  return usePolled(key, everyMs, async (signal): Promise<History | null> => {
    if (signals.length === 0) return null;
    const query = new URLSearchParams({
      from: new Date(toMs - rangeMs).toISOString(),
      to: new Date(toMs).toISOString(),
      signals: signals.join(','),
    });
    return client.get<History>(`/api/machines/${encodeURIComponent(twin.machineId)}/history?${query}`, signal);
  });
}

interface ChoiceProps {
  readonly twin: Twin;
  readonly signals: readonly string[];
  readonly onChoose: (signals: readonly string[] | null) => void;
}

function SignalChoice({ twin, signals, onChoose }: ChoiceProps) {
  const toggle = (signal: string): void =>
    onChoose(signals.includes(signal) ? signals.filter((name) => name !== signal) : [...signals, signal]);
  return (
    <details class="choice">
      <summary class="button">Signals ({signals.length})</summary>
      <div>
        {twin.values.map(({ signal, title }) => (
          <label key={signal}>
            <input type="checkbox" checked={signals.includes(signal)} onChange={() => toggle(signal)} /> {title}
          </label>
        ))}
        <button type="button" class="plain" onClick={() => onChoose(null)}>
          As the page chooses
        </button>
      </div>
    </details>
  );
}
