import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { type DrawnSeries, describeSeries, type Mark } from './series.ts';

interface Props {
  readonly title: string;
  readonly unit: string;
  readonly series: DrawnSeries;
  readonly marks: readonly Mark[];
  readonly fromS: number;
  readonly toS: number;
}

const heightPx = 180;

const color = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Actual with its band, expected as dashes, anomalies shaded; redrawn in place as samples come. */
export function Chart({ title, unit, series, marks, fromS, toS }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef({ marks, fromS, toS });
  shown.current = { marks, fromS, toS };
  useEffect(() => {
    const element = box.current!;
    const build = (): void => {
      plot.current?.destroy();
      plot.current = createPlot(element, () => shown.current);
      plot.current.setData(toData(series));
    };
    build();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: heightPx }));
    resized.observe(element);
    const theme = matchMedia('(prefers-color-scheme: dark)');
    theme.addEventListener('change', build);
    return () => {
      theme.removeEventListener('change', build);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => plot.current?.setData(toData(series)), [series, marks]);
  return (
    <figure class="chart">
      <figcaption>
        {title} <span class="quiet">[{unit}]</span>
      </figcaption>
      <div ref={box} role="img" aria-label={describeSeries(title, unit, series)} />
    </figure>
  );
}

const toData = ({ timesS, min, max, expected, mean }: DrawnSeries): uPlot.AlignedData => [
  timesS,
  min,
  max,
  expected,
  mean,
];

function createPlot(element: HTMLElement, shown: () => Pick<Props, 'marks' | 'fromS' | 'toS'>): uPlot {
  const axis = {
    stroke: color('--quiet'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { stroke: color('--line') },
  };
  const band = { stroke: 'transparent', points: { show: false } };
  const options: uPlot.Options = {
    width: element.clientWidth,
    height: heightPx,
    legend: { show: false },
    cursor: { y: false },
    scales: { x: { time: true, range: () => [shown().fromS, shown().toS] } },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map(formatTick) },
      { ...axis, size: 56 },
    ],
    series: [
      {},
      band,
      band,
      { stroke: color('--expected'), dash: [6, 4], width: 2, points: { show: false } },
      { stroke: color('--actual'), width: 2, points: { show: false } },
    ],
    bands: [{ series: [2, 1], fill: color('--band') }],
    hooks: { drawClear: [(u) => shadeMarks(u, shown().marks)] },
  };
  return new uPlot(options, [[], [], [], [], []], element);
}

const minute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const second = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });

/** In the viewer's zone, which stands below the charts. */
function formatTick(atS: number): string {
  const at = new Date(atS * 1000);
  if (at.getSeconds() !== 0) return second.format(at);
  return at.getHours() + at.getMinutes() === 0 ? day.format(at) : minute.format(at);
}

/** A short anomaly is still seen. */
const leastMarkPx = 3;

function shadeMarks(u: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { fromS, toS, severity } of marks) {
    const left = u.valToPos(fromS, 'x', true);
    const width = Math.max(leastMarkPx, u.valToPos(toS, 'x', true) - left);
    ctx.fillStyle = color(`--${severity}-shade`);
    ctx.fillRect(left, bbox.top, width, bbox.height);
  }
  ctx.restore();
}
