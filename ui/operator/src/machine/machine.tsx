import { useState } from 'preact/hooks';
import type { Anomalies, MachineTypeSummary, Twin } from '../../../../core/api/schemas.ts';
import { ageTwin } from '../aging.ts';
import { AnomalyTable } from '../anomalies/anomalies.tsx';
import { Connection } from '../connection/connection.tsx';
import { useFeed } from '../connection/feed.ts';
import { type Polled, usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import type { OpenIncidents } from '../incidents/open-incidents.ts';
import { asCutOff, formatAge, formatTime, nameInFull, stateOf, stateSigns, stateWords } from '../wording.ts';
import { Charts } from './charts.tsx';
import { DecisionPanel } from './decision.tsx';
import { Evidence } from './evidence.tsx';
import { Health } from './health.tsx';
import { RemainingLife } from './life.tsx';
import { OperatingMap } from './operating-map.tsx';
import { Timeline } from './timeline.tsx';
import { ToolPath } from './tool-path.tsx';
import { Values } from './values.tsx';
import { WorkPlace } from './work-place.tsx';

interface Props {
  readonly machineId: string;
  /** The moment a link asks for; without one, now. */
  readonly at: string | undefined;
  readonly incidents: OpenIncidents;
}

const momentOf = (at: string | undefined): number | null =>
  Number.isNaN(Date.parse(at ?? '')) ? null : Date.parse(at!);

const anomaliesEveryMs = 5000;
/** A type's titles do not change while the page stands, and neither does what was. */
const lastingEveryMs = 3_600_000;

export function Machine({ machineId, at, incidents }: Props) {
  const client = useClient();
  const path = `/api/machines/${encodeURIComponent(machineId)}`;
  const [atMs, setAtMs] = useState<number | null>(() => momentOf(at));
  const present = useFeed<Twin>(path, {
    topics: [`machine:${machineId}`],
    everyMs: client.config.refreshEveryMs,
    ask: (signal) => client.get<Twin>(path, signal),
    fromEntries: ([entry]) => (entry === undefined ? null : (entry as unknown as Twin)),
  });
  const past = usePast(path, atMs);
  const polled = atMs === null ? present : past;
  const twin = polled.value ?? (atMs === null ? null : present.value);
  const nowMs = present.asOfMs ?? client.clock.nowMs();
  const anomalies = usePolled(`${path}/anomalies`, anomaliesEveryMs, (signal) =>
    client.get<Anomalies>(`${path}/anomalies`, signal),
  );
  const own = (incidents.value ?? []).filter(({ machineIds }) => machineIds.includes(machineId));
  return (
    <article class="view">
      <div class="heading">
        <a href="#/">← Fleet</a>
        <Connection polled={polled} isPast={atMs !== null} />
      </div>
      {twin === null ? (
        present.problem === null && <div class="loading" role="status" aria-label="Loading" />
      ) : (
        <Panels
          twin={present.isCutOff && atMs === null ? asCutOff(twin) : ageTwin(twin, present.asOfMs)}
          isCutOff={present.isCutOff && atMs === null}
          travel={{ nowMs, atMs, onTravel: setAtMs }}
          anomalies={anomalies.value?.anomalies ?? []}
          incidents={own}
        />
      )}
    </article>
  );
}

/** By arrival, for a machine's clock may be wrong. Of a moment that is past, and without a server, none that would grow. */
const ageOf = ({ ageMs, rebuilt }: Twin): string =>
  ageMs === null || rebuilt !== null ? '' : `, arrived ${formatAge(ageMs)}`;

function usePast(path: string, atMs: number | null): Polled<Twin> {
  const client = useClient();
  const at = atMs === null ? '' : new Date(atMs).toISOString();
  return usePolled(`${path} ${at}`, atMs === null ? null : lastingEveryMs, (signal) =>
    client.get<Twin>(`${path}?at=${at}`, signal),
  );
}

interface Travel {
  readonly nowMs: number;
  readonly atMs: number | null;
  readonly onTravel: (atMs: number | null) => void;
}

interface PanelsProps {
  readonly twin: Twin;
  readonly isCutOff: boolean;
  readonly travel: Travel;
  readonly anomalies: Anomalies['anomalies'];
  readonly incidents: Parameters<typeof DecisionPanel>[0]['incidents'];
}

function Panels({ twin, isCutOff, travel, anomalies, incidents }: PanelsProps) {
  const client = useClient();
  const typePath = `/api/machine-types/${encodeURIComponent(twin.machineType)}`;
  const type = usePolled(typePath, lastingEveryMs, (signal) => client.get<MachineTypeSummary>(typePath, signal)).value;
  const isPast = travel.atMs !== null;
  const isStale = !isPast && stateOf(twin) === 'stale';
  const { toolPath, operatingMap } = type?.drawings ?? {};
  return (
    <>
      <Name twin={twin} typeTitle={type?.title ?? twin.machineType} />
      {isPast && <PastBanner twin={twin} travel={travel} />}
      {isStale && (
        <p class="banner stale" role="alert">
          ? {isCutOff ? 'This page is cut off from the server' : 'The machine is silent'}: every value below is how it
          was, not how it is.
        </p>
      )}
      <div class="panels">
        <DecisionPanel twin={twin} isCutOff={isCutOff} incidents={incidents} />
        <Health twin={twin} />
        <RemainingLife twin={twin} />
      </div>
      {twin.values.length > 0 && <Timeline twin={twin} anomalies={anomalies} {...travel} />}
      <Evidence twin={twin} />
      <Charts twin={twin} type={type} anomalies={anomalies} atMs={travel.atMs} nowMs={travel.nowMs}>
        {toolPath !== undefined && <ToolPath twin={twin} toolPath={toolPath} />}
        {operatingMap !== undefined && <OperatingMap twin={twin} map={operatingMap} />}
      </Charts>
      <section class="panel" aria-labelledby="anomalies">
        <h2 id="anomalies">Anomalies of the last 24 hours</h2>
        <AnomalyTable anomalies={anomalies} />
      </section>
      {twin.values.length > 0 && <Values twin={twin} isStale={isStale} />}
    </>
  );
}

function Name({ twin, typeTitle }: { readonly twin: Twin; readonly typeTitle: string }) {
  const state = stateOf(twin);
  return (
    <header class={`machine ${state}`}>
      <h1>{nameInFull(twin)}</h1>
      <span class="badge">
        <span aria-hidden="true">{stateSigns[state]}</span> {stateWords[state]}
      </span>
      <p class="quiet">
        {[typeTitle, twin.site, twin.line === twin.machineType ? '' : twin.line, `${twin.criticality} criticality`]
          .filter(Boolean)
          .join(' · ')}
        {twin.sampledAt === null ? ' · no sample yet' : ` · last sample ${formatTime(twin.sampledAt)}${ageOf(twin)}`}
      </p>
      <WorkPlace twin={twin} />
    </header>
  );
}

function PastBanner({ twin, travel }: { readonly twin: Twin; readonly travel: Travel }) {
  const unknown = twin.rebuilt?.unknown ?? [];
  return (
    <p class="banner past" role="status">
      <span>
        ◷ As it was at {formatTime(travel.atMs ?? 0)}, not as it is.
        {unknown.length > 0 && ` A history does not keep: ${unknown.join(', ')}.`}
      </span>
      <button type="button" onClick={() => travel.onTravel(null)}>
        Back to now
      </button>
    </p>
  );
}
