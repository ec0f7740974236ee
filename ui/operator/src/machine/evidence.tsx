import type { Twin } from '../../../../core/api/schemas.ts';
import { spell } from '../../../../core/api/titles.ts';
import { formatAge, formatNumber, formatValue, qualityWords, stateSigns, stateWords } from '../wording.ts';

type Finding = Twin['findings'][number];

export interface EvidenceRow {
  /** Null where the table is of one case and says so above. */
  readonly finding: Pick<Finding, 'title' | 'severity' | 'detector'> | null;
  readonly evidence: Finding['evidence'][number];
}

const columns = ['Signal', 'Observed', 'Expected', 'Residual', 'Limit', 'Score', 'Age', 'Quality'] as const;
const numberColumns: ReadonlySet<string> = new Set(['Observed', 'Expected', 'Residual', 'Limit', 'Score', 'Age']);

export function Evidence({ twin }: { readonly twin: Twin }) {
  const { findings } = twin;
  if (findings.length === 0) return null;
  const rows = findings.flatMap((finding) => finding.evidence.map((evidence) => ({ finding, evidence })));
  // A history keeps which findings stood, and not what they stood on.
  if (rows.length === 0) return <NamesAlone findings={findings} />;
  const titles = new Map(twin.values.map(({ signal, title }) => [signal, title]));
  return (
    <div class="panel">
      <h2>Evidence</h2>
      <EvidenceTable rows={rows} titles={titles} />
    </div>
  );
}

function NamesAlone({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <div class="panel">
      <h2>Findings</h2>
      <ul class="plain">
        {findings.map(({ code, title, severity }) => (
          <li key={code}>
            <span class={`badge ${severity}`}>
              <span aria-hidden="true">{stateSigns[severity]}</span> {title}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface TableProps {
  readonly rows: readonly EvidenceRow[];
  readonly titles?: ReadonlyMap<string, string>;
}

export function EvidenceTable({ rows, titles }: TableProps) {
  const hasFindings = rows.some(({ finding }) => finding !== null);
  // Of one case the heading says when it was; an age would count from then, and read as from now.
  const shown = hasFindings ? columns : columns.filter((title) => title !== 'Age');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section class="scroll" tabIndex={0} aria-label="Evidence">
      <table>
        <thead>
          <tr>
            {hasFindings && <th scope="col">Finding</th>}
            {shown.map((title) => (
              <th key={title} scope="col" class={numberColumns.has(title) ? 'number' : ''}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ finding, evidence }, i) => (
            <tr key={`${finding?.title} ${evidence.signal} ${i}`}>
              {finding !== null && rows[i - 1]?.finding !== finding && (
                <FindingCell finding={finding} rows={rows.filter((row) => row.finding === finding).length} />
              )}
              <td>
                {titles?.get(evidence.signal) ?? spell(evidence.signal)}
                {evidence.part === undefined ? '' : ` of ${evidence.part}`}
              </td>
              <td class="number">
                <strong>{formatValue(evidence.observed, evidence.unit)}</strong>
              </td>
              <td class="number">{formatOptional(evidence.expected, evidence.unit)}</td>
              <td class="number">{formatOptional(evidence.residual, evidence.unit)}</td>
              <td class="number">{formatLimit(evidence.limit, evidence.unit)}</td>
              <td class="number">{evidence.score === undefined ? '–' : formatNumber(evidence.score)}</td>
              {hasFindings && <td class="number">{formatAge(evidence.ageMs)}</td>}
              <td>{qualityWords[evidence.quality]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface FindingProps {
  readonly finding: NonNullable<EvidenceRow['finding']>;
  /** As many as it has evidence. */
  readonly rows: number;
}

function FindingCell({ finding, rows }: FindingProps) {
  return (
    <td rowSpan={rows}>
      <span class={`badge ${finding.severity}`}>
        <span aria-hidden="true">{stateSigns[finding.severity]}</span>
        <span class="hidden">{stateWords[finding.severity]}</span>
      </span>{' '}
      {finding.title}
      <br />
      <span class="quiet small">{finding.detector.name.replaceAll('_', ' ')}</span>
    </td>
  );
}

const formatOptional = (value: number | null, unit: string): string =>
  value === null ? '–' : formatValue(value, unit);

type Limit = EvidenceRow['evidence']['limit'];

function formatLimit(limit: Limit, unit: string): string {
  if (limit === null) return '–';
  if (limit.min !== undefined && limit.max !== undefined) {
    return `${formatNumber(limit.min)} to ${formatValue(limit.max, unit)}`;
  }
  if (limit.max !== undefined) return `≤ ${formatValue(limit.max, unit)}`;
  return limit.min === undefined ? '–' : `≥ ${formatValue(limit.min, unit)}`;
}
