import type { History, Twin } from '../../../../core/api/schemas.ts';
import { titleOfWork } from '../../../../core/maintenance/work-order.ts';
import { formatHours } from '../../../../core/prognosis/format-hours.ts';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { type Area, Frame } from '../drawing/frame.tsx';
import { pathOf, place } from '../drawing/scale.ts';
import { formatPercent, formatService } from '../wording.ts';
import { type Fan, prepareFan } from './fan.ts';
import { nameOf, soonestOfEach } from './soonest.ts';
import { whyUnknown } from './unknown-life.ts';
import { WhatIf } from './what-if.tsx';

type Life = Twin['remainingLife'][number];

/** A forecast is made once a minute. */
const refreshEveryMs = 30_000;
const lookBackMs = 7 * 86_400_000;
/** As many intervals as the API gives on one page, at most. */
const resolutionS = 900;

const lifeWords: Readonly<Record<Life['status'], string>> = {
  none_seen: 'no wear seen: the life of its kind',
  wearing: 'wearing',
  failed: 'worn out',
  withheld: 'not told',
};

/** How long each component has left, with its band: never a bare number. */
export function RemainingLife({ twin }: { readonly twin: Twin }) {
  const { remainingLife, nextMaintenance } = twin;
  const soonest = remainingLife.find(({ hours }) => hours !== null);
  return (
    <section class="panel life" aria-labelledby="life">
      <h2 id="life">Remaining life</h2>
      {twin.commissionedOn !== null && (
        <p class="quiet small">
          In service since {twin.commissionedOn}, {formatService(twin.commissionedOn, twin.asOf)}.
        </p>
      )}
      {remainingLife.length === 0 && <p class="quiet">{whyUnknown(twin)}</p>}
      {soonest?.hours != null && soonest.hours.p90 > 0 && <FanOf twin={twin} life={soonest} hours={soonest.hours} />}
      {nextMaintenance !== null && (
        <p>
          Due by wear: <strong>{titleOfWork({ action: nextMaintenance, part: nextMaintenance.part })}</strong>,{' '}
          {whenDue(nextMaintenance)}.
        </p>
      )}
      {remainingLife.length > 0 && <Lives lives={soonestOfEach(remainingLife)} isPast={twin.rebuilt !== null} />}
      {remainingLife.length > 0 && twin.rebuilt === null && <WhatIf machineId={twin.machineId} />}
    </section>
  );
}

/** What is past is due at once. */
const untilWhen = (hours: number): string => (hours < 1 / 60 ? 'now' : `within ${formatHours(hours)}`);

function whenDue({ orderWithinHours, doneWithinHours }: NonNullable<Twin['nextMaintenance']>): string {
  const [order, done] = [untilWhen(orderWithinHours), untilWhen(doneWithinHours)];
  return order === done ? `to be ordered and done ${done}` : `to be ordered ${order} and done ${done}`;
}

/** What ends soon is seen at once; the rest is a click away. */
const livesAtOnce = 4;

interface LivesProps {
  readonly lives: readonly Life[];
  /** A history keeps how long, and not how sure. */
  readonly isPast: boolean;
}

function Lives({ lives, isPast }: LivesProps) {
  const later = lives.slice(livesAtOnce);
  return (
    <>
      <List lives={lives.slice(0, livesAtOnce)} isPast={isPast} />
      {later.length > 0 && (
        <details class="small">
          <summary>{later.length} more</summary>
          <List lives={later} isPast={isPast} />
        </details>
      )}
    </>
  );
}

function List({ lives, isPast }: LivesProps) {
  return (
    <ul class="lives small">
      {lives.map((life, i) => (
        <li key={`${life.component} ${life.part} ${i}`} title={life.why}>
          <span>{nameOf(life)}</span>
          <span class="number">
            {life.hours === null ? '–' : life.hours.p90 === 0 ? 'none left' : `${formatHours(life.hours.p50)} `}
            {life.hours !== null && life.hours.p90 > 0 && (
              <span class="quiet">
                ({formatHours(life.hours.p10)} to {formatHours(life.hours.p90)})
              </span>
            )}
          </span>
          <span class="quiet">
            {lifeWords[life.status]}
            {life.hours !== null && !isPast && `, confidence ${formatPercent(life.confidence)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface FanProps {
  readonly twin: Twin;
  readonly life: Life;
  readonly hours: NonNullable<Life['hours']>;
}

function FanOf({ twin, life, hours }: FanProps) {
  const nowMs = Date.parse(twin.asOf);
  const told = useToldLives(twin, nowMs);
  const fan = prepareFan(told, hours, nowMs);
  const label = `${nameOf(life)}: one in ten ends within ${formatHours(hours.p10)}, half within ${formatHours(hours.p50)}, nine in ten within ${formatHours(hours.p90)}`;
  return (
    <figure class="fan">
      <figcaption class="small">
        <strong>{nameOf(life)}</strong> ends first: half of such parts end within{' '}
        <strong>{formatHours(hours.p50)}</strong>, one in ten within {formatHours(hours.p10)}, nine in ten within{' '}
        {formatHours(hours.p90)}.
      </figcaption>
      <Frame
        label={label}
        heightPx={190}
        x={{ from: fan.from, to: fan.to, title: `${fan.unit} from now` }}
        y={{ from: 0, to: fan.most * 1.05, title: `left, ${fan.unit}` }}
        draw={(area) => <FanLines fan={fan} area={area} />}
      />
    </figure>
  );
}

function useToldLives(twin: Twin, nowMs: number): History | null {
  const client = useClient();
  const first = twin.values[0]?.signal ?? '';
  const path = `/api/machines/${encodeURIComponent(twin.machineId)}/history`;
  const polled = usePolled(`${path} life`, first === '' ? null : refreshEveryMs, (signal) => {
    const query = new URLSearchParams({
      from: new Date(nowMs - lookBackMs).toISOString(),
      to: new Date(nowMs).toISOString(),
      resolutionS: String(resolutionS),
      signals: first,
    });
    return client.get<History>(`${path}?${query}`, signal);
  });
  return polled.value;
}

function FanLines({ fan, area }: { readonly fan: Fan; readonly area: Area }) {
  const at = (hours: number, left: number): [number, number] => [place(area.x, hours), place(area.y, left)];
  const { told, now } = fan;
  const pointsOf = (quantile: 'p10' | 'p50' | 'p90'): [number, number][] => [
    ...told.map((point) => at(point.atHours, point[quantile])),
    at(0, now[quantile]),
    at(now[quantile], 0),
  ];
  const nowPx = place(area.x, 0);
  return (
    <>
      <path class="band" d={`${pathOf([...pointsOf('p90'), ...pointsOf('p10').toReversed()])}Z`} />
      <path class="edge" d={pathOf(pointsOf('p10'))} />
      <path class="edge" d={pathOf(pointsOf('p90'))} />
      <path class="middle" d={pathOf(pointsOf('p50'))} />
      <line class="now" x1={nowPx} x2={nowPx} y1={area.y.toPx} y2={area.y.fromPx} />
      <text class="now" x={nowPx + 4} y={area.y.toPx + 11}>
        now
      </text>
      <circle class="end" cx={place(area.x, now.p50)} cy={place(area.y, 0)} r={4} />
    </>
  );
}
