import { useId, useState } from 'preact/hooks';
import type { WhatIfAnswer } from '../../../../core/api/what-if.ts';
import { formatHours } from '../../../../core/prognosis/format-hours.ts';
import { useClient } from '../connection/session-context.ts';
import { useDoing } from '../doing.ts';
import { Problem } from '../problem.tsx';
import { formatEur, formatPercent } from '../wording.ts';
import { nameOf, soonestOfEach } from './soonest.ts';

type Supposed = WhatIfAnswer['components'][number];

const fields = [
  { name: 'waitHours', label: 'Work done in, h', value: 168, min: 0, max: 8760 },
  { name: 'loadPercent', label: 'Load until then, %', value: 100, min: 10, max: 200 },
  { name: 'speedPercent', label: 'Speed until then, %', value: 100, min: 10, max: 200 },
] as const;

/** A planner's question before a decision: nothing on the machine changes by it. */
export function WhatIf({ machineId }: { readonly machineId: string }) {
  const id = useId();
  const client = useClient();
  const [answer, setAnswer] = useState<WhatIfAnswer | null>(null);
  const { run, problem, isBusy } = useDoing(async (query: URLSearchParams) => {
    const path = `/api/machines/${encodeURIComponent(machineId)}/what-if`;
    setAnswer(await client.get<WhatIfAnswer>(`${path}?${query}`));
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    void run(new URLSearchParams(fields.map(({ name }) => [name, String(form.get(name))])));
  };
  return (
    <details class="small what-if">
      <summary>What if…</summary>
      <form class="question" onSubmit={submit} aria-label="What if">
        {fields.map(({ name, label, value, min, max }) => (
          <div key={name} class="field">
            <label for={`${id}-${name}`}>{label}</label>
            <input
              id={`${id}-${name}`}
              name={name}
              type="number"
              step="any"
              required
              {...{ min, max }}
              defaultValue={`${value}`}
            />
          </div>
        ))}
        <p class="row">
          <button type="submit" disabled={isBusy}>
            Tell
          </button>
        </p>
        <Problem text={problem} />
      </form>
      {answer !== null && (
        <ul class="lives" aria-label="What would be" aria-live="polite">
          {soonestOfEach(answer.components).map((one, i) => (
            <li key={`${one.component} ${one.part} ${i}`} title={one.why}>
              <Outcome {...one} />
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

function Outcome(one: Supposed) {
  const { hours, soon, later, why } = one;
  return (
    <>
      <span>{nameOf(one)}</span>
      <span class="number">{hours === null ? '–' : formatHours(hours.p50)}</span>
      <span class="quiet">{hours === null ? `not told: ${why}` : describePlans(soon, later)}</span>
    </>
  );
}

function describePlans(soon: Supposed['soon'], later: Supposed['later']): string {
  if (soon === null || later === null) return 'no work is known for it';
  const risk = `${formatPercent(later.failureChance)} fail before the work, in ${formatHours(later.doneInHours)}`;
  return `${risk}: ${formatEur(later.expectedEur)} expected; as soon as can be, in ${formatHours(soon.doneInHours)}: ${formatEur(soon.expectedEur)}`;
}
