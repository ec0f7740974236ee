import { useEffect, useState } from 'preact/hooks';
import type { Fleet as FleetAnswer } from '../../../core/api/rollup.ts';
import { Anomalies } from './anomalies/anomalies.tsx';
import type { Client } from './connection/client.ts';
import { Plant } from './connection/plant.ts';
import { usePolled } from './connection/polled.ts';
import { Session, useClient } from './connection/session-context.ts';
import { SignIn } from './connection/sign-in.tsx';
import { Fleet } from './fleet/fleet.tsx';
import { Incident } from './incidents/incident.tsx';
import { Incidents } from './incidents/incidents.tsx';
import { type OpenIncidents, useOpenIncidents } from './incidents/open-incidents.ts';
import { Machine } from './machine/machine.tsx';
import { Maintenance } from './maintenance/maintenance.tsx';
import { WorkOrder } from './maintenance/work-order.tsx';
import { Pipeline } from './pipeline/pipeline.tsx';
import { TopBar } from './top-bar.tsx';

/** `#/`, `#/incidents`, `#/machines/PUMP-001`, and `#/machines/PUMP-001/<moment>` as it was then. */
function usePlace(): readonly [view: string, name: string | undefined, at: string | undefined] {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const [view = '', name, at] = hash.replace(/^#\//, '').split('/').map(decodePart);
  return [view, name, at];
}

/** An address cut short in a mail is no reason for an empty page: what it names is looked for as it stands. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Escape leads from a machine or a work order back to where it stands in a list, unless something nearer takes it. */
function useEscape(view: string, name: string | undefined): void {
  useEffect(() => {
    const back = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || name === undefined) return;
      location.hash = view === 'machines' ? '#/' : `#/${view}`;
    };
    addEventListener('keydown', back);
    return () => removeEventListener('keydown', back);
  }, [view, name]);
}

export function App({ client }: { readonly client: Client }) {
  const [isSignedIn, setSignedIn] = useState(client.isSignedIn);
  const [farewell, setFarewell] = useState<string | null>(null);
  if (!isSignedIn) return <SignIn client={client} why={farewell} onDone={() => setSignedIn(true)} />;
  const signOut = (why: string | null): void => {
    client.signOut();
    setFarewell(why);
    setSignedIn(false);
  };
  return (
    <Session.Provider value={{ client, signOut }}>
      <InPlant />
    </Session.Provider>
  );
}

/** Sites and lines change seldom, and each question for them reads every twin: one in so many rounds. */
const plantRounds = 6;

function InPlant() {
  const client = useClient();
  const plant = usePolled('plant', plantRounds * client.config.refreshEveryMs, (signal) =>
    client.get<FleetAnswer>('/api/fleet', signal),
  );
  return (
    <Plant.Provider value={plant.value}>
      <SignedIn />
    </Plant.Provider>
  );
}

function SignedIn() {
  const [view, name, at] = usePlace();
  useEscape(view, name);
  const incidents = useOpenIncidents();
  const unacknowledged = (incidents.value ?? []).filter(({ state }) => state === 'open').length;
  // Whoever works in another tab sees it too.
  useEffect(() => {
    document.title = unacknowledged === 0 ? 'Factory Twin' : `(${unacknowledged}) Factory Twin`;
    return () => {
      document.title = 'Factory Twin';
    };
  }, [unacknowledged]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('content')?.focus()}>
        Skip to content
      </button>
      <TopBar view={view} unacknowledged={unacknowledged} />
      <p class="hidden" role="status">
        {unacknowledged === 0 ? '' : `${unacknowledged} incidents that nobody has acknowledged`}
      </p>
      <main id="content" tabIndex={-1}>
        <View view={view} name={name} at={at} incidents={incidents} />
      </main>
    </>
  );
}

interface ViewProps {
  readonly view: string;
  readonly name: string | undefined;
  readonly at: string | undefined;
  readonly incidents: OpenIncidents;
}

function View({ view, name, at, incidents }: ViewProps) {
  if (view === 'machines' && name !== undefined)
    return <Machine key={`${name} ${at}`} machineId={name} at={at} incidents={incidents} />;
  if (view === 'maintenance' && name !== undefined) return <WorkOrder key={name} workOrderId={name} />;
  if (view === 'incidents' && name !== undefined) return <Incident key={name} incidentId={name} />;
  if (view === 'incidents') return <Incidents polled={incidents} />;
  if (view === 'maintenance') return <Maintenance />;
  if (view === 'anomalies') return <Anomalies />;
  if (view === 'pipeline') return <Pipeline />;
  return <Fleet />;
}
