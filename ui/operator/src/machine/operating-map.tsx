import type { History, Twin } from '../../../../core/api/schemas.ts';
import type { Drawings } from '../../../../core/machine-types/drawings.ts';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { type Area, Frame } from '../drawing/frame.tsx';
import { pathOf, place, rangeOf } from '../drawing/scale.ts';
import { formatValue } from '../wording.ts';
import { type DrawnCurve, drawCurve } from './curve.ts';

type Map = NonNullable<Drawings['operatingMap']>;

const trailMs = 3_600_000;
const refreshEveryMs = 5000;
const drawingHeightPx = 380;
/** Of the trail, joined to show which way the point went. */
const joinedPoints = 24;

interface Props {
  readonly twin: Twin;
  readonly map: Map;
}

/** Where the machine works on its curves, where it came from, and where it should be. */
export function OperatingMap({ twin, map }: Props) {
  const find = (name: string) => twin.values.find(({ signal }) => signal === name);
  const [x, y] = [find(map.x), find(map.y)];
  const trail = useTrail(twin, map);
  const curves = map.curves.map((curve) => drawCurve(curve, find(curve.scaledBy?.signal ?? '')?.value ?? null));
  const left = curves.filter(({ y: signal }) => (signal ?? map.y) === map.y);
  const right = curves.filter(({ y: signal }) => signal !== undefined && signal !== map.y);
  const points = [...trail, ...(x?.value == null || y?.value == null ? [] : [[x.value, y.value] as const])];
  const all = [...points, ...left.flatMap((curve) => curve.points)];
  const xRange = rangeOf(
    all.map(([px]) => px),
    0,
  );
  const yRange = rangeOf([0, ...all.map(([, py]) => py)], 0.05);
  if (x === undefined || y === undefined || xRange === null || yRange === null) return null;
  const rightSignal = find(right[0]?.y ?? '');
  const label = `Operating point: ${x.title} ${formatValue(x.value, x.unit)}, ${y.title} ${formatValue(y.value, y.unit)}${rightSignal === undefined ? '' : `, ${rightSignal.title} ${formatValue(rightSignal.value, rightSignal.unit)}`}; curves: ${curves.map(({ title }) => title).join(', ')}`;
  return (
    <section class="panel tall" aria-labelledby="map">
      <h2 id="map">Operating point</h2>
      <p class="small">
        {x.title} <strong>{formatValue(x.value, x.unit)}</strong>, {y.title.toLowerCase()}{' '}
        <strong>{formatValue(y.value, y.unit)}</strong>
        {rightSignal !== undefined && (
          <>
            , {rightSignal.title.toLowerCase()} <strong>{formatValue(rightSignal.value, rightSignal.unit)}</strong>
          </>
        )}
      </p>
      <Frame
        label={label}
        heightPx={drawingHeightPx}
        x={{ ...xRange, title: `${x.title}, ${x.unit}` }}
        y={{ ...yRange, from: Math.min(0, yRange.from), title: `${y.title}, ${y.unit}` }}
        {...(rightSignal === undefined
          ? {}
          : { right: { from: 0, to: 100, title: `${rightSignal.title}, ${rightSignal.unit}` } })}
        draw={(area) => <Drawn area={area} left={left} right={right} trail={trail} here={[x.value, y.value]} />}
      />
      <p class="legend small quiet">
        Ring: {twin.rebuilt === null ? 'now' : 'at that moment'}. Dots: the hour before, the newest joined.{' '}
        {curves.length > 0 && 'Curves: as designed, at the present speed.'}
      </p>
    </section>
  );
}

function useTrail(twin: Twin, map: Map): readonly (readonly [number, number])[] {
  const client = useClient();
  const path = `/api/machines/${encodeURIComponent(twin.machineId)}/history`;
  const isPast = twin.rebuilt !== null;
  const { value } = usePolled(`${path} map ${isPast ? twin.asOf : ''}`, refreshEveryMs, (signal) => {
    const toMs = Date.parse(twin.asOf);
    const query = new URLSearchParams({
      from: new Date(toMs - trailMs).toISOString(),
      to: new Date(toMs).toISOString(),
      signals: `${map.x},${map.y}`,
    });
    return client.get<History>(`${path}?${query}`, signal);
  });
  if (value === null) return [];
  return value.timesMs.flatMap((_, i) => {
    const [x, y] = [value.signals[map.x]?.mean[i], value.signals[map.y]?.mean[i]];
    return x == null || y == null ? [] : [[x, y] as const];
  });
}

interface DrawnProps {
  readonly area: Area;
  readonly left: readonly DrawnCurve[];
  readonly right: readonly DrawnCurve[];
  readonly trail: readonly (readonly [number, number])[];
  readonly here: readonly [x: number | null, y: number | null];
}

function Drawn({ area, left, right, trail, here: [x, y] }: DrawnProps) {
  const at = ([px, py]: readonly [number, number]): [number, number] => [place(area.x, px), place(area.y, py)];
  const rightScale = area.right ?? area.y;
  const toRight = ([px, py]: readonly [number, number]): [number, number] => [place(area.x, px), place(rightScale, py)];
  return (
    <g class="map">
      {left.map((curve, i) => (
        <Curve key={curve.title} title={curve.title} points={curve.points.map(at)} style={i} />
      ))}
      {right.map((curve) => (
        <Curve key={curve.title} title={curve.title} points={curve.points.map(toRight)} style={2} />
      ))}
      {trail.map((point, i) => {
        const [cx, cy] = at(point);
        return <circle key={i} class="dot" cx={cx} cy={cy} r={2} />;
      })}
      <path class="trail" d={pathOf(trail.slice(-joinedPoints).map(at))} />
      {x !== null && y !== null && <circle class="here" cx={place(area.x, x)} cy={place(area.y, y)} r={7} />}
    </g>
  );
}

interface CurveProps {
  readonly title: string;
  readonly points: readonly (readonly [number, number])[];
  readonly style: number;
}

/** Where along a curve its name stands: apart from the others’, for curves that cross as a pump’s do. */
const namedAt = [0.12, 0.3, 0.4];

function Curve({ title, points, style }: CurveProps) {
  const [x, y] = points[Math.floor(points.length * (namedAt[style % namedAt.length] ?? 0))] ?? [0, 0];
  return (
    <>
      <path class={`curve curve-${style}`} d={pathOf(points)} />
      <text class={`curve-${style}`} x={x} y={y - 7} text-anchor="middle">
        {title}
      </text>
    </>
  );
}
