import type { MachineTypeSummary, Twin } from '../../../../core/api/schemas.ts';
import type { WorkOrderPage, WorkOrderView } from '../../../../core/api/work-orders.ts';
import { titleOfWork } from '../../../../core/maintenance/work-order.ts';
import { formatHours } from '../../../../core/prognosis/format-hours.ts';
import { usePolled } from '../connection/polled.ts';
import { useClient, useMayAct } from '../connection/session-context.ts';
import { formatEur, formatTime } from '../wording.ts';
import { AskMaintenance } from './ask-maintenance.tsx';
import { Decide } from './decide.tsx';
import { isUndecided, isUnderWay, orderColours, orderStateWords } from './order-words.ts';

const everyMs = 3000;
const lastingEveryMs = 3_600_000;

/** The work that a machine waits for, to be decided where one sees how the machine is. */
export function WorkOf({ machine }: { readonly machine: Twin }) {
  const client = useClient();
  const mayAct = useMayAct();
  const { machineId, site, machineType } = machine;
  const query = new URLSearchParams({ site, machineId });
  const { value, again } = usePolled(`work of ${machineId}`, site === '' ? null : everyMs, (signal) =>
    client.get<WorkOrderPage>(`/api/work-orders?${query}`, signal),
  );
  const typePath = `/api/machine-types/${encodeURIComponent(machineType)}`;
  const type = usePolled(typePath, lastingEveryMs, (signal) => client.get<MachineTypeSummary>(typePath, signal));
  const orders = (value?.workOrders ?? []).filter((order) => isUndecided(order) || isUnderWay(order));
  return (
    <section class="under" aria-label="Maintenance">
      {orders.map((order) => (
        <Order key={order.workOrderId} order={order} onDone={again} />
      ))}
      {mayAct && <AskMaintenance machineId={machineId} actions={type.value?.actions ?? []} onDone={again} />}
    </section>
  );
}

function Order({ order, onDone }: { readonly order: WorkOrderView; readonly onDone: () => void }) {
  const { workOrderId, action, cost, decideBy, reckonedAt, scheduledAt, state } = order;
  return (
    <div class="order">
      <div class="row spread">
        <h3>
          Work: <a href={`#/maintenance/${encodeURIComponent(workOrderId)}`}>{titleOfWork(order)}</a>
        </h3>
        <span class={`pill ${orderColours[state]}`}>{orderStateWords[state]}</span>
      </div>
      <p class="small">
        As reckoned at {formatTime(reckonedAt)}: {formatEur(cost.actingEur)} and {formatHours(action.durationHours)}{' '}
        now, waiting is expected to cost {formatEur(cost.waitingEur)}.{' '}
        {isUndecided(order) ? `Open for a decision until ${formatTime(decideBy)}.` : ''}
        {scheduledAt !== null && isUnderWay(order) && `Planned for ${formatTime(scheduledAt)}.`}
      </p>
      {isUndecided(order) && <Decide order={order} onDone={onDone} />}
    </div>
  );
}
