import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = 'ui/operator';

/** Builds the operator page unless it is there and newer than its sources. */
export async function ensurePage(tell: (line: string) => void): Promise<void> {
  const built = join(folder, 'dist', 'index.html');
  const newest = Math.max(...[join(folder, 'src'), join(folder, 'index.html')].map(newestMs));
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  tell('building the operator page');
  // Loaded only when there is something to build: it costs a third of a second.
  const { build } = await import('vite');
  await build({ root: folder, configFile: join(folder, 'vite.config.ts'), logLevel: 'error' });
}

function newestMs(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), 0);
}
