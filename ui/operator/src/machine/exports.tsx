import type { History } from '../../../../core/api/schemas.ts';
import { useClient } from '../connection/session-context.ts';
import { useDoing } from '../doing.ts';
import { Problem } from '../problem.tsx';

interface Props {
  readonly machineId: string;
  readonly signals: readonly string[];
  readonly history: History | null;
}

type Format = 'csv' | 'parquet';

const formats: readonly (readonly [Format, string])[] = [
  ['csv', 'Save as CSV'],
  ['parquet', 'Parquet'],
];
/** As the API gives on one page, at most. */
const mostRows = 5000;

/** What the charts show, as a file. */
export function Exports({ machineId, signals, history }: Props) {
  const client = useClient();
  const { run, problem, isBusy } = useDoing(async (format: Format) => {
    if (history === null) return;
    const { from, to, resolutionS } = history;
    const query = new URLSearchParams({
      from,
      to,
      resolutionS: String(resolutionS),
      limit: String(mostRows),
      signals: signals.join(','),
    });
    const path = `/api/machines/${encodeURIComponent(machineId)}/history.${format}?${query}`;
    save(await client.download(path), `${machineId}.${format}`);
  });
  return (
    <>
      {formats.map(([format, title]) => (
        <button key={format} type="button" disabled={history === null || isBusy} onClick={() => run(format)}>
          {title}
        </button>
      ))}
      <Problem text={problem} />
    </>
  );
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
