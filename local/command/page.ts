import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssembly } from '../template/assembly.ts';

const folder = 'ui/operator';
/** What the page is made from; beside it lies what was made. */
export const pageSources: readonly string[] = [join(folder, 'src'), join(folder, 'index.html')];

/** A stage for AWS has the page in its template, built with the synthesis; for the others the laptop serves its own. */
export const bringsPage = (assemblyFolder: string): boolean =>
  loadAssembly(assemblyFolder).some(({ template }) =>
    Object.values(template.Resources).some(({ Type }) => Type === 'AWS::CloudFront::Distribution'),
  );

/** Builds the laptop's own page unless it is there and newer than its sources. */
export async function ensurePage(tell: (line: string) => void): Promise<void> {
  const built = join(folder, 'dist', 'index.html');
  const newest = Math.max(...pageSources.map(newestMs));
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  tell('building the operator page');
  // Loaded only when there is something to build: it costs a third of a second.
  const { build } = await import('vite');
  await build({ root: folder, configFile: join(folder, 'vite.config.ts'), logLevel: 'error' });
}

/** When a file, or the newest one in a folder, was written. */
export function newestMs(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), 0);
}
