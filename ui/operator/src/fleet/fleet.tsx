import { useMemo, useState } from 'preact/hooks';
import type { MachinePage } from '../../../../core/api/schemas.ts';
import { ageSummary, type DatedSummary } from '../aging.ts';
import type { Client } from '../connection/client.ts';
import { Connection } from '../connection/connection.tsx';
import { useFeed } from '../connection/feed.ts';
import { sitesOf, usePlant } from '../connection/plant.ts';
import { useClient } from '../connection/session-context.ts';
import { asCutOff } from '../wording.ts';
import { Filters } from './filters.tsx';
import { Rollups } from './rollups.tsx';
import { everything, type Selection, select, sortByUrgency } from './selection.ts';
import { Tiles } from './tiles.tsx';

async function loadAll(client: Client, signal: AbortSignal): Promise<readonly DatedSummary[]> {
  const machines: DatedSummary[] = [];
  let cursor = '';
  do {
    const page: MachinePage = await client.get(`/api/machines?limit=1000${cursor}`, signal);
    machines.push(...page.machines.map((machine) => ({ ...machine, asOf: page.asOf })));
    cursor = page.next === null ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  return machines;
}

/** Kept while one looks at a machine and comes back. */
let lastSelection = everything;

export function Fleet() {
  const client = useClient();
  const plant = usePlant();
  const polled = useFeed('machines', {
    topics: sitesOf(plant).map((site) => `site:${site}`),
    everyMs: client.config.refreshEveryMs,
    ask: (signal) => loadAll(client, signal),
    fromEntries: (entries) => entries as unknown as readonly DatedSummary[],
  });
  const [selection, setSelection] = useState(lastSelection);
  const choose = (chosen: Selection): void => {
    lastSelection = chosen;
    setSelection(chosen);
  };
  const { value, asOfMs, isCutOff } = polled;
  const machines = useMemo(
    () => sortByUrgency((value ?? []).map((m) => (isCutOff ? asCutOff(m) : ageSummary(m, asOfMs)))),
    [value, asOfMs, isCutOff],
  );
  const shown = useMemo(() => select(machines, selection), [machines, selection]);
  return (
    <div class="view">
      <div class="heading">
        <h1>Fleet</h1>
        <Connection polled={polled} />
      </div>
      {plant !== null && plant.plant.machines > 0 && (
        <Rollups fleet={plant} isCutOff={isCutOff} onSelect={(place) => choose({ ...everything, ...place })} />
      )}
      <Filters machines={machines} selection={selection} onSelect={choose} />
      {value === null && polled.problem === null && <div class="loading" role="status" aria-label="Loading" />}
      {value !== null && shown.length > 0 && <Tiles machines={shown} />}
      {value !== null && shown.length === 0 && (
        <Nothing hasMachines={machines.length > 0} onShowAll={() => choose(everything)} />
      )}
    </div>
  );
}

function Nothing({ hasMachines, onShowAll }: { readonly hasMachines: boolean; readonly onShowAll: () => void }) {
  if (!hasMachines) {
    return <p class="empty">No machine is registered yet. Register one, and it appears here with its first sample.</p>;
  }
  return (
    <p class="empty">
      No machine fits the search and the filter.{' '}
      <button type="button" onClick={onShowAll}>
        Show all
      </button>
    </p>
  );
}
