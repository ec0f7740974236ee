import { useEffect } from 'preact/hooks';
import { spell } from '../../../../core/api/titles.ts';
import type { WorkOrderPage, WorkOrderView } from '../../../../core/api/work-orders.ts';
import { titleOfWork } from '../../../../core/maintenance/work-order.ts';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { formatTime } from '../wording.ts';
import { isUndecided, isUnderWay, orderStateWords } from './order-words.ts';

const everyMs = 10_000;

interface Props {
  readonly site: string;
  /** Grows with each thing that is done on this page: the list is asked for anew. */
  readonly round: number;
}

/** What was decided and is over: done with what was found, rejected, or left to expire. */
export function Done({ site, round }: Props) {
  const client = useClient();
  const path = `/api/work-orders?site=${encodeURIComponent(site)}`;
  const { value, again } = usePolled(path, everyMs, (signal) => client.get<WorkOrderPage>(path, signal));
  useEffect(() => {
    if (round > 0) again();
  }, [round, again]);
  const over = (value?.workOrders ?? []).filter((order) => !isUndecided(order) && !isUnderWay(order));
  if (over.length === 0) return null;
  return (
    <>
      <h2>Over</h2>
      <div class="panel">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
        <section class="scroll" tabIndex={0} aria-label="Work that is over">
          <table>
            <thead>
              <tr>
                {['Asked for', 'Machine', 'Work', 'State', 'Found'].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {over.map((order) => (
                <Row key={order.workOrderId} order={order} />
              ))}
            </tbody>
          </table>
        </section>
      </div>
    </>
  );
}

function Row({ order }: { readonly order: WorkOrderView }) {
  const { workOrderId, requestedAt, requestedBy, machineId, state, findings } = order;
  return (
    <tr>
      <td>
        {formatTime(requestedAt)} <span class="quiet">by {requestedBy}</span>
      </td>
      <td>
        <a href={`#/machines/${encodeURIComponent(machineId)}`}>{machineId}</a>
      </td>
      <td>
        <a href={`#/maintenance/${encodeURIComponent(workOrderId)}`}>{titleOfWork(order)}</a>
      </td>
      <td>{orderStateWords[state]}</td>
      <td>{findings === null ? '–' : `${spell(findings.result)}: ${findings.text}`}</td>
    </tr>
  );
}
