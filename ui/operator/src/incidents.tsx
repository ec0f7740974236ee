import { useState } from 'preact/hooks';
import type { IncidentAct, IncidentList, IncidentView } from '../../../core/api/desk.ts';
import type { Fleet } from '../../../core/api/schemas.ts';
import type { Client } from './client.ts';
import { Connection } from './connection.tsx';
import { usePolled } from './polled.ts';
import { formatTime, stateSigns, stateWords } from './wording.ts';

interface Props {
  readonly client: Client;
  readonly onSignedOut: () => void;
}

const everyMs = 1500;

const stateNames: Readonly<Record<IncidentView['state'], string>> = {
  open: 'Open',
  acknowledged: 'Acknowledged',
  in_work: 'In work',
  resolved: 'Resolved',
  shelved: 'Shelved',
  closed: 'Closed',
};

async function loadIncidents(client: Client, signal: AbortSignal): Promise<IncidentView[]> {
  const { lines } = await client.get<Fleet>('/api/fleet', signal);
  const sites = [...new Set(lines.map(({ site }) => site))].filter((site) => site !== '');
  const lists = await Promise.all(
    sites.map((site) => client.get<IncidentList>(`/api/incidents?site=${encodeURIComponent(site)}`, signal)),
  );
  return lists.flatMap(({ incidents }) => incidents);
}

/** What is open and nobody has taken comes first. */
export function Incidents({ client, onSignedOut }: Props) {
  const polled = usePolled('incidents', everyMs, (signal) => loadIncidents(client, signal));
  const [problem, setProblem] = useState<string | null>(null);
  const act = async (incidentId: string, what: IncidentAct): Promise<void> => {
    try {
      await client.post(`/api/incidents/${encodeURIComponent(incidentId)}/acts`, what);
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const incidents = [...(polled.value ?? [])].sort(
    (a, b) => Number(a.acknowledged !== null) - Number(b.acknowledged !== null) || a.openedAt.localeCompare(b.openedAt),
  );
  return (
    <>
      <h1>Incidents</h1>
      <Connection polled={polled} onSignedOut={onSignedOut} />
      {problem !== null && (
        <p class="problem" role="alert">
          Not done: {problem}
        </p>
      )}
      {polled.value !== null && incidents.length === 0 && <p class="empty">No incident is open.</p>}
      <ul class="incidents">
        {incidents.map((incident) => (
          <Item key={incident.incidentId} incident={incident} onAct={(what) => act(incident.incidentId, what)} />
        ))}
      </ul>
    </>
  );
}

interface ItemProps {
  readonly incident: IncidentView;
  readonly onAct: (what: IncidentAct) => void;
}

function Item({ incident, onAct }: ItemProps) {
  const { title, severity, state, openedAt, where, machineIds, acknowledged, action, requiredCheck } = incident;
  return (
    <li class="panel">
      <h2>
        <span class={`badge ${severity}`}>
          <span aria-hidden="true">{stateSigns[severity]}</span> {stateWords[severity]}
        </span>{' '}
        {title}
      </h2>
      <p class="quiet">
        {stateNames[state]} · since {formatTime(openedAt)} · {where}
        {acknowledged !== null && ` · taken by ${acknowledged.by} at ${formatTime(acknowledged.at)}`}
      </p>
      {action !== null && (
        <p>
          {action}. <span class="quiet">Check first: {requiredCheck}</span>
        </p>
      )}
      <p class="acts">
        {machineIds.map((machineId) => (
          <a key={machineId} href={`#/machines/${encodeURIComponent(machineId)}`}>
            {machineId}
          </a>
        ))}
        {acknowledged === null && (
          <button type="button" onClick={() => onAct({ kind: 'acknowledge' })}>
            I take it
          </button>
        )}
        {state === 'acknowledged' && (
          <button type="button" onClick={() => onAct({ kind: 'start_work' })}>
            Start work
          </button>
        )}
        {(state === 'in_work' || state === 'acknowledged') && (
          <button type="button" onClick={() => onAct({ kind: 'resolve' })}>
            Resolved
          </button>
        )}
      </p>
    </li>
  );
}
