import type { IncidentView } from '../../../../core/api/desk.ts';
import { Connection } from '../connection/connection.tsx';
import { formatTime, stateSigns, stateWords } from '../wording.ts';
import { Acts } from './acts.tsx';
import { Calls } from './calls.tsx';
import type { OpenIncidents } from './open-incidents.ts';
import { describeStanding } from './standing.ts';

const rankOf = ({ state, severity }: IncidentView): number =>
  (state === 'open' ? 0 : state === 'shelved' || state === 'resolved' ? 2 : 1) * 10 +
  ['critical', 'warning', 'watch', 'normal'].indexOf(severity);

/** What is open and nobody has acknowledged comes first, the worst of it before the rest. */
export function Incidents({ polled }: { readonly polled: OpenIncidents }) {
  const incidents = [...(polled.value ?? [])].sort(
    (a, b) => rankOf(a) - rankOf(b) || a.openedAt.localeCompare(b.openedAt),
  );
  return (
    <div class="view">
      <div class="heading">
        <h1>Incidents</h1>
        <Connection polled={polled} />
      </div>
      <Calls />
      {polled.value === null && polled.problem === null && <div class="loading" role="status" aria-label="Loading" />}
      {polled.value !== null && incidents.length === 0 && <p class="empty">No incident is open.</p>}
      <ul class="cards">
        {incidents.map((incident) => (
          <Card key={incident.incidentId} incident={incident} />
        ))}
      </ul>
    </div>
  );
}

function Card({ incident }: { readonly incident: IncidentView }) {
  const { incidentId, title, severity, openedAt, where, machineIds, action, requiredCheck } = incident;
  return (
    <li class={`panel card ${severity}`}>
      <div class="row spread">
        <h2>
          <span class="badge">
            <span aria-hidden="true">{stateSigns[severity]}</span> {stateWords[severity]}
          </span>{' '}
          <a href={`#/incidents/${encodeURIComponent(incidentId)}`}>{title}</a>
        </h2>
        <Standing incident={incident} />
      </div>
      <p class="quiet small">
        since {formatTime(openedAt)} · {where}
      </p>
      {action !== null && (
        <p>
          <strong>{action}.</strong> Check first: {requiredCheck}
        </p>
      )}
      <div class="row spread">
        <Acts incident={incident} />
        <span class="row small">
          {machineIds.map((machineId) => (
            <a key={machineId} href={`#/machines/${encodeURIComponent(machineId)}`}>
              {machineId}
            </a>
          ))}
        </span>
      </div>
    </li>
  );
}

export function Standing({
  incident,
}: {
  readonly incident: Pick<IncidentView, 'state' | 'acknowledged' | 'assignee'>;
}) {
  return <span class={`pill ${incident.state === 'open' ? 'critical' : ''}`}>{describeStanding(incident)}</span>;
}
