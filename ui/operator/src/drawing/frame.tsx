import type { ComponentChildren } from 'preact';
import { place, type Scale, ticksOf } from './scale.ts';
import { useWidth } from './use-width.ts';

export interface Axis {
  readonly from: number;
  readonly to: number;
  /** With its unit. */
  readonly title: string;
}

export interface Area {
  readonly x: Scale;
  readonly y: Scale;
  readonly right: Scale | null;
}

interface Props {
  /** What the drawing says to who cannot see it. */
  readonly label: string;
  readonly heightPx: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly right?: Axis;
  /** One unit of x as long as one of y. */
  readonly isTrueToScale?: boolean;
  readonly draw: (area: Area) => ComponentChildren;
}

const marginPx = { left: 58, right: 12, rightAxis: 46, top: 10, bottom: 40 };
const pxPerTick = 70;

/** Axes with round numbers and titles, and an area to draw in. */
export function Frame({ label, heightPx, x, y, right, isTrueToScale = false, draw }: Props) {
  const [box, widthPx] = useWidth<HTMLDivElement>();
  const edges = {
    leftPx: marginPx.left,
    rightPx: widthPx - (right === undefined ? marginPx.right : marginPx.rightAxis),
    topPx: marginPx.top,
    bottomPx: heightPx - marginPx.bottom,
  };
  const [xRange, yRange] = isTrueToScale ? toSameScale(x, y, edges) : [x, y];
  const area: Area = {
    x: { ...xRange, fromPx: edges.leftPx, toPx: edges.rightPx },
    y: { ...yRange, fromPx: edges.bottomPx, toPx: edges.topPx },
    right: right === undefined ? null : { ...right, fromPx: edges.bottomPx, toPx: edges.topPx },
  };
  return (
    <div ref={box} class="drawing">
      {widthPx > 0 && (
        <svg width={widthPx} height={heightPx} role="img" aria-label={label}>
          <Axes area={area} edges={edges} titles={[x.title, y.title, right?.title ?? '']} />
          <svg
            aria-hidden="true"
            x={edges.leftPx}
            y={edges.topPx}
            width={Math.max(0, edges.rightPx - edges.leftPx)}
            height={edges.bottomPx - edges.topPx}
            viewBox={`${edges.leftPx} ${edges.topPx} ${Math.max(1, edges.rightPx - edges.leftPx)} ${edges.bottomPx - edges.topPx}`}
          >
            {draw(area)}
          </svg>
        </svg>
      )}
    </div>
  );
}

interface Edges {
  readonly leftPx: number;
  readonly rightPx: number;
  readonly topPx: number;
  readonly bottomPx: number;
}

function toSameScale(x: Axis, y: Axis, { leftPx, rightPx, topPx, bottomPx }: Edges): [Axis, Axis] {
  const perPx = Math.max((x.to - x.from) / Math.max(1, rightPx - leftPx), (y.to - y.from) / (bottomPx - topPx));
  const widen = (axis: Axis, lengthPx: number): Axis => {
    const middle = (axis.from + axis.to) / 2;
    return { ...axis, from: middle - (perPx * lengthPx) / 2, to: middle + (perPx * lengthPx) / 2 };
  };
  return [widen(x, Math.max(1, rightPx - leftPx)), widen(y, bottomPx - topPx)];
}

interface AxesProps {
  readonly area: Area;
  readonly edges: Edges;
  readonly titles: readonly [x: string, y: string, right: string];
}

function Axes({ area, edges, titles }: AxesProps) {
  const { leftPx, rightPx, topPx, bottomPx } = edges;
  const ticks = (scale: Scale): number[] =>
    ticksOf(scale.from, scale.to, Math.max(2, Math.abs(scale.toPx - scale.fromPx) / pxPerTick));
  return (
    <g class="axes">
      {ticks(area.x).map((tick) => (
        <g key={`x${tick}`} transform={`translate(${place(area.x, tick)} 0)`}>
          <line y1={topPx} y2={bottomPx} />
          <text y={bottomPx + 15} text-anchor="middle">
            {toText(tick)}
          </text>
        </g>
      ))}
      {ticks(area.y).map((tick) => (
        <g key={`y${tick}`} transform={`translate(0 ${place(area.y, tick)})`}>
          <line x1={leftPx} x2={rightPx} />
          <text x={leftPx - 6} dy="0.35em" text-anchor="end">
            {toText(tick)}
          </text>
        </g>
      ))}
      {area.right !== null &&
        ticks(area.right).map((tick) => (
          <text key={`r${tick}`} x={rightPx + 6} y={place(area.right ?? area.y, tick)} dy="0.35em">
            {toText(tick)}
          </text>
        ))}
      <text x={(leftPx + rightPx) / 2} y={bottomPx + 33} text-anchor="middle">
        {titles[0]}
      </text>
      <text transform={`translate(12 ${(topPx + bottomPx) / 2}) rotate(-90)`} text-anchor="middle">
        {titles[1]}
      </text>
      {area.right !== null && (
        <text transform={`translate(${rightPx + 40} ${(topPx + bottomPx) / 2}) rotate(-90)`} text-anchor="middle">
          {titles[2]}
        </text>
      )}
    </g>
  );
}

const toText = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 3 });
