import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { onThemeChange } from '../theme.ts';
import { formatTime, formatValue } from '../wording.ts';
import { createPlot, type Shown, toData } from './plot.ts';
import { type DrawnSeries, describeSeries, findTold } from './series.ts';

interface Props extends Shown {
  readonly title: string;
  readonly unit: string;
  readonly series: DrawnSeries;
}

const chartHeightPx = 170;

/** Actual with its band, expected as dashes, anomalies shaded; redrawn in place as samples come. */
export function Chart({ title, unit, series, ...shown }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const now = useRef<Shown>(shown);
  now.current = shown;
  const data = useRef(series);
  data.current = series;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const build = (): void => {
      plot.current?.destroy();
      plot.current = createPlot({ element, heightPx: chartHeightPx, shown: () => now.current, onPoint: setPointed });
      plot.current.setData(toData(data.current));
    };
    build();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: chartHeightPx }),
    );
    resized.observe(element);
    const stop = onThemeChange(build);
    return () => {
      stop();
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => plot.current?.setData(toData(series)), [series, shown.marks, shown.atS]);
  return (
    <figure class="panel chart">
      <figcaption>
        <strong>{title}</strong>
        <Reading series={series} unit={unit} index={pointed} atS={shown.atS} />
      </figcaption>
      <div ref={box} role="img" aria-label={describeSeries(title, unit, series, shown.atS)} />
    </figure>
  );
}

interface ReadingProps {
  readonly series: DrawnSeries;
  readonly unit: string;
  /** Where the pointer is. */
  readonly index: number | null;
  /** The moment looked at; null for now. */
  readonly atS: number | null;
}

function Reading({ series, unit, index, atS }: ReadingProps) {
  const i = index ?? findTold(series, atS);
  const [value, expected, timeS] = [series.mean[i] ?? null, series.expected[i] ?? null, series.timesS[i]];
  if (value === null) return <span class="quiet small">{unit}</span>;
  return (
    <span class="small number">
      <strong>{formatValue(value, unit)}</strong>
      {expected !== null && <span class="quiet">, expected {formatValue(expected, unit)}</span>}
      {index !== null && timeS !== undefined && <span class="quiet"> at {formatTime(timeS * 1000)}</span>}
    </span>
  );
}
