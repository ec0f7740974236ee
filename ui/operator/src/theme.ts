export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const themeKey = 'factory-twin-theme';
const changed = new EventTarget();

export const chosenTheme = (): Theme => themes.find((theme) => theme === localStorage.getItem(themeKey)) ?? 'auto';

export function applyTheme(): void {
  document.documentElement.dataset.theme = chosenTheme();
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(themeKey, theme);
  applyTheme();
  changed.dispatchEvent(new Event('change'));
}

/** What is drawn on a canvas has to be drawn anew in other colours. */
export function onThemeChange(listener: () => void): () => void {
  const device = matchMedia('(prefers-color-scheme: dark)');
  device.addEventListener('change', listener);
  changed.addEventListener('change', listener);
  return () => {
    device.removeEventListener('change', listener);
    changed.removeEventListener('change', listener);
  };
}

let probe: HTMLElement | null = null;

/** A colour of the style sheet as a canvas takes it: custom properties are told as they were written. */
export function colorOf(name: string): string {
  if (probe === null) {
    probe = document.createElement('i');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}
