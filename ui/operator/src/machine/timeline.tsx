import { useEffect, useRef, useState } from 'preact/hooks';
import type { Anomaly, History, Twin } from '../../../../core/api/schemas.ts';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { useWidth } from '../drawing/use-width.ts';
import { formatTime, toFieldTime } from '../wording.ts';

interface Props {
  readonly twin: Twin;
  /** Of the server: a laptop may let time run faster. */
  readonly nowMs: number;
  readonly anomalies: readonly Anomaly[];
  /** Null: now. */
  readonly atMs: number | null;
  readonly onTravel: (atMs: number | null) => void;
}

const spans = [
  { title: 'last hour', ms: 3_600_000 },
  { title: 'last 24 hours', ms: 86_400_000 },
  { title: 'last 7 days', ms: 604_800_000 },
] as const;

const stripHeightPx = 44;
const refreshEveryMs = 30_000;
/** A hand on the slider asks for the moment it rests on, not for each on the way. */
const restMs = 150;

/** The machine's health over time, to travel along: every other panel shows the moment that is chosen here. */
export function Timeline({ twin, nowMs, anomalies, atMs, onTravel }: Props) {
  const [spanMs, setSpanMs] = useState<number>(spans[0].ms);
  const [wantedMs, setWantedMs] = useRested(atMs, onTravel);
  const fromMs = Math.min(nowMs - spanMs, wantedMs ?? nowMs);
  const health = useHealth(twin, spanMs);
  const move = (toMs: number): void => setWantedMs(toMs >= nowMs - spanMs / 400 ? null : toMs);
  return (
    <section class="panel timeline" aria-labelledby="timeline">
      <div class="row spread">
        <h2 id="timeline">History</h2>
        <div class="row small">
          <label>
            <span class="hidden">Go to the time </span>
            <input
              type="datetime-local"
              step={1}
              max={toFieldTime(nowMs)}
              value={wantedMs === null ? '' : toFieldTime(wantedMs)}
              onChange={(event) => {
                const chosenMs = Date.parse(event.currentTarget.value);
                setWantedMs(Number.isNaN(chosenMs) || chosenMs >= nowMs ? null : chosenMs);
              }}
            />
          </label>
          <select aria-label="Span" value={spanMs} onChange={(event) => setSpanMs(Number(event.currentTarget.value))}>
            {spans.map(({ title, ms }) => (
              <option key={ms} value={ms}>
                {title}
              </option>
            ))}
          </select>
          <button type="button" disabled={wantedMs === null} onClick={() => setWantedMs(null)}>
            Back to now
          </button>
        </div>
      </div>
      <Strip history={health} anomalies={anomalies} fromMs={fromMs} toMs={nowMs} />
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={wantedMs === null ? 'now' : formatTime(wantedMs)}
        min={fromMs}
        max={nowMs}
        step={Math.max(1000, Math.round(spanMs / 1440))}
        value={wantedMs ?? nowMs}
        onInput={(event) => move(Number(event.currentTarget.value))}
      />
      <div class="row spread small quiet">
        <span>{formatTime(fromMs)}</span>
        <span class="key">Line: health. Blocks: anomalies.</span>
        <span>now</span>
      </div>
    </section>
  );
}

function useRested(atMs: number | null, onTravel: (atMs: number | null) => void) {
  const [wantedMs, setWantedMs] = useState(atMs);
  const travel = useRef(onTravel);
  travel.current = onTravel;
  useEffect(() => {
    const timer = setTimeout(() => travel.current(wantedMs), wantedMs === null ? 0 : restMs);
    return () => clearTimeout(timer);
  }, [wantedMs]);
  useEffect(() => {
    if (atMs === null) setWantedMs(null);
  }, [atMs]);
  return [wantedMs, setWantedMs] as const;
}

function useHealth({ machineId, values, asOf }: Twin, spanMs: number): History | null {
  const client = useClient();
  const first = values[0]?.signal ?? '';
  const path = `/api/machines/${encodeURIComponent(machineId)}/history`;
  return usePolled(`${path} health ${spanMs}`, first === '' ? null : refreshEveryMs, (signal) => {
    const query = new URLSearchParams({
      from: new Date(Date.parse(asOf) - spanMs).toISOString(),
      to: asOf,
      signals: first,
    });
    return client.get<History>(`${path}?${query}`, signal);
  }).value;
}

interface StripProps {
  readonly history: History | null;
  readonly anomalies: readonly Anomaly[];
  readonly fromMs: number;
  readonly toMs: number;
}

function Strip({ history, anomalies, fromMs, toMs }: StripProps) {
  const [box, widthPx] = useWidth<HTMLDivElement>();
  const xOf = (timeMs: number): number => ((timeMs - fromMs) / (toMs - fromMs)) * widthPx;
  const gapMs = (history?.resolutionS ?? 1) * 3000;
  let lastMs = Number.NEGATIVE_INFINITY;
  const line = (history?.timesMs ?? [])
    .flatMap((timeMs, i) => {
      const health = history?.healthPercent[i];
      if (health == null) return [];
      const step = timeMs - lastMs > gapMs ? 'M' : 'L';
      lastMs = timeMs;
      return [`${step}${xOf(timeMs).toFixed(1)} ${(stripHeightPx * (1 - health / 100) * 0.9 + 2).toFixed(1)}`];
    })
    .join('');
  return (
    <div ref={box} class="strip">
      <svg width={widthPx} height={stripHeightPx} aria-hidden="true">
        {anomalies.map(({ anomalyId, firstSeen, lastSeen, severity }) => (
          <rect
            key={anomalyId}
            class={severity}
            x={xOf(Date.parse(firstSeen))}
            width={Math.max(3, xOf(Date.parse(lastSeen)) - xOf(Date.parse(firstSeen)))}
            height={stripHeightPx}
          />
        ))}
        <path d={line} />
      </svg>
    </div>
  );
}
