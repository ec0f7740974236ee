import { useId, useState } from 'preact/hooks';
import type { MachineTypeSummary } from '../../../../core/api/schemas.ts';
import { useClient } from '../connection/session-context.ts';
import { useDoing } from '../doing.ts';
import { Problem } from '../problem.tsx';

interface Props {
  readonly machineId: string;
  readonly actions: MachineTypeSummary['actions'];
  readonly onDone: () => void;
}

/** A person sees or hears what no sensor does, and asks for work. */
export function AskMaintenance({ machineId, actions, onDone }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [isAsked, setAsked] = useState(false);
  if (actions.length === 0) return null;
  if (!isOpen) {
    return (
      <p class="row">
        <button type="button" onClick={() => setOpen(true)}>
          Ask for maintenance…
        </button>
        {isAsked && <span role="status">Asked for: the work order appears here.</span>}
      </p>
    );
  }
  const close = (wasAsked: boolean): void => {
    setOpen(false);
    setAsked(wasAsked);
    if (wasAsked) onDone();
  };
  return <Wish {...{ machineId, actions }} onClose={close} />;
}

interface WishProps extends Omit<Props, 'onDone'> {
  readonly onClose: (wasAsked: boolean) => void;
}

function Wish({ machineId, actions, onClose }: WishProps) {
  const id = useId();
  const client = useClient();
  const path = `/api/machines/${encodeURIComponent(machineId)}/maintenance-requests`;
  const { run, problem, isBusy } = useDoing((wish: object) => client.post(path, wish));
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    if (await run({ action: form.get('action'), reason: form.get('reason') })) onClose(true);
  };
  return (
    <form class="question" onSubmit={submit} aria-label="Ask for maintenance">
      <label for={`${id}-action`}>Work</label>
      <select id={`${id}-action`} name="action">
        {actions.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
      <label for={`${id}-reason`}>Because</label>
      <input id={`${id}-reason`} name="reason" required maxLength={500} />
      <button type="submit" class="primary" disabled={isBusy}>
        Ask
      </button>
      <button type="button" class="plain" onClick={() => onClose(false)}>
        Cancel
      </button>
      <Problem what="Not asked" text={problem} />
    </form>
  );
}
