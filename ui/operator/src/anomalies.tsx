import type { Anomaly, Anomalies as Answer } from '../../../core/api/schemas.ts';
import type { Client } from './client.ts';
import { Connection } from './connection.tsx';
import { usePolled } from './polled.ts';
import { formatTime, stateSigns, stateWords } from './wording.ts';

interface Props {
  readonly client: Client;
  readonly onSignedOut: () => void;
}

/** A day of a plant is a heavy question for the store. */
const everyMs = 10_000;

export function Anomalies({ client, onSignedOut }: Props) {
  const polled = usePolled('anomalies', everyMs, (signal) => client.get<Answer>('/api/anomalies', signal));
  return (
    <>
      <h1>Anomalies of the last 24 hours</h1>
      <Connection polled={polled} onSignedOut={onSignedOut} />
      {polled.value !== null && <AnomalyTable anomalies={polled.value.anomalies} withMachine />}
      {polled.value?.isComplete === false && <p class="quiet">There were more; these are the newest.</p>}
    </>
  );
}

interface TableProps {
  readonly anomalies: readonly Anomaly[];
  readonly withMachine?: boolean;
  readonly titles?: Readonly<Record<string, string>>;
}

export function AnomalyTable({ anomalies, withMachine = false, titles = {} }: TableProps) {
  if (anomalies.length === 0) return <p class="empty">Nothing stood out.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section class="scroll" tabIndex={0} aria-label="Anomalies">
      <table>
        <thead>
          <tr>
            {withMachine && <th scope="col">Machine</th>}
            <th scope="col">What</th>
            <th scope="col">Worst</th>
            <th scope="col">First seen</th>
            <th scope="col">Last seen</th>
            <th scope="col" class="number">
              Samples
            </th>
            <th scope="col" class="number">
              Lowest health
            </th>
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
              <td>{titles[anomaly.code] ?? anomaly.code.replaceAll('_', ' ')}</td>
              <td>
                <span class={`sign ${anomaly.severity}`} aria-hidden="true">
                  {stateSigns[anomaly.severity]}
                </span>{' '}
                {stateWords[anomaly.severity]}
              </td>
              <td>{formatTime(anomaly.firstSeen)}</td>
              <td>{formatTime(anomaly.lastSeen)}</td>
              <td class="number">{anomaly.samples}</td>
              <td class="number">{anomaly.lowestHealthPercent === null ? '–' : `${anomaly.lowestHealthPercent} %`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
