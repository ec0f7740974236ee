import { useEffect, useRef } from 'preact/hooks';
import type { MachineSummary } from '../../../../core/api/schemas.ts';
import { type State, stateOf, stateSigns, statesByUrgency, stateWords } from '../wording.ts';
import { namesOf, type Selection } from './selection.ts';

interface Props {
  readonly machines: readonly MachineSummary[];
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
}

export function Filters({ machines, selection, onSelect }: Props) {
  const field = useFocusBySlash();
  const choose = (change: Partial<Selection>): void => onSelect({ ...selection, ...change });
  return (
    <search class="filters">
      <input
        ref={field}
        type="search"
        placeholder="Search ( / )"
        aria-label="Search machines by name, type, site or line"
        value={selection.search}
        onInput={(event) => choose({ search: event.currentTarget.value })}
      />
      <States machines={machines} chosen={selection.state} onChoose={(state) => choose({ state })} />
      <Names
        title="Site"
        names={namesOf(machines, 'site')}
        chosen={selection.site}
        onChoose={(site) => choose({ site })}
      />
      <Names
        title="Line"
        names={namesOf(machines, 'line')}
        chosen={selection.line}
        onChoose={(line) => choose({ line })}
      />
      <Names
        title="Type"
        names={namesOf(machines, 'machineType')}
        chosen={selection.type}
        onChoose={(type) => choose({ type })}
      />
    </search>
  );
}

function useFocusBySlash() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
  return field;
}

interface StatesProps {
  readonly machines: readonly MachineSummary[];
  readonly chosen: State | null;
  readonly onChoose: (state: State | null) => void;
}

function States({ machines, chosen, onChoose }: StatesProps) {
  const counts = new Map<State, number>();
  for (const machine of machines) counts.set(stateOf(machine), (counts.get(stateOf(machine)) ?? 0) + 1);
  return (
    <fieldset class="chips">
      <legend class="hidden">Show only machines that are</legend>
      {statesByUrgency.map((state) => (
        <button
          key={state}
          type="button"
          class={`chip ${state} ${counts.has(state) ? '' : 'none'}`}
          aria-pressed={chosen === state}
          onClick={() => onChoose(chosen === state ? null : state)}
        >
          <span aria-hidden="true">{stateSigns[state]}</span> {stateWords[state]}{' '}
          <strong>{counts.get(state) ?? 0}</strong>
        </button>
      ))}
    </fieldset>
  );
}

interface NamesProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly chosen: string;
  readonly onChoose: (name: string) => void;
}

/** Where there is one name only, there is nothing to choose. */
function Names({ title, names, chosen, onChoose }: NamesProps) {
  if (names.length < 2) return null;
  return (
    <select aria-label={title} value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
      <option value="">{title}: all</option>
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
