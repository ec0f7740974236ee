import type { History, Twin } from '../../../../core/api/schemas.ts';
import type { Drawings } from '../../../../core/machine-types/drawings.ts';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { type Area, Frame } from '../drawing/frame.tsx';
import { place, rangeOf, type Scale } from '../drawing/scale.ts';
import { formatValue } from '../wording.ts';
import { loadBins, type PathSegment, preparePath } from './path-segments.ts';

const trailMs = 600_000;
const refreshEveryMs = 3000;
const drawingHeightPx = 360;

interface Props {
  readonly twin: Twin;
  readonly toolPath: NonNullable<Drawings['toolPath']>;
}

/** Where the tool went in the last ten minutes, seen from above. */
export function ToolPath({ twin, toolPath }: Props) {
  const { x, y, load } = toolPath;
  const trail = useTrail(
    twin,
    Object.values(toolPath).filter((name) => name !== undefined),
  );
  const segments = trail === null ? [] : preparePath(trail, toolPath);
  const find = (name: string) => twin.values.find(({ signal }) => signal === name);
  const here = [find(x)?.value ?? null, find(y)?.value ?? null] as const;
  const cuts = segments.filter(({ bin }) => bin !== null);
  // The way from a far reference point, or the tool waiting there, would press the work into a corner.
  const all = cuts.length > 0 ? endsOf(cuts) : [...endsOf(segments), here];
  const xRange = rangeOf(all.map(([px]) => px).filter(isNumber), 0.08);
  const yRange = rangeOf(all.map(([, py]) => py).filter(isNumber), 0.08);
  if (xRange === null || yRange === null) return null;
  const now = find(load);
  const label = `Tool path of the last ten minutes, ${segments.length} moves; tool at x ${formatValue(here[0], 'mm')}, y ${formatValue(here[1], 'mm')}, ${now?.title ?? load} ${formatValue(now?.value ?? null, now?.unit ?? '')}`;
  return (
    <section class="panel tall" aria-labelledby="path">
      <h2 id="path">Tool path, last 10 minutes</h2>
      <Frame
        label={label}
        heightPx={drawingHeightPx}
        x={{ ...xRange, title: 'x, mm' }}
        y={{ ...yRange, title: 'y, mm' }}
        isTrueToScale
        draw={(area) => <Path area={area} segments={segments} here={here} />}
      />
      <p class="legend small quiet">
        <svg width="1.6em" height="0.7em" aria-hidden="true">
          <line class="rapid" x1="0" x2="100%" y1="50%" y2="50%" />
        </svg>{' '}
        moving without cutting
        {loadBins.map(({ title }, bin) => (
          <span key={title}>
            <svg width="1.6em" height="0.7em" aria-hidden="true">
              <line class={`cut load-${bin}`} x1="0" x2="100%" y1="50%" y2="50%" />
            </svg>{' '}
            {title}
          </span>
        ))}
      </p>
      <p class="quiet small">
        Drawn from the positions that the machine reports with each sample: between two samples stands a straight line.
      </p>
    </section>
  );
}

type Place = readonly [x: number | null, y: number | null];

const endsOf = (segments: readonly PathSegment[]): Place[] => segments.flatMap(({ from, to }) => [from, to]);
const isNumber = (value: number | null): value is number => value !== null;

function useTrail(twin: Twin, signals: readonly string[]): History | null {
  const client = useClient();
  const path = `/api/machines/${encodeURIComponent(twin.machineId)}/history`;
  const isPast = twin.rebuilt !== null;
  const polled = usePolled(`${path} path ${isPast ? twin.asOf : ''}`, refreshEveryMs, (signal) => {
    const toMs = Date.parse(twin.asOf);
    const query = new URLSearchParams({
      from: new Date(toMs - trailMs).toISOString(),
      to: new Date(toMs + 1000).toISOString(),
      resolutionS: '1',
      signals: signals.join(','),
    });
    return client.get<History>(`${path}?${query}`, signal);
  });
  return polled.value;
}

interface PathProps {
  readonly area: Area;
  readonly segments: readonly PathSegment[];
  readonly here: Place;
}

const markPx = 12;

/** A tool outside of the view stands at its edge. */
function placeInside(scale: Scale, value: number): number {
  const [least, most] = [Math.min(scale.fromPx, scale.toPx), Math.max(scale.fromPx, scale.toPx)];
  return Math.min(Math.max(place(scale, value), least + markPx), most - markPx);
}

/** Few paths of many moves each: the browser draws them as a handful of shapes. */
function Path({ area, segments, here }: PathProps) {
  const shapes = new Map<string, string>();
  for (const { from, to, bin } of segments) {
    const name = bin === null ? 'rapid' : `cut load-${bin}`;
    const at = ([x, y]: readonly [number, number]) => `${place(area.x, x).toFixed(1)} ${place(area.y, y).toFixed(1)}`;
    shapes.set(name, `${shapes.get(name) ?? ''}M${at(from)}L${at(to)}`);
  }
  const [x, y] = here;
  return (
    <g class="tool-path">
      {[...shapes].map(([name, d]) => (
        <path key={name} class={name} d={d} />
      ))}
      {x !== null && y !== null && (
        <g class="here" transform={`translate(${placeInside(area.x, x)} ${placeInside(area.y, y)})`}>
          <circle r={6} />
          <path d="M-11 0H-6M6 0H11M0-11V-6M0 6V11" />
        </g>
      )}
    </g>
  );
}
