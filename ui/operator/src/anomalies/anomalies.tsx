import { useEffect, useState } from 'preact/hooks';
import type { Anomaly, Anomalies as Answer } from '../../../../core/api/schemas.ts';
import type { Client } from '../connection/client.ts';
import { Connection } from '../connection/connection.tsx';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { formatSpan, formatTime, stateSigns, stateWords } from '../wording.ts';

/** A day of a plant is a heavy question for the store. */
const everyMs = 10_000;

export function Anomalies() {
  const client = useClient();
  const [pages, setPages] = useState(1);
  const polled = usePolled('anomalies', everyMs, (signal) => readPages(client, pages, signal));
  useEffect(() => polled.again(), [pages]);
  return (
    <div class="view">
      <div class="heading">
        <h1>Anomalies of the last 24 hours</h1>
        <Connection polled={polled} />
      </div>
      {polled.value === null && polled.problem === null && <div class="loading" role="status" aria-label="Loading" />}
      {polled.value !== null && (
        <div class="panel">
          <AnomalyTable anomalies={polled.value.anomalies} withMachine />
        </div>
      )}
      {polled.value !== null && polled.value.next !== null && (
        <button type="button" onClick={() => setPages(pages + 1)}>
          Show older ones
        </button>
      )}
    </div>
  );
}

/** As many pages as were asked for, each anew: what is newest pushes the others down. */
async function readPages(client: Client, pages: number, signal: AbortSignal): Promise<Answer> {
  const first = await client.get<Answer>('/api/anomalies', signal);
  const anomalies = [...first.anomalies];
  let { next } = first;
  for (let page = 1; page < pages && next !== null; page++) {
    const more: Answer = await client.get(`/api/anomalies?cursor=${next}`, signal);
    anomalies.push(...more.anomalies);
    next = more.next;
  }
  return { ...first, anomalies, next };
}

interface TableProps {
  readonly anomalies: readonly Anomaly[];
  readonly withMachine?: boolean;
}

const spanOf = ({ firstSeen, lastSeen, samples }: Anomaly): string =>
  samples === 1 ? 'one sample' : formatSpan(Date.parse(lastSeen) - Date.parse(firstSeen));

const columns = ['What', 'Worst', 'First seen', 'Last seen', 'Lasted', 'Samples', 'Lowest health'] as const;
const numberColumns: ReadonlySet<string> = new Set(['Lasted', 'Samples', 'Lowest health']);

export function AnomalyTable({ anomalies, withMachine = false }: TableProps) {
  if (anomalies.length === 0) return <p class="quiet empty">Nothing stood out.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section class="scroll" tabIndex={0} aria-label="Anomalies">
      <table>
        <thead>
          <tr>
            {withMachine && <th scope="col">Machine</th>}
            {columns.map((title) => (
              <th key={title} scope="col" class={numberColumns.has(title) ? 'number' : ''}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {anomalies.map((anomaly) => (
            <tr key={anomaly.anomalyId}>
              {withMachine && (
                <td>
                  <a href={`#/machines/${encodeURIComponent(anomaly.machineId)}`}>{anomaly.machineId}</a>
                </td>
              )}
              <td>{anomaly.title}</td>
              <td>
                <span class={`badge ${anomaly.severity}`}>
                  <span aria-hidden="true">{stateSigns[anomaly.severity]}</span> {stateWords[anomaly.severity]}
                </span>
              </td>
              <td class="time">{formatTime(anomaly.firstSeen)}</td>
              <td class="time">{formatTime(anomaly.lastSeen)}</td>
              <td class="number">{spanOf(anomaly)}</td>
              <td class="number">{anomaly.samples.toLocaleString('en')}</td>
              <td class="number">{anomaly.lowestHealthPercent === null ? '–' : `${anomaly.lowestHealthPercent} %`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
