import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useClient } from './connection/session-context.ts';
import { toFieldTime } from './wording.ts';

interface Props {
  readonly title: string;
  readonly label: string;
  /** Asks for an end too, so many hours from now unless changed. */
  readonly untilHours?: number;
  /** True when it was taken: the question closes. */
  readonly onGiven: (reason: string, until: string | null) => Promise<boolean>;
}

/** A button that asks for its reason before it does anything; Escape takes the question back. */
export function AskReason({ title, label, untilHours, onGiven }: Props) {
  const [isOpen, setOpen] = useState(false);
  if (!isOpen) {
    return (
      <button type="button" onClick={() => setOpen(true)}>
        {title}…
      </button>
    );
  }
  return <Question {...{ title, label, untilHours, onGiven }} onClose={() => setOpen(false)} />;
}

interface QuestionProps extends Omit<Props, 'untilHours'> {
  readonly untilHours: number | undefined;
  readonly onClose: () => void;
}

function Question({ title, label, untilHours, onGiven, onClose }: QuestionProps) {
  const { clock } = useClient();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const until = form.get('until');
    const isTaken = await onGiven(
      String(form.get('reason')),
      until === null ? null : new Date(String(until)).toISOString(),
    );
    if (isTaken) onClose();
  };
  const leave = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    onClose();
  };
  return (
    <form class="question" onSubmit={submit} onKeyDown={leave} aria-label={title}>
      <label for={`${id}-reason`}>{label}</label>
      <input id={`${id}-reason`} ref={field} name="reason" required maxLength={500} />
      {untilHours !== undefined && (
        <>
          <label for={`${id}-until`}>until</label>
          <input
            id={`${id}-until`}
            name="until"
            type="datetime-local"
            required
            defaultValue={toFieldTime(clock.nowMs() + untilHours * 3_600_000)}
          />
        </>
      )}
      <button type="submit" class="primary">
        {title}
      </button>
      <button type="button" class="plain" onClick={onClose}>
        Cancel
      </button>
    </form>
  );
}
