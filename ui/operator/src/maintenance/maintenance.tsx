import { useState } from 'preact/hooks';
import type { Schedule, WorkOrderView } from '../../../../core/api/work-orders.ts';
import { titleOfWork } from '../../../../core/maintenance/work-order.ts';
import { formatHours } from '../../../../core/prognosis/format-hours.ts';
import { Connection } from '../connection/connection.tsx';
import { usePlant } from '../connection/plant.ts';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { formatEur, formatTime } from '../wording.ts';
import { Decide } from './decide.tsx';
import { Done } from './done.tsx';
import { describeNext, orderColours, orderStateWords } from './order-words.ts';

const everyMs = 3000;

/** What is to be decided, what is planned, what it costs and what it was worth: site by site. */
export function Maintenance() {
  const client = useClient();
  const plant = usePlant();
  const [round, setRound] = useState(0);
  const sites = [...new Set((plant?.lines ?? []).map(({ site }) => site))].filter((site) => site !== '');
  const polled = usePolled(`schedule of ${sites.join()}`, everyMs, (signal) =>
    Promise.all(
      sites.map((site) => client.get<Schedule>(`/api/maintenance/schedule?site=${encodeURIComponent(site)}`, signal)),
    ),
  );
  const refresh = (): void => {
    setRound(round + 1);
    polled.again();
  };
  return (
    <div class="view">
      <div class="heading">
        <h1>Maintenance</h1>
        <Connection polled={polled} />
      </div>
      {polled.value === null && polled.problem === null && <div class="loading" role="status" aria-label="Loading" />}
      {polled.value?.length === 0 && plant !== null && <p class="empty">No machine of this plant has a site.</p>}
      {(polled.value ?? []).map((schedule) => (
        <Site key={schedule.site} schedule={schedule} withName={sites.length > 1} round={round} onDone={refresh} />
      ))}
    </div>
  );
}

interface SiteProps {
  readonly schedule: Schedule;
  readonly withName: boolean;
  readonly round: number;
  readonly onDone: () => void;
}

function Site({ schedule, withName, round, onDone }: SiteProps) {
  const { site, undecided, upcoming, parts } = schedule;
  return (
    <section class="view" aria-label={site}>
      {withName && <h2>{site}</h2>}
      <Costs costs={schedule.costs} />
      <h2>To be decided</h2>
      {undecided.length === 0 && <p class="empty">Nothing waits for a decision.</p>}
      <ul class="cards">
        {undecided.map((order) => (
          <li key={order.workOrderId} class={`panel card ${orderColours[order.state]}`}>
            <OrderHead order={order} />
            <p>{order.rationale}</p>
            <OrderCosts order={order} />
            <Decide order={order} onDone={onDone} />
          </li>
        ))}
      </ul>
      <h2>Planned</h2>
      {upcoming.length === 0 ? <p class="empty">Nothing is planned.</p> : <Upcoming orders={upcoming} parts={parts} />}
      <Done site={site} round={round} />
    </section>
  );
}

export function OrderHead({ order }: { readonly order: WorkOrderView }) {
  const { workOrderId, machineId, state } = order;
  return (
    <div class="row spread">
      <h3>
        <a href={`#/maintenance/${encodeURIComponent(workOrderId)}`}>{titleOfWork(order)}</a>
        {' at '}
        <a href={`#/machines/${encodeURIComponent(machineId)}`}>{machineId}</a>
      </h3>
      <span class={`pill ${orderColours[state]}`}>{orderStateWords[state]}</span>
    </div>
  );
}

export function OrderCosts({ order }: { readonly order: WorkOrderView }) {
  const { cost, action, remainingLife, reckonedAt } = order;
  const next = describeNext(order);
  return (
    <dl class="figures">
      <div>
        <dt>acting now, {formatHours(cost.plannedHours)} of standstill</dt>
        <dd>{formatEur(cost.actingEur)}</dd>
      </div>
      <div>
        <dt>expected of waiting, {formatHours(cost.unplannedHours)} if it fails</dt>
        <dd>{formatEur(cost.waitingEur)}</dd>
      </div>
      {remainingLife !== null && (
        <div>
          <dt>
            left at {formatTime(reckonedAt)}, {formatHours(remainingLife.p10)} to {formatHours(remainingLife.p90)}
          </dt>
          <dd>{formatHours(remainingLife.p50)}</dd>
        </div>
      )}
      {action.parts.length > 0 && (
        <div>
          <dt>parts, {formatEur(cost.partsEur)}</dt>
          <dd>{action.parts.map(({ name, quantity }) => `${quantity} × ${name}`).join(', ')}</dd>
        </div>
      )}
      {next !== null && (
        <div>
          <dt>{next[0]}</dt>
          <dd>{formatTime(next[1])}</dd>
        </div>
      )}
    </dl>
  );
}

function Costs({ costs }: { readonly costs: Schedule['costs'] }) {
  return (
    <dl class="figures panel">
      <div>
        <dt>planned work, {formatHours(costs.plannedHours)} of standstill</dt>
        <dd>{formatEur(costs.plannedEur)}</dd>
      </div>
      <div>
        <dt>expected of leaving undecided what is undecided</dt>
        <dd>{formatEur(costs.waitingEur)}</dd>
      </div>
      <div>
        <dt>avoided by {costs.done} done, in the last year</dt>
        <dd>{formatEur(costs.avoidedEur)}</dd>
      </div>
      <div>
        <dt>found no fault</dt>
        <dd>{costs.noFaultFound}</dd>
      </div>
    </dl>
  );
}

interface UpcomingProps {
  readonly orders: readonly WorkOrderView[];
  readonly parts: Schedule['parts'];
}

function Upcoming({ orders, parts }: UpcomingProps) {
  return (
    <div class="panel">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <section class="scroll" tabIndex={0} aria-label="Planned work">
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Machine</th>
              <th scope="col">Work</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                Standstill
              </th>
              <th scope="col" class="number">
                Cost
              </th>
            </tr>
          </thead>
          <tbody>
            {orders.map(({ workOrderId, scheduledAt, machineId, action, part, state, cost }) => (
              <tr key={workOrderId}>
                <td>{scheduledAt === null ? 'next change of shifts' : formatTime(scheduledAt)}</td>
                <td>
                  <a href={`#/machines/${encodeURIComponent(machineId)}`}>{machineId}</a>
                </td>
                <td>
                  <a href={`#/maintenance/${encodeURIComponent(workOrderId)}`}>{titleOfWork({ action, part })}</a>
                </td>
                <td>
                  <span class={`badge ${orderColours[state]}`}>{orderStateWords[state]}</span>
                </td>
                <td class="number">{formatHours(cost.plannedHours)}</td>
                <td class="number">{formatEur(cost.actingEur)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {parts.length > 0 && (
        <p class="small">
          From the store:{' '}
          {parts.map(({ name, quantity, eur }) => `${quantity} × ${name} (${formatEur(eur)})`).join(', ')}
        </p>
      )}
    </div>
  );
}
