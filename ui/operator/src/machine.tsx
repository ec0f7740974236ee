import { useState } from 'preact/hooks';
import type { Anomalies, MachineTypeSummary, Twin } from '../../../core/api/schemas.ts';
import { AnomalyTable } from './anomalies.tsx';
import { Charts } from './charts.tsx';
import type { Client } from './client.ts';
import { Connection } from './connection.tsx';
import { Causes, Components, DecisionPanel, Evidence, RemainingLife, Values } from './panels.tsx';
import { usePolled } from './polled.ts';
import { asCutOff, formatAge, formatTime, stateOf, stateSigns, stateWords } from './wording.ts';

interface Props {
  readonly client: Client;
  readonly machineId: string;
  readonly onSignedOut: () => void;
}

const anomaliesEveryMs = 5000;
/** A type's titles do not change while the page stands. */
const typeEveryMs = 3_600_000;

export function Machine({ client, machineId, onSignedOut }: Props) {
  const path = `/api/machines/${encodeURIComponent(machineId)}`;
  const polled = usePolled(path, client.config.refreshEveryMs, (signal) => client.get<Twin>(path, signal));
  const anomalies = usePolled(`${path}/anomalies`, anomaliesEveryMs, (signal) =>
    client.get<Anomalies>(`${path}/anomalies`, signal),
  );
  return (
    <>
      <p>
        <a href="#/">← Fleet</a>
      </p>
      <Connection polled={polled} onSignedOut={onSignedOut} />
      {polled.value !== null && (
        <MachineView
          client={client}
          twin={polled.isCutOff ? asCutOff(polled.value) : polled.value}
          isCutOff={polled.isCutOff}
          anomalies={anomalies.value?.anomalies ?? []}
        />
      )}
    </>
  );
}

interface ViewProps {
  readonly client: Client;
  readonly twin: Twin;
  readonly isCutOff: boolean;
  readonly anomalies: Anomalies['anomalies'];
}

function MachineView({ client, twin, isCutOff, anomalies }: ViewProps) {
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const typePath = `/api/machine-types/${encodeURIComponent(twin.machineType)}`;
  const type = usePolled(typePath, typeEveryMs, (signal) => client.get<MachineTypeSummary>(typePath, signal)).value;
  const state = stateOf(twin);
  return (
    <article>
      <header class="machine">
        <h1>{twin.name}</h1>
        <span class={`badge ${state}`}>
          <span aria-hidden="true">{stateSigns[state]}</span> {stateWords[state]}
        </span>
        <p class="quiet">
          {[type?.title ?? twin.machineType, twin.site, twin.line, twin.phase].filter(Boolean).join(' · ')}
          {twin.sampledAt !== null && ` · last sample ${formatTime(twin.sampledAt)}, ${formatAge(twin.ageMs)}`}
        </p>
      </header>
      {state === 'stale' && (
        <p class="banner" role="alert">
          ? {isCutOff ? 'This page is cut off from the server' : 'The machine is silent'}: every value below is how it
          was, not how it is.
        </p>
      )}
      <div class="panels">
        <DecisionPanel twin={twin} isCutOff={isCutOff} />
        <Components twin={twin} />
        <RemainingLife twin={twin} />
        <Causes twin={twin} />
      </div>
      <Evidence findings={twin.findings} />
      <Charts client={client} twin={twin} anomalies={anomalies} chosen={chosen} onChoose={setChosen} />
      <h2>Anomalies of the last 24 hours</h2>
      <AnomalyTable anomalies={anomalies} titles={type?.codes ?? {}} />
      <Values twin={twin} isStale={state === 'stale'} />
    </article>
  );
}
