import { memo } from 'preact/compat';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { MachineSummary } from '../../../../core/api/schemas.ts';
import { decisionWords, formatAge, formatTime, nameInFull, stateOf, stateSigns, stateWords } from '../wording.ts';
import { columnsOf, windowOf } from './window.ts';

/** In rem: the sizes that style/fleet.css gives a tile. */
const tileHeightRem = 8;
const leastTileWidthRem = 16;
const gapRem = 0.75;

interface Shape {
  readonly columns: number;
  readonly rowPx: number;
  readonly firstRow: number;
  readonly endRow: number;
}

/** Only the tiles near the view exist: a thousand machines cost no more than a screenful. */
export function Tiles({ machines }: { readonly machines: readonly MachineSummary[] }) {
  const list = useRef<HTMLUListElement>(null);
  const { columns, rowPx, firstRow, endRow } = useShape(list, machines.length);
  const first = firstRow * columns;
  const rows = Math.ceil(machines.length / columns);
  return (
    <ul
      ref={list}
      class="tiles"
      aria-label="Machines, the most urgent first"
      style={{
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        height: `${rows * rowPx}px`,
        paddingTop: `${firstRow * rowPx}px`,
      }}
    >
      {machines.slice(first, endRow * columns).map((machine, i) => (
        <Tile key={machine.machineId} machine={machine} position={first + i + 1} count={machines.length} />
      ))}
    </ul>
  );
}

function useShape(list: { readonly current: HTMLUListElement | null }, count: number): Shape {
  const [shape, setShape] = useState<Shape>({ columns: 1, rowPx: 1, firstRow: 0, endRow: 0 });
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    const measure = (): void => {
      const remPx = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      const columns = columnsOf(element.clientWidth, leastTileWidthRem * remPx, gapRem * remPx);
      const rowPx = (tileHeightRem + gapRem) * remPx;
      const { top } = element.getBoundingClientRect();
      const { firstRow, endRow } = windowOf({ count, columns, rowPx, topPx: top, viewPx: innerHeight });
      setShape((before) => {
        const now = { columns, rowPx, firstRow, endRow };
        return Object.entries(now).every(([key, value]) => before[key as keyof Shape] === value) ? before : now;
      });
    };
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    addEventListener('scroll', measure, { passive: true });
    addEventListener('resize', measure);
    return () => {
      resized.disconnect();
      removeEventListener('scroll', measure);
      removeEventListener('resize', measure);
    };
  }, [count]);
  return shape;
}

interface TileProps {
  readonly machine: MachineSummary;
  readonly position: number;
  readonly count: number;
}

/** One that says nothing new is left alone. */
const Tile = memo(
  ({ machine, position, count }: TileProps) => {
    const state = stateOf(machine);
    const { healthPercent } = machine;
    return (
      <li class={`tile ${state}`} aria-posinset={position} aria-setsize={count}>
        <a href={`#/machines/${encodeURIComponent(machine.machineId)}`}>
          <span class="name">
            <strong title={nameInFull(machine)}>{machine.name}</strong>
            <span class="badge">
              <span aria-hidden="true">{stateSigns[state]}</span> {stateWords[state]}
            </span>
          </span>
          <span>{decisionWords[machine.decision]}</span>
          <span class="quiet small">{placeOf(machine)}</span>
          <span class="foot quiet small">
            {machine.freshness === 'live' && (
              <span class="bar" aria-hidden="true">
                <span style={{ width: `${healthPercent ?? 0}%` }} />
              </span>
            )}
            {silenceOf(machine)}
          </span>
        </a>
      </li>
    );
  },
  (before, after) =>
    before.position === after.position &&
    before.count === after.count &&
    signOf(before.machine) === signOf(after.machine),
);

/** A line is often called after what stands on it. */
const placeOf = ({ machineType, site, line, criticality }: MachineSummary): string =>
  [...new Set([machineType, site, line, criticality === 'high' ? 'high criticality' : ''])].filter(Boolean).join(' · ');

/** The age of what is live is not news; that of what is silent is. */
function silenceOf({ freshness, ageMs, healthPercent, sampledAt }: MachineSummary): string {
  if (freshness === 'never') return 'Registered, no sample yet';
  if (freshness === 'live') return `Health ${healthPercent} %`;
  // Without a server no age grows: then the moment is told.
  return `Last heard ${ageMs === null ? formatTime(sampledAt ?? '') : formatAge(ageMs)}`;
}

const signOf = (machine: MachineSummary): string =>
  `${machine.name}|${stateOf(machine)}|${machine.decision}|${silenceOf(machine)}|${machine.site}|${machine.line}|${machine.criticality}`;
