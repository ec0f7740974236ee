import { spell } from '../../../../core/api/titles.ts';
import type { WorkOrderDetail } from '../../../../core/api/work-orders.ts';
import { titleOfWork } from '../../../../core/maintenance/work-order.ts';
import { Connection } from '../connection/connection.tsx';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { decisionWords, formatTime } from '../wording.ts';
import { Decide } from './decide.tsx';
import { OrderCosts, OrderHead } from './maintenance.tsx';
import { isUndecided, isUnderWay, orderColours } from './order-words.ts';
import { ReportFindings } from './report-findings.tsx';

const everyMs = 3000;

/** One work order: why, what it costs, who said what, and what was found. */
export function WorkOrder({ workOrderId }: { readonly workOrderId: string }) {
  const client = useClient();
  const path = `/api/work-orders/${encodeURIComponent(workOrderId)}`;
  const polled = usePolled(path, everyMs, (signal) => client.get<WorkOrderDetail>(path, signal));
  return (
    <div class="view">
      <div class="heading">
        <h1>{polled.value === null ? 'Work order' : titleOfWork(polled.value)}</h1>
        <Connection polled={polled} />
      </div>
      {polled.value === null && polled.problem === null && <div class="loading" role="status" aria-label="Loading" />}
      {polled.value !== null && <Details order={polled.value} onDone={polled.again} />}
    </div>
  );
}

function Details({ order, onDone }: { readonly order: WorkOrderDetail; readonly onDone: () => void }) {
  const { incidentId, gate, rationale, requestedBy, requestedAt, component, part, failureMode, findings } = order;
  return (
    <>
      <section class={`panel card ${orderColours[order.state]}`} aria-label="What it is about">
        <OrderHead order={order} />
        <dl>
          <dt>Because</dt>
          <dd>{rationale}</dd>
          <dt>Component</dt>
          <dd>
            {spell(component)}
            {part !== null && ` ${part}`}
            {failureMode !== null && `, ${failureMode.replaceAll('_', ' ')}`}
          </dd>
          <dt>The twin said</dt>
          <dd>{decisionWords[gate]}</dd>
          <dt>Asked for</dt>
          <dd>
            {formatTime(requestedAt)} by {requestedBy}
            {incidentId !== null && (
              <>
                {' for '}
                <a href={`#/incidents/${encodeURIComponent(incidentId)}`}>an incident</a>
              </>
            )}
          </dd>
        </dl>
        <OrderCosts order={order} />
        {isUndecided(order) && <Decide order={order} onDone={onDone} />}
        {isUnderWay(order) && <ReportFindings order={order} onDone={onDone} />}
        {findings !== null && (
          <p>
            <strong>{spell(findings.result)}</strong>: {findings.text}{' '}
            <span class="quiet">
              ({findings.by}, {formatTime(findings.at)})
            </span>
          </p>
        )}
      </section>
      <section class="panel" aria-labelledby="story">
        <h2 id="story">What happened</h2>
        <ol class="story">
          {order.history.map(({ at, by, what, text }, i) => (
            <li key={`${at} ${i}`}>
              <span class="quiet small">{formatTime(at)}</span> <strong>{spell(what)}</strong> by {by}
              {text !== '' && `: ${text}`}
            </li>
          ))}
        </ol>
      </section>
      <Earlier order={order} />
    </>
  );
}

function Earlier({ order: { earlier } }: { readonly order: WorkOrderDetail }) {
  if (earlier.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="earlier">
      <h2 id="earlier">Done to this component before</h2>
      <ul>
        {earlier.map(({ workOrderId, title, result, doneAt }) => (
          <li key={workOrderId}>
            <a href={`#/maintenance/${encodeURIComponent(workOrderId)}`}>{title}</a>, {formatTime(doneAt)}:{' '}
            {spell(result)}
          </li>
        ))}
      </ul>
    </section>
  );
}
