import type { Twin } from '../../../core/api/schemas.ts';
import {
  decisionWords,
  formatAge,
  formatHours,
  formatNumber,
  formatValue,
  qualityWords,
  stateSigns,
  stateWords,
} from './wording.ts';

const numberColumns: ReadonlySet<string> = new Set(['Observed', 'Expected', 'Limit', 'Value', 'Age']);

/** What a person should do now, and why. */
export function DecisionPanel({ twin, isCutOff }: { readonly twin: Twin; readonly isCutOff: boolean }) {
  const { advice } = twin;
  const decision = isCutOff ? 'do_not_proceed' : advice.decision;
  return (
    <section class={`panel decision ${decision}`} aria-labelledby="decision">
      <h2 id="decision">{decisionWords[decision]}</h2>
      <dl>
        <dt>Do</dt>
        <dd>{isCutOff ? 'Look after the machine where it stands' : advice.action}</dd>
        <dt>Check first</dt>
        <dd>{isCutOff ? 'The connection of this page' : advice.requiredCheck}</dd>
        <dt>Because</dt>
        <dd>{isCutOff ? 'This page no longer knows how the machine is' : advice.rationale}</dd>
        <dt>Would change with</dt>
        <dd>{isCutOff ? 'An answer of the server' : advice.wouldChange.join('; ')}</dd>
        <dt>Confidence</dt>
        <dd>{isCutOff ? '–' : `${Math.round(advice.confidence * 100)} %`}</dd>
      </dl>
    </section>
  );
}

export function Components({ twin }: { readonly twin: Twin }) {
  const parts = [
    { component: '', title: 'Machine', healthPercent: twin.healthPercent },
    ...[...twin.components].sort((a, b) => a.healthPercent - b.healthPercent),
  ];
  return (
    <section class="panel" aria-labelledby="health">
      <h2 id="health">Health</h2>
      <ul class="bars">
        {parts.map(({ component, title, healthPercent }) => (
          <li key={component}>
            <span>{title}</span>
            <meter min={0} max={100} low={40} high={70} optimum={100} value={healthPercent ?? 0} aria-label={title} />
            <span class="number">{healthPercent === null ? '–' : `${healthPercent} %`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const lifeWords: Readonly<Record<Twin['remainingLife'][number]['status'], string>> = {
  none_seen: 'no wear seen: the fleet’s life',
  wearing: 'wearing',
  failed: 'worn out',
  withheld: 'not told',
};

/** How long each component has left, with its band: never a bare number. */
export function RemainingLife({ twin }: { readonly twin: Twin }) {
  const { remainingLife, nextMaintenance } = twin;
  return (
    <section class="panel" aria-labelledby="life">
      <h2 id="life">Remaining life</h2>
      {remainingLife.length === 0 ? (
        <p class="quiet">Not known yet.</p>
      ) : (
        <ul class="lives">
          {remainingLife.map(({ component, title, part, status, hours, why }) => (
            <li key={`${component} ${part}`}>
              <strong>{part === null ? title : `${title} ${part}`}</strong>{' '}
              {hours === null
                ? '–'
                : `${formatHours(hours.p50)} (${formatHours(hours.p10)} to ${formatHours(hours.p90)})`}{' '}
              <span class="quiet" title={why}>
                {lifeWords[status]}
              </span>
            </li>
          ))}
        </ul>
      )}
      {nextMaintenance !== null && (
        <p>
          Next: <strong>{nextMaintenance.title}</strong>, to be done within{' '}
          {formatHours(nextMaintenance.doneWithinHours)}, ordered{' '}
          {nextMaintenance.orderWithinHours <= 0 ? 'now' : `within ${formatHours(nextMaintenance.orderWithinHours)}`}.
        </p>
      )}
    </section>
  );
}

export function Causes({ twin }: { readonly twin: Twin }) {
  return (
    <section class="panel" aria-labelledby="causes">
      <h2 id="causes">Probable causes</h2>
      {twin.causes.length === 0 ? (
        <p class="quiet">None: nothing deviates that a known failure would explain.</p>
      ) : (
        <ol>
          {twin.causes.map(({ failureMode, title, weight }) => (
            <li key={failureMode}>
              {title} <span class="quiet">{Math.round(weight * 100)} %</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

export function Evidence({ findings }: { readonly findings: Twin['findings'] }) {
  if (findings.length === 0) return null;
  const rows = findings.flatMap((finding) => finding.evidence.map((evidence) => ({ finding, evidence })));
  return (
    <>
      <h2>Evidence</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <section class="scroll" tabIndex={0} aria-label="Evidence">
        <table>
          <thead>
            <tr>
              {['Finding', 'Severity', 'Signal', 'Observed', 'Expected', 'Limit', 'Quality', 'Detector'].map(
                (title) => (
                  <th key={title} scope="col" class={numberColumns.has(title) ? 'number' : ''}>
                    {title}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ finding, evidence }, i) => (
              <tr key={`${finding.code} ${evidence.signal} ${i}`}>
                <td>{finding.title}</td>
                <td>
                  <span class={`sign ${finding.severity}`} aria-hidden="true">
                    {stateSigns[finding.severity]}
                  </span>{' '}
                  {stateWords[finding.severity]}
                </td>
                <td>{evidence.signal.replaceAll('_', ' ')}</td>
                <td class="number">{formatValue(evidence.observed, evidence.unit)}</td>
                <td class="number">
                  {evidence.expected === null ? '–' : formatValue(evidence.expected, evidence.unit)}
                </td>
                <td class="number">{formatLimit(evidence.limit, evidence.unit)}</td>
                <td>{qualityWords[evidence.quality]}</td>
                <td class="quiet">{finding.detector.name}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function formatLimit(
  limit: { readonly min?: number | undefined; readonly max?: number | undefined } | null,
  unit: string,
): string {
  if (limit === null) return '–';
  if (limit.min !== undefined && limit.max !== undefined) {
    return `${formatNumber(limit.min)} to ${formatValue(limit.max, unit)}`;
  }
  if (limit.max !== undefined) return `≤ ${formatValue(limit.max, unit)}`;
  return limit.min === undefined ? '–' : `≥ ${formatValue(limit.min, unit)}`;
}

export function Values({ twin, isStale }: { readonly twin: Twin; readonly isStale: boolean }) {
  return (
    <>
      <h2>All values</h2>
      {twin.values.length === 0 ? (
        <p class="empty">No sample yet.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
        <section class="scroll" tabIndex={0} aria-label="All values">
          <table>
            <thead>
              <tr>
                {['Signal', 'Value', 'Expected', 'Quality', 'Age'].map((title) => (
                  <th key={title} scope="col" class={numberColumns.has(title) ? 'number' : ''}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {twin.values.map(({ signal, title, value, expected, unit, quality, ageMs }) => {
                const shown = isStale && quality === 'good' ? 'stale' : quality;
                return (
                  <tr key={signal} class={shown === 'good' ? '' : 'doubtful'}>
                    <td>{title}</td>
                    <td class="number">{formatValue(value, unit)}</td>
                    <td class="number">{expected === null ? '–' : formatValue(expected, unit)}</td>
                    <td>
                      {shown !== 'good' && <span aria-hidden="true">? </span>}
                      {qualityWords[shown]}
                    </td>
                    <td class="number">{formatAge(ageMs)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}
