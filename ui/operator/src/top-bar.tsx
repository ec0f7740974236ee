import { useEffect, useRef } from 'preact/hooks';
import { leaveForSignOut } from './connection/hosted-sign-in.ts';
import { useMayAct, useSession } from './connection/session-context.ts';
import { chooseTheme, chosenTheme, type Theme, themes } from './theme.ts';

const views = [
  { view: '', title: 'Fleet' },
  { view: 'incidents', title: 'Incidents' },
  { view: 'maintenance', title: 'Maintenance' },
  { view: 'anomalies', title: 'Anomalies' },
  { view: 'pipeline', title: 'Pipeline' },
] as const;

/** Where one is, for what lies below a view. */
const viewOf = (view: string): string => (view === 'machines' ? '' : view);

export function TopBar({ view, unacknowledged }: { readonly view: string; readonly unacknowledged: number }) {
  const { client, signOut } = useSession();
  const { name, role } = client.person;
  const { hosted } = client.config;
  const nav = useRef<HTMLElement>(null);
  // A phone has no room for all of them.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [view]);
  const leave = (): void => {
    signOut(null);
    if (hosted !== undefined) leaveForSignOut(hosted);
  };
  return (
    <header class="top">
      <span class="brand">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M1 15V6l5 3V6l5 3V1h4v14z" />
        </svg>
        <strong>Factory Twin</strong>
      </span>
      <nav ref={nav} aria-label="Views">
        {views.map((one) => (
          <a key={one.view} href={`#/${one.view}`} aria-current={viewOf(view) === one.view ? 'page' : undefined}>
            {one.title}
            {one.view === 'incidents' && unacknowledged > 0 && (
              <span class="count">
                {unacknowledged}
                <span class="hidden"> not acknowledged</span>
              </span>
            )}
          </a>
        ))}
      </nav>
      <div class="who small">
        <span class="quiet name">
          {role === null || role === name ? name : `${name}, ${role}`}
          {useMayAct() ? '' : ', looks on'}
        </span>
        <ThemeChoice />
        <button type="button" class="plain" onClick={leave}>
          Sign out
        </button>
      </div>
    </header>
  );
}

const themeWords: Readonly<Record<Theme, string>> = { auto: 'Auto', light: 'Light', dark: 'Dark' };

function ThemeChoice() {
  return (
    <select
      aria-label="Colours"
      value={chosenTheme()}
      onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}
    >
      {themes.map((theme) => (
        <option key={theme} value={theme}>
          {themeWords[theme]}
        </option>
      ))}
    </select>
  );
}
