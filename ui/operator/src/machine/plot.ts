import uPlot from 'uplot';
import { colorOf } from '../theme.ts';
import { type DrawnSeries, findLonely, type Mark } from './series.ts';

/** What a healthy machine shows, as its type says; null where it says nothing. */
export type Limits = { readonly min?: number | undefined; readonly max?: number | undefined } | null;

/** What is drawn beside the samples. */
export interface Shown {
  readonly marks: readonly Mark[];
  readonly limits: Limits;
  readonly fromS: number;
  readonly toS: number;
  /** The moment that is looked at; null for now. */
  readonly atS: number | null;
}

interface PlotOptions {
  readonly element: HTMLElement;
  readonly heightPx: number;
  readonly shown: () => Shown;
  readonly onPoint: (index: number | null) => void;
}

export const toData = ({ timesS, min, max, expected, mean }: DrawnSeries): uPlot.AlignedData => [
  timesS,
  min,
  max,
  expected,
  mean,
];

/** Pointing at one chart points at all. */
const sync = { key: 'machine' };

export function createPlot({ element, heightPx, shown, onPoint }: PlotOptions): uPlot {
  const axis = {
    stroke: colorOf('--quiet'),
    grid: { stroke: colorOf('--line'), width: 1 },
    ticks: { stroke: colorOf('--line') },
  };
  const band = { stroke: 'transparent', points: { show: false } };
  const options: uPlot.Options = {
    width: element.clientWidth,
    height: heightPx,
    legend: { show: false },
    cursor: { y: false, sync, drag: { x: false, y: false } },
    scales: { x: { time: true, range: () => [shown().fromS, shown().toS] } },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map(formatTick), space: 70, size: 30 },
      { ...axis, size: 62 },
    ],
    series: [
      {},
      band,
      band,
      { stroke: colorOf('--expected'), dash: [6, 4], width: 2, points: { show: false } },
      { stroke: colorOf('--actual'), width: 2, points: { show: true, size: 6, filter: lonelyOf } },
    ],
    bands: [{ series: [2, 1], fill: colorOf('--band') }],
    hooks: {
      drawClear: [(u) => shadeMarks(u, shown().marks)],
      draw: [(u) => drawLines(u, shown())],
      setCursor: [(u) => onPoint(u.cursor.idx ?? null)],
    },
  };
  return new uPlot(options, [[], [], [], [], []], element);
}

const lonelyOf = (u: uPlot, series: number): number[] => findLonely(u.data[series] ?? []);

const minute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const second = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });

/** In the viewer's zone, which stands above the charts. */
function formatTick(atS: number): string {
  const at = new Date(atS * 1000);
  if (at.getSeconds() !== 0) return second.format(at);
  return at.getHours() + at.getMinutes() === 0 ? day.format(at) : minute.format(at);
}

/** A short anomaly is still seen. */
const leastMarkPx = 3;

function inside(u: uPlot, draw: (ctx: CanvasRenderingContext2D) => void): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx);
  ctx.restore();
}

function shadeMarks(u: uPlot, marks: readonly Mark[]): void {
  inside(u, (ctx) => {
    for (const { fromS, toS, severity } of marks) {
      const left = u.valToPos(fromS, 'x', true);
      const width = Math.max(leastMarkPx, u.valToPos(toS, 'x', true) - left);
      ctx.fillStyle = colorOf(`--${severity}-shade`);
      ctx.fillRect(left, u.bbox.top, width, u.bbox.height);
    }
  });
}

/** Limits as dots, where the values are near enough for them to be in view; the moment looked at as a line. */
function drawLines(u: uPlot, { limits, atS }: Shown): void {
  inside(u, (ctx) => {
    const { left, top, width, height } = u.bbox;
    ctx.lineWidth = 2 * devicePixelRatio;
    for (const limit of [limits?.min, limits?.max]) {
      if (limit === undefined) continue;
      const y = u.valToPos(limit, 'y', true);
      ctx.setLineDash([2 * devicePixelRatio, 5 * devicePixelRatio]);
      ctx.strokeStyle = colorOf('--critical');
      line(ctx, [left, y], [left + width, y]);
    }
    if (atS === null) return;
    const x = u.valToPos(atS, 'x', true);
    ctx.setLineDash([]);
    ctx.strokeStyle = colorOf('--stale');
    line(ctx, [x, top], [x, top + height]);
  });
}

type Place = readonly [x: number, y: number];

function line(ctx: CanvasRenderingContext2D, from: Place, to: Place): void {
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}
