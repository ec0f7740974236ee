import type { Counts, Ledger } from '../../../../core/api/ledger.ts';
import type { MachinePage } from '../../../../core/api/schemas.ts';
import type { Client } from '../connection/client.ts';
import { Connection } from '../connection/connection.tsx';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { formatTime } from '../wording.ts';
import { describeLatency, type Latency } from './latency.ts';

const everyMs = 3000;

async function loadLedger(client: Client, signal: AbortSignal): Promise<Ledger> {
  const first = await client.get<Ledger>('/api/ledger?limit=1000', signal);
  const machines = [...first.machines];
  for (let { next } = first; next !== null; ) {
    const page: Ledger = await client.get(`/api/ledger?limit=1000&cursor=${next}`, signal);
    machines.push(...page.machines);
    next = page.next;
  }
  return { ...first, machines, totals: sumOf(machines), next: null };
}

const counted = ['received', 'used', 'late', 'duplicates', 'quarantined', 'missing'] as const;

function sumOf(machines: readonly Counts[]): Counts {
  const sum = { received: 0, used: 0, late: 0, duplicates: 0, quarantined: 0, missing: 0 };
  for (const machine of machines) for (const name of counted) sum[name] += machine[name];
  return sum;
}

/** What became of every sample, and how long it takes from the machine to this page. */
export function Pipeline() {
  const client = useClient();
  const polled = usePolled('ledger', everyMs, (signal) => loadLedger(client, signal));
  const machines = usePolled('ages', everyMs, (signal) =>
    client.get<MachinePage>('/api/machines?limit=1000', signal),
  ).value;
  return (
    <div class="view">
      <div class="heading">
        <h1>Ledger and latency</h1>
        <Connection polled={polled} />
      </div>
      <LatencyPanel latency={describeLatency(machines?.machines ?? [], client.durationsMs)} />
      {polled.value === null && polled.problem === null && <div class="loading" role="status" aria-label="Loading" />}
      {polled.value !== null && <LedgerPanel ledger={polled.value} />}
    </div>
  );
}

function LatencyPanel({ latency }: { readonly latency: Latency }) {
  const ms = (value: number | null): string => (value === null ? '–' : `${Math.round(value).toLocaleString('en')} ms`);
  return (
    <section class="panel" aria-labelledby="latency">
      <h2 id="latency">Latency</h2>
      <dl class="figures">
        <div>
          <dt>age of the newest sample by the plant’s clock, median of {latency.liveMachines} live machines</dt>
          <dd>{ms(latency.ageP50Ms)}</dd>
        </div>
        <div>
          <dt>of the oldest in a hundred of them</dt>
          <dd>{ms(latency.ageP99Ms)}</dd>
        </div>
        <div>
          <dt>an answer of the server by this device’s clock, median of {latency.calls} calls</dt>
          <dd>{ms(latency.callP50Ms)}</dd>
        </div>
        <div>
          <dt>of the slowest in a hundred of them</dt>
          <dd>{ms(latency.callP99Ms)}</dd>
        </div>
      </dl>
      <p class="quiet small">
        The age is since arrival, as the server has it; a machine that sends once a second is up to a second old by
        itself. On a laptop whose plant runs faster (<code>--speed 10</code>) the plant’s clock counts as many times
        more than this device’s: the two do not compare there.
      </p>
    </section>
  );
}

const titles: Readonly<Record<(typeof counted)[number], string>> = {
  received: 'Received',
  used: 'Used',
  late: 'Late',
  duplicates: 'Duplicates',
  quarantined: 'Quarantined',
  missing: 'Missing',
};

function LedgerPanel({ ledger: { totals, machines } }: { readonly ledger: Ledger }) {
  const difference = totals.received - totals.used - totals.late - totals.duplicates - totals.quarantined;
  const worst = [...machines].sort((a, b) => troubleOf(b) - troubleOf(a));
  return (
    <section class="panel" aria-labelledby="ledger">
      <h2 id="ledger">Ledger</h2>
      <p>
        {totals.received.toLocaleString('en')} received = {totals.used.toLocaleString('en')} used +{' '}
        {totals.late.toLocaleString('en')} late + {totals.duplicates.toLocaleString('en')} duplicates +{' '}
        {totals.quarantined.toLocaleString('en')} quarantined:{' '}
        <strong class={difference === 0 ? 'badge normal' : 'badge critical'}>
          {difference === 0 ? '✓ every sample is accounted for' : `✖ ${difference} not accounted for`}
        </strong>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <section class="scroll" tabIndex={0} aria-label="Ledger of each machine">
        <table>
          <thead>
            <tr>
              <th scope="col">Machine</th>
              {counted.map((name) => (
                <th key={name} scope="col" class="number">
                  {titles[name]}
                </th>
              ))}
              <th scope="col">Counted until</th>
            </tr>
          </thead>
          <tbody>
            {worst.map((machine) => (
              <tr key={machine.machineId}>
                <td>
                  <a href={`#/machines/${encodeURIComponent(machine.machineId)}`}>{machine.machineId}</a>
                </td>
                {counted.map((name) => (
                  <td key={name} class={`number ${isTrouble(name) && machine[name] > 0 ? 'badge warning' : ''}`}>
                    {machine[name].toLocaleString('en')}
                  </td>
                ))}
                <td class="time">{machine.countedUntil === null ? '–' : formatTime(machine.countedUntil)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

const isTrouble = (name: (typeof counted)[number]): boolean => name === 'quarantined' || name === 'missing';
const troubleOf = ({ quarantined, missing }: Counts): number => quarantined + missing;
