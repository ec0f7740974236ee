import { useId } from 'preact/hooks';
import { spell } from '../../../../core/api/titles.ts';
import type { FindingsBody, WorkOrderView } from '../../../../core/api/work-orders.ts';
import { findingResults } from '../../../../core/maintenance/work-order.ts';
import { useClient, useMayAct } from '../connection/session-context.ts';
import { useDoing } from '../doing.ts';
import { Problem } from '../problem.tsx';

interface Props {
  readonly order: WorkOrderView;
  readonly onDone: () => void;
}

/** Work that was done is reported with what was found: the twin learns from it. */
export function ReportFindings({ order, onDone }: Props) {
  const id = useId();
  const client = useClient();
  const path = `/api/work-orders/${encodeURIComponent(order.workOrderId)}/findings`;
  const { run, problem, isBusy } = useDoing((findings: FindingsBody) => client.post(path, findings));
  if (!useMayAct()) return null;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const result = findingResults.find((one) => one === form.get('result')) ?? 'confirmed';
    const partsReplaced = form.getAll('part').map(String);
    if (await run({ result, text: String(form.get('text')), partsReplaced })) onDone();
  };
  return (
    <form class="question" onSubmit={submit} aria-label="Report it done">
      <label for={`${id}-result`}>Found</label>
      <select id={`${id}-result`} name="result">
        {findingResults.map((result) => (
          <option key={result} value={result}>
            {spell(result)}
          </option>
        ))}
      </select>
      <label for={`${id}-text`}>What was done</label>
      <input id={`${id}-text`} name="text" required maxLength={500} />
      {order.action.parts.map(({ name, quantity }) => (
        <label key={name} class="row">
          <input type="checkbox" name="part" value={name} defaultChecked /> {quantity} × {name} replaced
        </label>
      ))}
      <button type="submit" class="primary" disabled={isBusy}>
        Report it done
      </button>
      <Problem what="Not reported" text={problem} />
    </form>
  );
}
