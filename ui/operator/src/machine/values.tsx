import type { Twin } from '../../../../core/api/schemas.ts';
import { formatAge, formatValue, qualityWords } from '../wording.ts';

const columns = ['Signal', 'Value', 'Expected', 'Quality', 'Age'] as const;
const numberColumns: ReadonlySet<string> = new Set(['Value', 'Expected', 'Age']);

export function Values({ twin, isStale }: { readonly twin: Twin; readonly isStale: boolean }) {
  return (
    <details class="panel">
      <summary>
        <h2>All {twin.values.length} values</h2>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <section class="scroll" tabIndex={0} aria-label="All values">
        <table>
          <thead>
            <tr>
              {columns.map((title) => (
                <th key={title} scope="col" class={numberColumns.has(title) ? 'number' : ''}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {twin.values.map((value) => (
              <Row key={value.signal} value={value} isStale={isStale} />
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function Row({ value: reading, isStale }: { readonly value: Twin['values'][number]; readonly isStale: boolean }) {
  const { title, value, expected, unit, quality, ageMs } = reading;
  const shown = isStale && quality === 'good' ? 'stale' : quality;
  return (
    <tr class={shown === 'good' ? '' : 'doubtful'}>
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
}
