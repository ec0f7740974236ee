import type { Fleet, FleetCounts } from '../../../../core/api/rollup.ts';
import { severities } from '../../../../core/detection/observation.ts';
import { formatEur, stateSigns, stateWords } from '../wording.ts';
import type { Selection } from './selection.ts';

interface Props {
  readonly fleet: Fleet;
  /** The page has lost the server: nothing is live any more. */
  readonly isCutOff: boolean;
  readonly onSelect: (place: Pick<Selection, 'site' | 'line'>) => void;
}

/** A short table stands open where there is room for it. */
const mostOpenRows = 6;
const narrowPx = 640;

/** What sites and lines come to: where to look first, and what waiting costs there. */
export function Rollups({ fleet, isCutOff, onSelect }: Props) {
  const rows = fleet.lines.length > 1 ? fleet.lines : [];
  return (
    <details class="panel rollups" open={rows.length > 0 && rows.length <= mostOpenRows && innerWidth > narrowPx}>
      <summary>
        <Figures counts={fleet.plant} isCutOff={isCutOff} />
      </summary>
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
        <section class="scroll" tabIndex={0} aria-label="Sites and lines">
          <table>
            <thead>
              <tr>
                <th scope="col">Site and line</th>
                <th scope="col">State</th>
                <th scope="col" class="number">
                  Machines
                </th>
                <th scope="col" class="number">
                  Mean health
                </th>
                <th scope="col" class="number">
                  Due in 7 days
                </th>
                <th scope="col" class="number">
                  Waiting costs
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.site} ${row.line}`}>
                  <td>
                    <button type="button" class="plain" onClick={() => onSelect({ site: row.site, line: row.line })}>
                      {[row.site, row.line].filter(Boolean).join(' · ') || 'Without a site'}
                    </button>
                  </td>
                  <td>
                    <States counts={row} />
                  </td>
                  <td class="number">{row.machines}</td>
                  <td class="number">{row.meanHealthPercent === null ? '–' : `${row.meanHealthPercent} %`}</td>
                  <td class="number">{row.due}</td>
                  <td class="number">{formatEur(row.waitingEur)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

function Figures({ counts, isCutOff }: { readonly counts: FleetCounts; readonly isCutOff: boolean }) {
  const { machines, live, meanHealthPercent, due, orderNow, waitingEur, actingEur } = counts;
  return (
    <dl class="figures">
      <div>
        <dt>{isCutOff ? 'machines were live' : 'machines live'}</dt>
        <dd>
          {live} of {machines}
        </dd>
      </div>
      <div>
        <dt>mean health</dt>
        <dd>{meanHealthPercent === null ? '–' : `${meanHealthPercent} %`}</dd>
      </div>
      <div>
        <dt>due within 7 days{orderNow > 0 && `, ${orderNow} to be ordered now`}</dt>
        <dd>{due}</dd>
      </div>
      {due > 0 && (
        <div>
          <dt>expected cost of another week’s waiting, against {formatEur(actingEur)} for acting</dt>
          <dd>{formatEur(waitingEur)}</dd>
        </div>
      )}
    </dl>
  );
}

/** Counts with their signs, the worst first; what is at zero is left out. */
function States({ counts }: { readonly counts: FleetCounts }) {
  const shown = [
    ...severities.toReversed().map((severity) => [severity, counts.bySeverity[severity] ?? 0] as const),
    ['stale', counts.stale] as const,
    ['never', counts.never] as const,
  ].filter(([, count]) => count > 0);
  return (
    <span class="row">
      {shown.map(([state, count]) => (
        <span key={state} class={`badge ${state}`}>
          <span aria-hidden="true">{stateSigns[state]}</span> {count}
          <span class="hidden"> {stateWords[state]}</span>
        </span>
      ))}
    </span>
  );
}
