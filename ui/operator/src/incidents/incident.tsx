import type { IncidentDetail } from '../../../../core/api/desk.ts';
import { spell, titleOfSignal } from '../../../../core/api/titles.ts';
import { describeEntry } from '../../../../core/incidents/story.ts';
import { Connection } from '../connection/connection.tsx';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { EvidenceTable } from '../machine/evidence.tsx';
import { Problem } from '../problem.tsx';
import { formatTime, stateSigns, stateWords } from '../wording.ts';
import { Acts } from './acts.tsx';
import { Standing } from './incidents.tsx';
import { linkMachines } from './link-machines.ts';

const everyMs = 2000;

/** One incident with everything that is known of it: the case file, and who did what when. */
export function Incident({ incidentId }: { readonly incidentId: string }) {
  const client = useClient();
  const path = `/api/incidents/${encodeURIComponent(incidentId)}`;
  const polled = usePolled(path, everyMs, (signal) => client.get<IncidentDetail>(path, signal));
  const incident = polled.value;
  return (
    <div class="view">
      <div class="heading">
        <h1>{incident?.title ?? 'Incident'}</h1>
        <Connection polled={polled} />
      </div>
      {incident === null ? <div class="loading" role="status" aria-label="Loading" /> : <Details incident={incident} />}
    </div>
  );
}

function Details({ incident }: { readonly incident: IncidentDetail }) {
  const { severity, openedAt, where, action, requiredCheck, evidence, commonCause, escalateAt, shelf } = incident;
  const seenAt = incident.history.findLast(({ kind }) => kind === 'episode')?.at;
  return (
    <>
      <section class={`panel card ${severity}`} aria-label="What to do">
        <div class="row spread">
          <span class="badge">
            <span aria-hidden="true">{stateSigns[severity]}</span> {stateWords[severity]}
          </span>
          <Standing incident={incident} />
        </div>
        <dl>
          <dt>Since</dt>
          <dd>{formatTime(openedAt)}</dd>
          <dt>Where</dt>
          <dd>
            {linkMachines(where, incident.machineIds).map((part) =>
              part.isMachine ? (
                <a key={part.text} href={`#/machines/${encodeURIComponent(part.text)}`}>
                  {part.text}
                </a>
              ) : (
                part.text
              ),
            )}
          </dd>
          {commonCause !== null && <Line term="In common" text={commonCause} />}
          {action !== null && <Line term="Do" text={action} />}
          {requiredCheck !== null && <Line term="Check first" text={requiredCheck} />}
          {incident.causes.length > 0 && (
            <Line
              term="Probable causes"
              text={incident.causes.map((c) => `${spell(c.failureMode)} ${Math.round(c.weight * 100)} %`).join(', ')}
            />
          )}
          {escalateAt !== null && (
            <Line term="Escalates" text={`${formatTime(escalateAt)}, unless somebody acknowledges it`} />
          )}
          {shelf !== null && <Line term="Shelved" text={`until ${formatTime(shelf.until)}: ${shelf.reason}`} />}
        </dl>
        <Acts incident={incident} withAll />
      </section>
      {evidence.length > 0 && (
        <section class="panel" aria-labelledby="evidence">
          <h2 id="evidence">Evidence{seenAt === undefined ? '' : `, as it was at ${formatTime(seenAt)}`}</h2>
          <EvidenceTable
            rows={evidence.map((one) => ({ evidence: one, finding: null }))}
            titles={new Map(evidence.map(({ signal, unit }) => [signal, titleOfSignal({ name: signal, unit })]))}
          />
        </section>
      )}
      <Story incident={incident} />
    </>
  );
}

const Line = ({ term, text }: { readonly term: string; readonly text: string }) => (
  <>
    <dt>{term}</dt>
    <dd>{text}</dd>
  </>
);

function Story({ incident: { history, historyBreak } }: { readonly incident: IncidentDetail }) {
  return (
    <section class="panel" aria-labelledby="story">
      <h2 id="story">What happened</h2>
      <ol class="story">
        {history.map(({ sequence, at, by, kind, detail }) => (
          <li key={sequence}>
            <span class="quiet small">{formatTime(at)}</span> <strong>{describeEntry({ kind, detail })}</strong>{' '}
            <span class="quiet">by {by}</span>
          </li>
        ))}
      </ol>
      {historyBreak === null && <p class="quiet small">✓ Every entry is sealed to the one before it.</p>}
      <Problem what="✖ This history was changed afterwards" text={historyBreak} />
    </section>
  );
}
