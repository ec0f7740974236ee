import { useState } from 'preact/hooks';
import type { Anomaly, History, Twin } from '../../../core/api/schemas.ts';
import { Chart } from './chart.tsx';
import type { Client } from './client.ts';
import { usePolled } from './polled.ts';
import { chooseSignals, prepareSeries, toMarks } from './series.ts';
import { formatTime } from './wording.ts';

interface Props {
  readonly client: Client;
  readonly twin: Twin;
  readonly anomalies: readonly Anomaly[];
  /** Null: the page chooses. */
  readonly chosen: readonly string[] | null;
  readonly onChoose: (signals: readonly string[] | null) => void;
}

const ranges = [
  { title: '5 min', ms: 300_000 },
  { title: '15 min', ms: 900_000 },
  { title: '1 h', ms: 3_600_000 },
  { title: '6 h', ms: 21_600_000 },
  { title: '24 h', ms: 86_400_000 },
  { title: '7 days', ms: 604_800_000 },
] as const;

const usualCharts = 4;
/** A long range moves slowly; its question is the heavier. */
const refreshShare = 1 / 300;
const leastRefreshMs = 2000;

export function Charts({ client, twin, anomalies, chosen, onChoose }: Props) {
  const [rangeMs, setRangeMs] = useState<number>(ranges[0].ms);
  const [endsAt, setEndsAt] = useState<string>('');
  const named = twin.findings.flatMap((finding) => finding.evidence.map((evidence) => evidence.signal));
  const signals = chosen ?? chooseSignals(named, twin.values, usualCharts);
  const history = useHistory({ client, twin, signals, rangeMs, endsAt });
  if (twin.values.length === 0) return null;
  const titleOf = new Map(twin.values.map(({ signal, title, unit }) => [signal, { title, unit }]));
  const marks = toMarks(anomalies);
  return (
    <>
      <h2>Expected and actual</h2>
      <div class="filters">
        <fieldset>
          <legend class="hidden">Range</legend>
          {ranges.map(({ title, ms }) => (
            <button key={ms} type="button" class="chip" aria-pressed={rangeMs === ms} onClick={() => setRangeMs(ms)}>
              {title}
            </button>
          ))}
        </fieldset>
        <label>
          until <input type="datetime-local" value={endsAt} onInput={(event) => setEndsAt(event.currentTarget.value)} />
        </label>
        {endsAt !== '' && (
          <button type="button" onClick={() => setEndsAt('')}>
            Back to now
          </button>
        )}
        <SignalChoice twin={twin} signals={signals} onChoose={onChoose} />
        <Export client={client} twin={twin} signals={signals} history={history.value} />
      </div>
      {history.problem !== null && (
        <p class="problem" role="alert">
          The history is not here: {history.problem.message}.
        </p>
      )}
      <div class="charts">
        {history.value !== null &&
          signals.map((signal) => (
            <Chart
              key={signal}
              title={titleOf.get(signal)?.title ?? signal}
              unit={titleOf.get(signal)?.unit ?? ''}
              series={prepareSeries(history.value!, signal)}
              marks={marks}
              fromS={Date.parse(history.value!.from) / 1000}
              toS={Date.parse(history.value!.to) / 1000}
            />
          ))}
      </div>
      {history.value !== null && (
        <p class="quiet">
          Line: actual, with its band from least to greatest in each {history.value.resolutionS} s. Dashes: expected.
          Shaded: anomalies. From {formatTime(history.value.from)} to {formatTime(history.value.to)}.
        </p>
      )}
    </>
  );
}

interface Wanted {
  readonly client: Client;
  readonly twin: Twin;
  readonly signals: readonly string[];
  readonly rangeMs: number;
  /** As the field has it, in the viewer's zone; empty for now. */
  readonly endsAt: string;
}

function useHistory({ client, twin, signals, rangeMs, endsAt }: Wanted) {
  const key = `${twin.machineId} ${rangeMs} ${endsAt} ${signals.join(',')}`;
  const everyMs = Math.max(leastRefreshMs, rangeMs * refreshShare);
  return usePolled(key, everyMs, async (signal): Promise<History | null> => {
    if (signals.length === 0) return null;
    const toMs = endsAt === '' ? Date.now() : Date.parse(endsAt);
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
      <summary>Signals ({signals.length})</summary>
      <div>
        {twin.values.map(({ signal, title }) => (
          <label key={signal}>
            <input type="checkbox" checked={signals.includes(signal)} onChange={() => toggle(signal)} /> {title}
          </label>
        ))}
      </div>
    </details>
  );
}

interface ExportProps {
  readonly client: Client;
  readonly twin: Twin;
  readonly signals: readonly string[];
  readonly history: History | null;
}

function Export({ client, twin, signals, history }: ExportProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (): Promise<void> => {
    if (history === null) return;
    const { from, to, resolutionS } = history;
    const query = new URLSearchParams({
      from,
      to,
      resolutionS: String(resolutionS),
      limit: '5000',
      signals: signals.join(','),
    });
    try {
      const blob = await client.download(`/api/machines/${encodeURIComponent(twin.machineId)}/history.csv?${query}`);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = `${twin.machineId}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <button type="button" onClick={save} disabled={history === null}>
        Save as CSV
      </button>
      {problem !== null && (
        <span class="problem" role="alert">
          {problem}
        </span>
      )}
    </>
  );
}
