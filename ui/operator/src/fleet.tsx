import { memo } from 'preact/compat';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { MachinePage, MachineSummary } from '../../../core/api/schemas.ts';
import type { Client } from './client.ts';
import { Connection } from './connection.tsx';
import { usePolled } from './polled.ts';
import {
  asCutOff,
  decisionWords,
  formatAge,
  type State,
  sortByUrgency,
  stateOf,
  stateSigns,
  statesByUrgency,
  stateWords,
} from './wording.ts';

interface Props {
  readonly client: Client;
  readonly onSignedOut: () => void;
}

async function loadAll(client: Client, signal: AbortSignal): Promise<MachineSummary[]> {
  const machines: MachineSummary[] = [];
  let cursor = '';
  do {
    const page: MachinePage = await client.get(`/api/machines?limit=1000${cursor}`, signal);
    machines.push(...page.machines);
    cursor = page.next === null ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  return machines;
}

export function Fleet({ client, onSignedOut }: Props) {
  const polled = usePolled('fleet', client.config.refreshEveryMs, (signal) => loadAll(client, signal));
  const [search, setSearch] = useState('');
  const [only, setOnly] = useState<State | null>(null);
  const machines = (polled.value ?? []).map((machine) => (polled.isCutOff ? asCutOff(machine) : machine));
  const words = search.toLowerCase().split(/\s+/);
  const shown = sortByUrgency(machines).filter(
    (machine) => (only === null || stateOf(machine) === only) && words.every((word) => textOf(machine).includes(word)),
  );
  return (
    <>
      <h1>Fleet</h1>
      <Connection polled={polled} onSignedOut={onSignedOut} />
      <Filters machines={machines} only={only} onOnly={setOnly} onSearch={setSearch} />
      {polled.value !== null && <Tiles machines={shown} hasMachines={machines.length > 0} />}
    </>
  );
}

const textOf = ({ machineId, name, machineType, site, line }: MachineSummary): string =>
  `${machineId} ${name} ${machineType} ${site} ${line}`.toLowerCase();

interface FiltersProps {
  readonly machines: readonly MachineSummary[];
  readonly only: State | null;
  readonly onOnly: (state: State | null) => void;
  readonly onSearch: (text: string) => void;
}

function Filters({ machines, only, onOnly, onSearch }: FiltersProps) {
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
  const count = (state: State): number => machines.filter((machine) => stateOf(machine) === state).length;
  return (
    <div class="filters">
      <label>
        <span class="hidden">Search machines by name, type, site or line</span>
        <input
          ref={field}
          type="search"
          placeholder="Search ( / )"
          onInput={(event) => onSearch(event.currentTarget.value)}
        />
      </label>
      <fieldset>
        <legend class="hidden">Show only machines that are</legend>
        {statesByUrgency.map((state) => (
          <button
            key={state}
            type="button"
            class={`chip ${state}`}
            aria-pressed={only === state}
            onClick={() => onOnly(only === state ? null : state)}
          >
            <span aria-hidden="true">{stateSigns[state]}</span> {stateWords[state]} {count(state)}
          </button>
        ))}
      </fieldset>
    </div>
  );
}

function Tiles({
  machines,
  hasMachines,
}: {
  readonly machines: readonly MachineSummary[];
  readonly hasMachines: boolean;
}) {
  if (machines.length === 0) {
    return (
      <p class="empty">
        {hasMachines
          ? 'No machine fits the search and the filter.'
          : 'No machine is registered yet. Register one, and it appears here with its first sample.'}
      </p>
    );
  }
  return (
    <ul class="tiles" aria-label="Machines, the most urgent first">
      {machines.map((machine) => (
        <Tile key={machine.machineId} machine={machine} />
      ))}
    </ul>
  );
}

/** A thousand of them stand here: one that says nothing new is left alone. */
const Tile = memo(
  ({ machine }: { readonly machine: MachineSummary }) => {
    const state = stateOf(machine);
    return (
      <li class={`tile ${state}`}>
        <a href={`#/machines/${encodeURIComponent(machine.machineId)}`}>
          <strong>{machine.name}</strong>
          <span class="state">
            <span aria-hidden="true">{stateSigns[state]}</span> {stateWords[state]}
          </span>
          <span>{decisionWords[machine.decision]}</span>
          <span class="quiet">{placeOf(machine)}</span>
          <span class="quiet">{silenceOf(machine)}</span>
        </a>
      </li>
    );
  },
  (before, after) => signOf(before.machine) === signOf(after.machine),
);

/** A line is often called after what stands on it. */
const placeOf = ({ machineType, site, line }: MachineSummary): string =>
  [...new Set([machineType, site, line])].filter(Boolean).join(' · ');

/** The age of what is live is not news; that of what is silent is. */
function silenceOf({ freshness, ageMs, healthPercent }: MachineSummary): string {
  if (freshness === 'never') return 'Registered, no sample yet';
  return freshness === 'stale' ? `Last heard ${formatAge(ageMs)}` : `Health ${healthPercent} %`;
}

const signOf = (machine: MachineSummary): string =>
  `${machine.name}|${stateOf(machine)}|${machine.decision}|${silenceOf(machine)}|${machine.site}|${machine.line}`;
