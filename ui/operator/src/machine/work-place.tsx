import type { Twin } from '../../../../core/api/schemas.ts';

/** Program, block, tool, part: whatever the machine says of its work. */
export function WorkPlace({ twin }: { readonly twin: Twin }) {
  const named = Object.entries(twin.context).filter(([, value]) => value !== '' && value !== 'none');
  if (named.length === 0 && twin.phase === null) return null;
  return (
    <dl class="work-place">
      {twin.phase !== null && (
        <div>
          <dt>Phase</dt>
          <dd>{twin.phase.replaceAll('_', ' ')}</dd>
        </div>
      )}
      {named.map(([name, value]) => (
        <div key={name}>
          <dt>{name.replaceAll('_', ' ')}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
