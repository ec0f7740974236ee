import type { IncidentView } from '../../../../core/api/desk.ts';
import type { Twin } from '../../../../core/api/schemas.ts';
import { Acts } from '../incidents/acts.tsx';
import { Standing } from '../incidents/incidents.tsx';
import { WorkOf } from '../maintenance/work-of.tsx';
import { decisionWords, formatPercent } from '../wording.ts';

interface Props {
  readonly twin: Twin;
  readonly isCutOff: boolean;
  /** Of this machine, not closed. */
  readonly incidents: readonly IncidentView[];
}

const cutOff: Twin['advice'] = {
  decision: 'do_not_proceed',
  action: 'Look after the machine where it stands',
  requiredCheck: 'The connection of this page',
  rationale: 'This page no longer knows how the machine is',
  confidence: 1,
  wouldChange: ['An answer of the server'],
};

/** What a person should do now and why, and where they say that they do it. */
export function DecisionPanel({ twin, isCutOff, incidents }: Props) {
  const advice = isCutOff ? cutOff : twin.advice;
  const isPast = twin.rebuilt !== null;
  return (
    <section class={`panel decision ${advice.decision}`} aria-labelledby="decision">
      <h2 id="decision">{decisionWords[advice.decision]}</h2>
      <dl>
        <dt>Do now</dt>
        <dd>
          <strong>{advice.action}</strong>
        </dd>
        <dt>Check first</dt>
        <dd>{advice.requiredCheck}</dd>
        <dt>Because</dt>
        <dd>{advice.rationale}</dd>
        {advice.wouldChange.length > 0 && (
          <>
            <dt>Would change with</dt>
            <dd>{advice.wouldChange.join('; ')}</dd>
          </>
        )}
        <dt>Confidence</dt>
        <dd>{isCutOff || isPast ? '–' : formatPercent(advice.confidence)}</dd>
      </dl>
      {!isPast && (
        <>
          {incidents.map((incident) => (
            <IncidentLine key={incident.incidentId} incident={incident} />
          ))}
          <WorkOf machine={twin} />
        </>
      )}
    </section>
  );
}

function IncidentLine({ incident }: { readonly incident: IncidentView }) {
  return (
    <section class="under" aria-label={`Incident ${incident.title}`}>
      <div class="row spread">
        <h3>
          Incident: <a href={`#/incidents/${encodeURIComponent(incident.incidentId)}`}>{incident.title}</a>
        </h3>
        <Standing incident={incident} />
      </div>
      <Acts incident={incident} />
    </section>
  );
}
