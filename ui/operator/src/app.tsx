import { useEffect, useState } from 'preact/hooks';
import { Anomalies } from './anomalies.tsx';
import type { Client } from './client.ts';
import { Fleet } from './fleet.tsx';
import { Incidents } from './incidents.tsx';
import { Machine } from './machine.tsx';
import { SignIn } from './sign-in.tsx';

/** `#/`, `#/anomalies`, `#/machines/PUMP-001`. */
function useView(): readonly string[] {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return hash.replace(/^#\//, '').split('/').map(decodeURIComponent);
}

export function App({ client }: { readonly client: Client }) {
  const [isSignedIn, setSignedIn] = useState(client.isSignedIn);
  const [place = '', machineId] = useView();
  useEffect(() => {
    const back = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && place === 'machines') location.hash = '#/';
    };
    addEventListener('keydown', back);
    return () => removeEventListener('keydown', back);
  }, [place]);
  const signOut = (): void => {
    client.signOut();
    setSignedIn(false);
  };
  if (!isSignedIn) return <SignIn client={client} onDone={() => setSignedIn(true)} />;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('content')?.focus()}>
        Skip to content
      </button>
      <header class="top">
        <strong>Factory Twin</strong>
        <nav aria-label="Views">
          <a href="#/" aria-current={place === '' ? 'page' : undefined}>
            Fleet
          </a>
          <a href="#/incidents" aria-current={place === 'incidents' ? 'page' : undefined}>
            Incidents
          </a>
          <a href="#/anomalies" aria-current={place === 'anomalies' ? 'page' : undefined}>
            Anomalies
          </a>
        </nav>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </header>
      <main id="content" tabIndex={-1}>
        {place === 'machines' && machineId !== undefined ? (
          <Machine key={machineId} client={client} machineId={machineId} onSignedOut={signOut} />
        ) : place === 'incidents' ? (
          <Incidents client={client} onSignedOut={signOut} />
        ) : place === 'anomalies' ? (
          <Anomalies client={client} onSignedOut={signOut} />
        ) : (
          <Fleet client={client} onSignedOut={signOut} />
        )}
      </main>
    </>
  );
}
